public import Foundation
public import Partitions

/// What a claim of one partition is asked for that a person has decided about.
public struct TakeRequest: Sendable {
    /// The job.
    public var job: String
    /// The partition.
    public var key: PartitionKey
    /// The fence that its row had when the person looked: of the attempt that is held, or is to be undone.
    public var fence: Int64
    /// The table that the job writes; the row must be about the same one.
    public var tableIdentity: String?
    /// The version of the transform that made the rows that shall be published.
    public var transformVersion: String
    /// The run on whose behalf the claim is made; nil, in an approval, for that of the attempt that is held.
    public var run: Int64?
    /// Who has decided.
    public var user: String
    /// Why.
    public var reason: String
    /// How long the lease lasts without a heartbeat.
    public var lease: Duration
    /// How long the attempt may take in all, if there is a limit.
    public var deadline: Duration?

    /// Creates a request.
    public init(
        job: String, key: PartitionKey, fence: Int64, tableIdentity: String?, transformVersion: String,
        run: Int64? = nil, user: String, reason: String, lease: Duration, deadline: Duration? = nil
    ) {
        self.job = job
        self.key = key
        self.fence = fence
        self.tableIdentity = tableIdentity
        self.transformVersion = transformVersion
        self.run = run
        self.user = user
        self.reason = reason
        self.lease = lease
        self.deadline = deadline
    }
}

/// What a person decided about a partition.
public enum DecisionKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// To publish what was held.
    case approve = "APPROVE"
    /// To drop what was held.
    case reject = "REJECT"
    /// To put back what an attempt had replaced.
    case undo = "UNDO"
}

/// A decision of a person, which is never changed.
public struct DecisionRow: Sendable, Hashable {
    /// What was decided.
    public var kind: DecisionKind
    /// The partition.
    public var key: PartitionKey
    /// The attempt that was held, or undone.
    public var originFence: Int64
    /// The attempt that carries the decision out; nil where nothing is to be carried out.
    public var newFence: Int64?
    /// Who has decided, as the program was told.
    public var user: String
    /// Who that was for the database.
    public var databaseUser: String
    /// When, by the database's clock.
    public var decidedAt: Date
    /// Why.
    public var reason: String

    /// Creates a row.
    public init(
        kind: DecisionKind, key: PartitionKey, originFence: Int64, newFence: Int64?, user: String, databaseUser: String,
        decidedAt: Date, reason: String
    ) {
        self.kind = kind
        self.key = key
        self.originFence = originFence
        self.newFence = newFence
        self.user = user
        self.databaseUser = databaseUser
        self.decidedAt = decidedAt
        self.reason = reason
    }
}
