/// Consecutive partitions of one granularity, half-open, enumerated in constant memory.
public struct PartitionRange: Sendable, Hashable, RandomAccessCollection, CustomStringConvertible {
    /// The granularity of every key in the range.
    public let granularity: Granularity
    /// The ordinals of the partitions.
    public let ordinals: Range<Int>

    /// Creates a range from ordinals.
    public init(granularity: Granularity, ordinals: Range<Int>) {
        self.granularity = granularity
        self.ordinals = ordinals
    }

    /// Creates the range from the first to the last key, both inclusive.
    ///
    /// - Throws: `PartitionError.emptyRange` where the first key lies after the last, and `.wrongGranularity` where
    ///   the two are of different granularities.
    public init(from first: PartitionKey, through last: PartitionKey) throws(PartitionError) {
        guard first.granularity == last.granularity else {
            throw .wrongGranularity(last.description, found: last.granularity, expected: first.granularity)
        }
        guard first <= last else { throw .emptyRange(from: first.description, to: last.description) }
        self.init(granularity: first.granularity, ordinals: first.ordinal..<(last.ordinal + 1))
    }

    /// The position of the first key.
    public var startIndex: Int { ordinals.lowerBound }
    /// The position after the last key.
    public var endIndex: Int { ordinals.upperBound }

    /// The key with the given ordinal.
    public subscript(ordinal: Int) -> PartitionKey {
        precondition(ordinals.contains(ordinal), "The ordinal lies outside of the range.")
        return PartitionKey(granularity: granularity, ordinal: ordinal)
    }

    /// Tells whether a key lies in the range, in constant time.
    public func contains(_ key: PartitionKey) -> Bool {
        key.granularity == granularity && ordinals.contains(key.ordinal)
    }

    /// The range as a user reads it, both ends inclusive: `2024-01-01 to 2024-06-30`.
    public var description: String {
        guard let first, let last else { return "no partitions" }
        return first == last ? first.description : "\(first) to \(last)"
    }

    /// Divides the range into at most `parts` contiguous ranges whose sizes differ by one at most.
    ///
    /// Fewer ranges come back where the range has fewer partitions than parts.
    public func split(into parts: Int) -> [PartitionRange] {
        precondition(parts > 0, "A range is split into at least one part.")
        let pieces = Swift.min(parts, count)
        return (0..<pieces).map { piece in
            let lower = ordinals.lowerBound + count * piece / pieces
            let upper = ordinals.lowerBound + count * (piece + 1) / pieces
            return PartitionRange(granularity: granularity, ordinals: lower..<upper)
        }
    }
}
