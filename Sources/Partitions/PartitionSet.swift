/// Any partitions of one granularity, kept as sorted, disjoint ranges.
///
/// The memory it takes grows with the number of gaps, not with the number of partitions.
public struct PartitionSet: Sendable, Hashable, Sequence {
    /// The granularity of every key in the set.
    public let granularity: Granularity
    /// The partitions as sorted ranges, none empty, no two touching.
    public private(set) var ranges: [PartitionRange]

    /// Creates a set of one range.
    public init(_ range: PartitionRange) {
        granularity = range.granularity
        ranges = range.isEmpty ? [] : [range]
    }

    /// Creates a set of keys, in any order, duplicates allowed.
    public init(granularity: Granularity, keys: some Sequence<PartitionKey>) {
        self.granularity = granularity
        ranges = []
        for key in keys.sorted() {
            precondition(key.granularity == granularity, "A set holds keys of one granularity.")
            append(key)
        }
    }

    /// The number of partitions.
    public var count: Int { ranges.reduce(0) { $0 + $1.count } }

    /// Tells whether there is no partition in the set.
    public var isEmpty: Bool { ranges.isEmpty }

    /// The first partition.
    public var first: PartitionKey? { ranges.first?.first }

    /// The last partition.
    public var last: PartitionKey? { ranges.last?.last }

    /// The smallest range that covers the set.
    public var hull: PartitionRange? {
        guard let lower = ranges.first?.ordinals.lowerBound, let upper = ranges.last?.ordinals.upperBound else {
            return nil
        }
        return PartitionRange(granularity: granularity, ordinals: lower..<upper)
    }

    /// Tells whether a key lies in the set, in logarithmic time.
    public func contains(_ key: PartitionKey) -> Bool {
        guard key.granularity == granularity else { return false }
        var lower = 0
        var upper = ranges.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if ranges[middle].ordinals.upperBound <= key.ordinal { lower = middle + 1 } else { upper = middle }
        }
        return lower < ranges.count && ranges[lower].ordinals.contains(key.ordinal)
    }

    /// Adds a key.
    ///
    /// - Precondition: The key lies in or after the last range.
    public mutating func append(_ key: PartitionKey) {
        append(PartitionRange(granularity: key.granularity, ordinals: key.ordinal..<(key.ordinal + 1)))
    }

    /// Adds a range.
    ///
    /// - Precondition: The range begins in or after the last one.
    public mutating func append(_ range: PartitionRange) {
        precondition(range.granularity == granularity, "A set holds keys of one granularity.")
        guard !range.isEmpty else { return }
        guard let last = ranges.last, range.ordinals.lowerBound <= last.ordinals.upperBound else {
            return ranges.append(range)
        }
        precondition(range.ordinals.lowerBound >= last.ordinals.lowerBound, "Ranges are added in ascending order.")
        let grown = last.ordinals.lowerBound..<Swift.max(last.ordinals.upperBound, range.ordinals.upperBound)
        ranges[ranges.count - 1] = PartitionRange(granularity: granularity, ordinals: grown)
    }

    /// The partitions of this set that are not in another.
    public func subtracting(_ other: PartitionSet) -> PartitionSet {
        var result = PartitionSet(granularity: granularity, keys: EmptyCollection())
        for range in ranges {
            var lower = range.ordinals.lowerBound
            for hole in other.ranges where hole.ordinals.overlaps(range.ordinals) {
                result.appendRange(lower..<Swift.max(lower, hole.ordinals.lowerBound))
                lower = hole.ordinals.upperBound
            }
            result.appendRange(lower..<Swift.max(lower, range.ordinals.upperBound))
        }
        return result
    }

    private mutating func appendRange(_ ordinals: Range<Int>) {
        append(PartitionRange(granularity: granularity, ordinals: ordinals))
    }

    /// Enumerates the keys by time.
    public func makeIterator() -> some IteratorProtocol<PartitionKey> {
        ranges.lazy.flatMap { $0 }.makeIterator()
    }
}
