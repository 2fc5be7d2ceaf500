internal import Partitions

/// Lists of partitions as they are typed: `2024-01-05,2024-02-01..2024-02-29`.
enum PartitionList {
    /// Parses lists into one set; nil where there is nothing in them.
    static func parse(_ lists: [String], as granularity: Granularity) throws -> PartitionSet? {
        union(of: try words(of: lists).map { try range($0, granularity) })
    }

    /// The partitions of lists that are named on their own, and not by a range.
    static func singles(_ lists: [String], as granularity: Granularity) throws -> [PartitionKey] {
        try words(of: lists).filter { !$0.contains("..") }
            .map { try PartitionKey(parsing: String($0), as: granularity) }
    }

    /// A set as `parse` reads it back.
    static func text(of set: PartitionSet) -> String {
        set.ranges.compactMap { range in
            guard let first = range.first, let last = range.last else { return nil }
            return first == last ? first.description : "\(first)..\(last)"
        }.joined(separator: ",")
    }

    private static func words(of lists: [String]) -> [Substring] {
        lists.flatMap { $0.split(whereSeparator: { $0 == "," || $0 == " " }) }
    }

    private static func range(_ word: Substring, _ granularity: Granularity) throws -> PartitionRange {
        guard let dots = word.firstRange(of: "..") else {
            let key = try PartitionKey(parsing: String(word), as: granularity)
            return try PartitionRange(from: key, through: key)
        }
        guard dots.lowerBound > word.startIndex, dots.upperBound < word.endIndex else {
            let key = granularity.exampleKey
            throw UsageError("'\(word)' is not a range: both ends are written, as in \(key)..\(key).")
        }
        let first = try PartitionKey(parsing: String(word[..<dots.lowerBound]), as: granularity)
        let last = try PartitionKey(parsing: String(word[dots.upperBound...]), as: granularity)
        return try PartitionRange(from: first, through: last)
    }

    /// The union is what is left of the hull after the gaps were taken out, so that no range is ever enumerated.
    private static func union(of ranges: [PartitionRange]) -> PartitionSet? {
        guard let first = ranges.first else { return nil }
        let lower = ranges.map(\.ordinals.lowerBound).min() ?? first.ordinals.lowerBound
        let upper = ranges.map(\.ordinals.upperBound).max() ?? first.ordinals.upperBound
        let hull = PartitionSet(PartitionRange(granularity: first.granularity, ordinals: lower..<upper))
        let gaps = ranges.reduce(hull) { $0.subtracting(PartitionSet($1)) }
        return hull.subtracting(gaps)
    }
}
