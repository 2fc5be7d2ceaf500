public import Foundation
public import Partitions

/// One attempt that was made on behalf of a run, with what it found in the table and what it took.
public struct RunAttempt: Sendable, Hashable {
    /// The partition.
    public var key: PartitionKey
    /// The attempt's fence, which orders the history.
    public var fence: Int64
    /// What it was made for.
    public var kind: AttemptKind
    /// How it ended: see `AttemptRow.outcome`.
    public var outcome: String
    /// The table held the same rows already, and nothing was published.
    public var wasUnchanged: Bool
    /// Who made it.
    public var worker: String
    /// The machine.
    public var host: String?
    /// When it was claimed.
    public var startedAt: Date
    /// When it ended; nil while it runs.
    public var endedAt: Date?
    /// Why it failed, or is held.
    public var errorMessage: String?
    /// Rows staged, or adopted.
    public var rowsWritten: Int64?
    /// Bytes staged.
    public var bytesWritten: Int64?
    /// What it took.
    public var cost: AttemptCost
    /// The version of the transform that ran.
    public var transformVersion: String?
    /// What the table calls the published generation.
    public var tableVersion: String?
    /// The versions of the tables that it read, by the paths of their folders.
    public var sourceVersions: [String: Int64]
    /// There was something in the table that it has replaced, or would replace.
    public var hasReplaced: Bool
    /// The rows of that; nil where nobody counted them.
    public var replacedRows: Int64?
    /// The bytes of that.
    public var replacedBytes: Int64?
    /// What it staged is held, and waits for a decision.
    public var waits: Bool

    /// Creates an attempt.
    public init(
        key: PartitionKey, fence: Int64, kind: AttemptKind = .run, outcome: String, wasUnchanged: Bool = false,
        worker: String, host: String? = nil, startedAt: Date, endedAt: Date? = nil, errorMessage: String? = nil,
        rowsWritten: Int64? = nil, bytesWritten: Int64? = nil,
        cost: AttemptCost = AttemptCost(), transformVersion: String? = nil, tableVersion: String? = nil,
        sourceVersions: [String: Int64] = [:], hasReplaced: Bool = false, replacedRows: Int64? = nil,
        replacedBytes: Int64? = nil, waits: Bool = false
    ) {
        self.key = key
        self.fence = fence
        self.kind = kind
        self.outcome = outcome
        self.wasUnchanged = wasUnchanged
        self.worker = worker
        self.host = host
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.errorMessage = errorMessage
        self.rowsWritten = rowsWritten
        self.bytesWritten = bytesWritten
        self.cost = cost
        self.transformVersion = transformVersion
        self.tableVersion = tableVersion
        self.sourceVersions = sourceVersions
        self.hasReplaced = hasReplaced
        self.replacedRows = replacedRows
        self.replacedBytes = replacedBytes
        self.waits = waits
    }
}
