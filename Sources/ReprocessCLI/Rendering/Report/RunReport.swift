internal import Foundation
internal import Partitions
internal import ProgressStore

/// One run, as the ledger tells it afterwards: what a report says in whatever form.
struct RunReport: Sendable {
    /// A partition, and why it is held or failed.
    struct Reasoned: Sendable, Hashable {
        let key: PartitionKey
        let reason: String?
    }

    /// What was published instead of what was there.
    struct Totals: Sendable, Hashable {
        var oldRows: Int64 = 0
        var newRows: Int64 = 0
        var oldBytes: Int64 = 0
        var newBytes: Int64 = 0
        /// Partitions that held something of which nobody has counted the rows, so that they are left out of `oldRows`.
        var uncounted = 0
    }

    /// What all attempts took together: also those that failed.
    struct Cost: Sendable, Hashable {
        var attempts = 0
        /// Attempts that were given back, as when a run is called off.
        var released = 0
        /// Attempts whose worker was lost.
        var lost = 0
        /// The size of the sources, of the attempts of which it is known; nil where it is of none.
        var bytesRead: Int64?
        /// The rows of these sources, of the attempts of which they are known; nil where they are of none.
        var rowsRead: Int64?
        /// Attempts whose time in the engine is known, but not the rows of their sources.
        var uncountedSources = 0
        var engineSeconds: Double?
        /// Attempts of which it is not known what they took in the engine, as of those that were lost with their worker.
        var unmeasured = 0
    }

    /// What one worker did.
    struct Part: Sendable, Hashable {
        let worker: String
        var host: String?
        var attempts = 0
        var complete = 0
        var failed = 0
        var rows: Int64 = 0
        var engineSeconds: Double?
    }

    /// The first and the last version that a run saw of something.
    struct Versions: Sendable, Hashable {
        var first: String
        var last: String
    }

    let run: RunRow
    /// Its process has given a sign of life lately.
    let isLive: Bool
    let now: Date
    /// The partitions by what the run made of them, by key.
    var keys: [JudgedState: [PartitionKey]] = [:]
    var failed: [Reasoned] = []
    var held: [Reasoned] = []
    /// Attempts that have not ended.
    var running = 0
    var totals = Totals()
    var cost = Cost()
    var timeline: ReportTimeline
    var durations: DurationSpread?
    /// The partitions that took longest, with the time from claim to record.
    var slowest: [SlowAttempt] = []
    var failures = FailureGroups()
    /// By the number of attempts.
    var workers: [Part] = []
    var tableVersions: Versions?
    /// The versions of the tables that were read, by their folders.
    var sourceVersions: [String: Versions] = [:]
    var events: [ControlEvent] = []

    /// The first and the last partition of the range asked for; nothing where it was empty.
    var range: [PartitionKey] { [run.firstKey, run.lastKey].compactMap { $0 } }

    var duration: Duration { TimeText.elapsed(from: run.startedAt, to: run.endedAt ?? now) }

    func count(_ state: JudgedState) -> Int { keys[state]?.count ?? 0 }

    func keys(_ states: JudgedState...) -> [PartitionKey] { states.flatMap { keys[$0] ?? [] }.sorted() }

    /// The partitions to be run that this run has not begun, or given back: other processes did them, or nobody yet.
    var notByThisRun: Int { max(0, Int(run.planned) - running - keys.values.reduce(0) { $0 + $1.count }) }

    /// How it ended, or that it has not.
    var course: RunCourse { RunCourse(run, isLive: isLive) }
}

/// How a run stands, as people are told.
enum RunCourse: Sendable, Hashable {
    case running
    /// Nobody has recorded its end, and its process gives no sign of life.
    case gone
    case ended(outcome: String)

    init(_ run: RunRow, isLive: Bool) {
        self = run.outcome.map { .ended(outcome: $0) } ?? (isLive ? .running : .gone)
    }

    var word: String {
        switch self {
        case .running: "running"
        case .gone: "gone"
        case .ended(let outcome): outcome.lowercased()
        }
    }

    var isFinished: Bool { self == .ended(outcome: "FINISHED") }

    /// The course with its duration: `finished after 1m 12s`.
    func sentence(_ duration: String) -> String {
        switch self {
        case .running: "running for \(duration)"
        case .gone: "not ended: its process gives no sign of life, \(duration) after it began"
        case .ended: "\(word) after \(duration)"
        }
    }
}
