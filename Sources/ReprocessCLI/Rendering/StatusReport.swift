internal import Foundation
internal import Partitions
internal import ProgressStore

/// Where the partitions of a job stand at one moment.
struct StatusReport: Sendable {
    let job: String
    /// The range asked for; nil for everything that the ledger knows.
    let range: PartitionRange?
    let counts: [Status: Int]
    /// Partitions made COMPLETE in a minute, lately.
    let perMinute: Double?
    let running: [ProgressRow]
    let failed: [ProgressRow]
    let held: [ProgressRow]
    let now: Date
    /// The runs that are at work.
    var runs: [LiveRun] = []

    /// Partitions that the ledger knows.
    var known: Int { counts.values.reduce(0, +) }

    /// Partitions of the range that nobody has planned yet.
    var unplanned: Int { range.map { max(0, $0.count - known) } ?? 0 }

    /// All partitions that are looked at.
    var total: Int { known + unplanned }

    /// Partitions that are to come to an end without anybody doing anything.
    var left: Int { (counts[.pending] ?? 0) + (counts[.running] ?? 0) }

    var isGoingOn: Bool { left > 0 }

    /// How long what is left will take at the latest rate; nil where nothing runs.
    var remaining: Duration? {
        guard let perMinute, perMinute > 0, left > 0, !running.isEmpty else { return nil }
        let seconds = Double(left) / perMinute * 60
        return seconds < 1e9 ? .seconds(max(1, Int64(seconds.rounded()))) : nil
    }
}
