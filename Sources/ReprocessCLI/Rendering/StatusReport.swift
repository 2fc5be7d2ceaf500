internal import Foundation
internal import PartitionBackfill
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
    /// What runs in all processes whose worker is alive; nil where nothing does.
    var work: RunningWork?
    /// The attempts that ended last, from which it is foretold how long the others take.
    var recent: [RecentAttempt] = []
    /// How far the runs at work have come.
    var advances: [RunAdvance] = []
    /// What is left for the runs at work, partition by partition; nil where none of them has foretold it.
    var workLeft: WorkLeft?
    /// The ranges of the runs that have foretold it.
    var foretold: Set<[PartitionKey?]> = []

    /// Partitions that the ledger knows.
    var known: Int { counts.values.reduce(0, +) }

    /// Partitions of the range that nobody has planned yet.
    var unplanned: Int { range.map { max(0, $0.count - known) } ?? 0 }

    /// All partitions that are looked at.
    var total: Int { known + unplanned }

    /// Partitions that are to come to an end without anybody doing anything.
    var left: Int { (counts[.pending] ?? 0) + (counts[.running] ?? 0) }

    var isGoingOn: Bool { left > 0 }

    /// Partitions that the runs at work still have to bring to an end; what is left in the ledger where it is not known.
    ///
    /// A partition that is COMPLETE and to be made anew is not PENDING before it is claimed: only its run knows of it.
    var ahead: Int {
        if let workLeft, range == nil, areAllForetold, workLeft.isExact || advances.contains(where: { $0.ended == nil })
        {
            return Int(workLeft.count.rounded())
        }
        guard range == nil, !advances.isEmpty, advances.allSatisfy({ $0.ended != nil }) else { return left }
        // Processes of one command have one range, each with what was left of it when it began.
        let groups = Dictionary(grouping: advances) { [$0.first, $0.last] }
        return groups.values.reduce(0) { sum, runs in
            sum + (runs.map { max(0, $0.planned - ($0.ended ?? 0)) }.max() ?? 0)
        }
    }

    /// Whether every run at work has foretold what its partitions take.
    private var areAllForetold: Bool {
        !advances.isEmpty && advances.allSatisfy { foretold.contains([$0.first, $0.last]) }
    }

    /// How long what is left will take, by what each partition was foretold to take, or else at the latest rate; nil where
    /// nothing runs.
    var remaining: RemainingTime? {
        guard isGoingOn, !running.isEmpty || work != nil else { return nil }
        return remainingByPrice ?? remainingByCount
    }

    /// Whether what is left is foretold by what each partition takes.
    var isPriced: Bool { isGoingOn && remainingByPrice != nil }

    private var remainingByPrice: RemainingTime? { end.flatMap { RemainingTime($0) } }

    /// When the work that is left is done, shared by those who are at it.
    var end: WorkEnd? {
        guard let work, let workLeft else { return nil }
        return workLeft.end(running: work.count, others: max(0, Double(ahead) - workLeft.count))
    }

    /// As many as run now are done within the time that one takes.
    private var remainingByCount: RemainingTime? {
        let durations = recent.map(\.seconds)
        let mean = durations.reduce(0, +) / Double(max(1, durations.count))
        if let work, durations.count >= Self.fewestAttempts, mean > 0 {
            return RemainingTime(count: ahead, perSecond: Double(work.count) / mean, durations: durations)
        }
        return perMinute.flatMap { RemainingTime(count: ahead, perSecond: $0 / 60, durations: []) }
    }

    /// Partitions that are listed as the heaviest that are to come.
    static let heaviestCount = 10

    /// Fewer attempts say nothing about what comes.
    private static let fewestAttempts = 3
}
