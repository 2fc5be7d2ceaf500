public import Foundation
public import Partitions

/// One row of `partition_progress`.
public struct ProgressRow: Sendable, Hashable {
    /// The partition.
    public var key: PartitionKey
    /// Where it stands.
    public var status: Status
    /// Attempts since it was last reopened.
    public var attempt: Int
    /// The fence of its last claim, or of the mark that a person put on it; 0 where it has had neither.
    public var fence: Int64
    /// The worker of its last claim.
    public var worker: String?
    /// When its lease ends without a heartbeat.
    public var leaseExpiresAt: Date?
    /// RUNNING, but its lease has ended by the database's clock: its worker is taken for dead.
    public var isLeaseExpired: Bool
    /// When its last attempt started.
    public var startedAt: Date?
    /// When it became COMPLETE, FAILED or CANCELLED.
    public var completedAt: Date?
    /// Why its last attempt failed.
    public var errorMessage: String?
    /// Rows in the published generation.
    public var rowsWritten: Int64?
    /// Bytes of the published files.
    public var bytesWritten: Int64?
    /// The version of the transform that made it COMPLETE; nil where it was marked by hand, which counts for every one.
    public var transformVersion: String?
    /// What the table calls the published generation.
    public var tableVersion: String?
    /// How long until anybody may claim it, by the database's clock; nil where it has ended or is held, and where rows
    /// were not asked for by key.
    public var eligibleIn: Duration?
    /// Finished batches of the generation that is being made; 0 where it is made in one pass, and when it is made.
    public var batches = 0
    /// The rows of these batches.
    public var batchRows: Int64 = 0

    /// Creates a row.
    public init(
        key: PartitionKey, status: Status, attempt: Int = 0, fence: Int64 = 0, worker: String? = nil,
        leaseExpiresAt: Date? = nil, isLeaseExpired: Bool = false, startedAt: Date? = nil, completedAt: Date? = nil,
        errorMessage: String? = nil, rowsWritten: Int64? = nil, bytesWritten: Int64? = nil,
        transformVersion: String? = nil, tableVersion: String? = nil, eligibleIn: Duration? = nil
    ) {
        self.key = key
        self.status = status
        self.attempt = attempt
        self.fence = fence
        self.worker = worker
        self.leaseExpiresAt = leaseExpiresAt
        self.isLeaseExpired = isLeaseExpired
        self.startedAt = startedAt
        self.completedAt = completedAt
        self.errorMessage = errorMessage
        self.rowsWritten = rowsWritten
        self.bytesWritten = bytesWritten
        self.transformVersion = transformVersion
        self.tableVersion = tableVersion
        self.eligibleIn = eligibleIn
    }
}

/// The few columns that a plan decides on.
public struct PlanRow: Sendable, Hashable {
    /// The partition.
    public var key: PartitionKey
    /// Where it stands.
    public var status: Status
    /// The version of the transform that made it COMPLETE; of a HELD one, that of what is held.
    public var transformVersion: String?
    /// What its sources were when it became COMPLETE, or what is held was made; nil counts for all that they may be, and where it
    /// is neither.
    public var sourceIdentity: String?
    /// The table that it was last made in; nil where that is not known.
    public var tableIdentity: String?
    /// RUNNING, but its lease has ended by the database's clock.
    public var isLeaseExpired: Bool
    /// Another job has a live claim of the same partition of the same table.
    public var isClaimedByOtherJob: Bool

    /// Creates a row.
    public init(
        key: PartitionKey, status: Status, transformVersion: String? = nil, isLeaseExpired: Bool = false,
        isClaimedByOtherJob: Bool = false, sourceIdentity: String? = nil, tableIdentity: String? = nil
    ) {
        self.key = key
        self.status = status
        self.transformVersion = transformVersion
        self.isLeaseExpired = isLeaseExpired
        self.isClaimedByOtherJob = isClaimedByOtherJob
        self.sourceIdentity = sourceIdentity
        self.tableIdentity = tableIdentity
    }
}

/// One attempt of the history, which is never overwritten.
public struct AttemptRow: Sendable, Hashable {
    /// The fence of the attempt, which orders the history.
    public var fence: Int64
    /// The random id of its claim.
    public var claimID: UUID
    /// Which attempt it was since the partition was last reopened.
    public var attempt: Int
    /// The run on whose behalf it was made.
    public var run: Int64?
    /// Who made it.
    public var worker: String
    /// The machine.
    public var host: String?
    /// When it was claimed.
    public var startedAt: Date
    /// When it ended, by whatever outcome.
    public var endedAt: Date?
    /// RUNNING, COMPLETE, FAILED, RETRY, RELEASED, HELD, LOST (its worker vanished) or ADOPTED.
    ///
    /// HELD stays, whatever was decided afterwards: the decisions tell that.
    public var outcome: String
    /// Why it failed, or is held.
    public var errorMessage: String?
    /// Rows published.
    public var rowsWritten: Int64?
    /// Bytes published.
    public var bytesWritten: Int64?
    /// The version of the transform that ran.
    public var transformVersion: String?
    /// What the table calls the published generation.
    public var tableVersion: String?
    /// The versions of the tables that it read, by the paths of their folders.
    public var sourceVersions: [String: Int64]
    /// What the attempt was made for.
    public var kind: AttemptKind
    /// The attempt that was approved or undone by this one.
    public var originFence: Int64?
    /// The table held the same rows already, and nothing was published.
    public var wasUnchanged: Bool
    /// What the sources were when they were read.
    public var sourceIdentity: String?
    /// What it took.
    public var cost: AttemptCost

    /// Creates a row.
    public init(
        fence: Int64, claimID: UUID, attempt: Int, run: Int64?, worker: String, host: String?, startedAt: Date,
        endedAt: Date?, outcome: String, errorMessage: String?, rowsWritten: Int64?, bytesWritten: Int64?,
        transformVersion: String?, tableVersion: String?, sourceVersions: [String: Int64] = [:],
        kind: AttemptKind = .run, originFence: Int64? = nil, wasUnchanged: Bool = false, sourceIdentity: String? = nil,
        cost: AttemptCost = AttemptCost()
    ) {
        self.fence = fence
        self.claimID = claimID
        self.attempt = attempt
        self.run = run
        self.worker = worker
        self.host = host
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.outcome = outcome
        self.errorMessage = errorMessage
        self.rowsWritten = rowsWritten
        self.bytesWritten = bytesWritten
        self.transformVersion = transformVersion
        self.tableVersion = tableVersion
        self.sourceVersions = sourceVersions
        self.kind = kind
        self.originFence = originFence
        self.wasUnchanged = wasUnchanged
        self.sourceIdentity = sourceIdentity
        self.cost = cost
    }
}
