internal import Partitions
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
