public import Foundation
public import Partitions

/// What the ledger recorded of a COMPLETE partition.
public struct CompleteRow: Sendable, Hashable {
    /// The partition.
    public var key: PartitionKey
    /// The fence of the attempt, or of the mark, that made it COMPLETE.
    public var fence: Int64
    /// The table that was written.
    public var tableIdentity: String?
    /// Rows in the published generation.
    public var rowsWritten: Int64?
    /// Bytes of the published files.
    public var bytesWritten: Int64?
    /// What the table calls the published generation; nil where somebody else than this program wrote the row.
    public var tableVersion: String?

    /// Creates a row.
    public init(
        key: PartitionKey, fence: Int64, tableIdentity: String? = nil, rowsWritten: Int64? = nil,
        bytesWritten: Int64? = nil, tableVersion: String? = nil
    ) {
        self.key = key
        self.fence = fence
        self.tableIdentity = tableIdentity
        self.rowsWritten = rowsWritten
        self.bytesWritten = bytesWritten
        self.tableVersion = tableVersion
    }
}

/// What the ledger knows of an attempt that a table names.
public struct KnownAttempt: Sendable, Hashable {
    /// Its fence.
    public var fence: Int64
    /// The random id of its claim.
    public var claimID: UUID
    /// The job that made it.
    public var job: String
    /// The partition that it was made for.
    public var key: PartitionKey
    /// RUNNING, or how it ended: see `AttemptRow.outcome`.
    public var outcome: String
    /// How long ago it ended, by the database's clock; nil where that has not been recorded.
    public var endedAgo: Duration?
    /// It has a claim whose lease has not ended, by the database's clock.
    public var isLive: Bool
    /// The table that its job writes in this partition; nil where that has none, or the row is gone.
    public var tableIdentity: String?
    /// What it staged waits for a person, or is being published by an approval; false where that has been decided, or the
    /// partition was overtaken.
    public var isHeld: Bool

    /// Creates an attempt.
    public init(
        fence: Int64, claimID: UUID, job: String, key: PartitionKey, outcome: String, endedAgo: Duration?,
        isLive: Bool, tableIdentity: String? = nil, isHeld: Bool = false
    ) {
        self.tableIdentity = tableIdentity
        self.fence = fence
        self.claimID = claimID
        self.job = job
        self.key = key
        self.outcome = outcome
        self.endedAgo = endedAgo
        self.isLive = isLive
        self.isHeld = isHeld
    }
}

/// A COMPLETE partition that is to be run again.
public struct Reopening: Sendable, Hashable {
    /// The partition.
    public var key: PartitionKey
    /// The fence that its row had when it was compared with the table.
    public var fence: Int64
    /// Why, for those who read its history.
    public var reason: String

    /// Creates a reopening.
    public init(key: PartitionKey, fence: Int64, reason: String) {
        self.key = key
        self.fence = fence
        self.reason = reason
    }
}
