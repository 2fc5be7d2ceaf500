internal import PartitionBackfill
internal import Partitions

/// A difference between ledger and table in words.
enum DifferenceText {
    /// More names than these are counted.
    private static let greatestNameCount = 3

    /// What was found, and where it helps, what was recorded.
    static func detail(of difference: Difference) -> String {
        switch difference {
        case .gone(let table):
            return "the table has no files of it" + (table.map { "; the ledger recorded \($0)" } ?? "")
        case .foreignFiles(let names): return Self.names(of: names)
        case .otherGeneration(let origin, let fence): return generation(origin, fence)
        case .filesMissing(let names, let count):
            return "\(Self.names(of: names)) (\(count - names.count) of \(count) are there)"
        case .extraFiles(let names), .notFiles(let names): return Self.names(of: names)
        case .bytes(let found, let recorded):
            return "\(NumberText.grouped(found)) bytes, recorded were \(NumberText.grouped(recorded))"
        case .rows(let found, let recorded):
            return "\(NumberText.grouped(found)) rows, recorded were \(NumberText.grouped(recorded))"
        case .rowsDeleted(let names, let rows):
            return "\(NumberText.counted(Int(rows), "row")) of \(Self.names(of: names)), by a deletion vector"
        case .unreadable(let file, let reason): return "\(file): \(reason)"
        case .rowsOutside(let count):
            return "\(NumberText.counted(Int(count), "row")) of other partitions"
        }
    }

    private static func generation(_ origin: Difference.Origin, _ fence: Int64) -> String {
        switch origin {
        case .earlier: "the files of fence \(fence), which is older than what was recorded"
        case .later: "the files of fence \(fence), which is newer than what was recorded"
        case .unrecorded(let outcome): "the files of fence \(fence), whose attempt is \(outcome) and was never recorded"
        case .otherPartition(let job, let key): "the files of \(job) \(key), fence \(fence)"
        case .unknown: "the files of fence \(fence), of an attempt that this ledger does not know"
        }
    }

    private static func names(of names: [String]) -> String {
        let shown = names.prefix(greatestNameCount).joined(separator: ", ")
        let more = names.count - greatestNameCount
        return more > 0 ? "\(shown) and \(NumberText.grouped(more)) more" : shown
    }
}
