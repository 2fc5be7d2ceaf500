internal import Foundation
internal import PartitionBackfill
internal import Partitions
internal import ProgressStore
internal import Transforms

struct PartitionSummary: Sendable, Hashable {
    var rows: Int64?
    var bytes: Int64?
    var statistics: PartitionStatistics?
}

enum AttemptKind: String, Sendable, Hashable { case run = "RUN", approve = "APPROVE", undo = "UNDO" }

struct Judged: Sendable, Hashable {
    var key: PartitionKey
    var kind: AttemptKind
    var outcome: String
    var wasUnchanged: Bool
    var reason: String?
    var old: PartitionSummary?
    var new: PartitionSummary?
    var findings: [AuditFinding]
    var fence: Int64
    var run: Int64?
    var transformVersion: String?
}

enum DecisionOutcome: Sendable, Hashable {
    case published(version: String?, rows: Int64?)
    case unchanged
    case rejected
    case changedMeanwhile(reason: String)
    case notHeld
    case failed(error: String)
}

struct HeldPartition: Sendable {
    var token: ClaimToken
    var runID: Int64?
    var heldAt: Date
    var reason: String
    var rowsWritten: Int64?
    var bytesWritten: Int64?
    var key: PartitionKey { token.key }
}

struct DecisionReport: Sendable { var outcomes: [(PartitionKey, DecisionOutcome)] }

struct UndoRequest: Sendable {
    enum Scope: Sendable { case partitions(PartitionSet), run(Int64) }
    var scope: Scope
    var force: Bool
    var user: String
    var reason: String
    var dryRun: Bool
}

enum UndoOutcome: Sendable, Hashable {
    case wouldPutBack(rows: Int64?, bytes: Int64?, until: Duration?)
    case putBack(version: String?, rows: Int64?)
    case emptied
    case nothingToUndo(reason: String)
    case refused(reason: String)
    case gone(reason: String)
    case failed(error: String)
}

struct UndoReport: Sendable {
    var run: Int64?
    var outcomes: [(PartitionKey, UndoOutcome)]
}

struct RunRow: Sendable {
    var id: Int64
    var job: String
    var firstKey: String
    var lastKey: String
    var planned: Int
    var transformVersion: String
    var options: String
    var reason: String?
    var worker: String
    var startedAt: Date
    var endedAt: Date?
    var outcome: String?
    var skipped: Int?
}

struct Unavailable: Error {}

extension Backfill {
    func held(_ partitions: PartitionSet?) async throws -> [HeldPartition] { throw Unavailable() }
    func approve(
        _ held: [HeldPartition], by user: String, reason: String, onEvent: @escaping @Sendable (BackfillEvent) -> Void
    ) async throws -> DecisionReport { throw Unavailable() }
    func reject(_ held: [HeldPartition], by user: String, reason: String) async throws -> DecisionReport {
        throw Unavailable()
    }
    func undo(
        _ request: UndoRequest, onEvent: @escaping @Sendable (BackfillEvent) -> Void
    ) async throws -> UndoReport { throw Unavailable() }
    func judged(_ partitions: PartitionSet) async throws -> [Judged] { throw Unavailable() }
    func judged(run: Int64) async throws -> [Judged] { throw Unavailable() }
    func judgements(of key: PartitionKey) async throws -> [Judged] { throw Unavailable() }
    func compareRows(of key: PartitionKey, keyColumns: [String], sampleSize: Int) async throws -> RowComparison {
        throw Unavailable()
    }
    func canary(_ plan: BackfillPlan) async throws -> PartitionSet { throw Unavailable() }
}

extension Ledger {
    func runs(job: String, limit: Int) async throws -> [RunRow] { throw Unavailable() }
    func run(_ id: Int64) async throws -> RunRow? { throw Unavailable() }
}
