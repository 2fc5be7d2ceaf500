internal import Partitions

/// How much of a list is shown to people: a report of a million partitions stays one that can be read.
enum ReportLimits {
    static let ranges = 24
    static let groups = 50
    static let held = 200
    static let workers = 100
    static let events = 200

    /// The first of many, and the sentence that says how many there are beside them.
    static func cut<Element>(_ all: [Element], to limit: Int) -> (shown: [Element], rest: String?) {
        guard all.count > limit else { return (all, nil) }
        return (Array(all.prefix(limit)), "and \(NumberText.grouped(all.count - limit)) more")
    }

    /// Partitions as ranges: `2024-01-01 to 2024-01-03, 2024-01-05 and 9,000 more ranges`.
    static func ranges(of keys: [PartitionKey], limit: Int = ranges) -> String {
        guard let first = keys.first else { return "" }
        let ranges = PartitionSet(granularity: first.granularity, keys: keys).ranges
        let (shown, rest) = cut(ranges, to: limit)
        return shown.map(\.description).joined(separator: ", ") + (rest.map { " \($0) ranges" } ?? "")
    }
}
