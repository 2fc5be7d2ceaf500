public import Foundation
public import Partitions

/// One run of the history.
public struct RunRow: Sendable, Hashable {
    /// Its number.
    public var id: Int64
    /// The job.
    public var job: String
    /// The first partition of the range asked for; nil where the range was empty.
    public var firstKey: PartitionKey?
    /// The last partition of the range asked for; nil where the range was empty.
    public var lastKey: PartitionKey?
    /// How many partitions were to be run.
    public var planned: Int64
    /// The table that the job wrote.
    public var tableIdentity: String?
    /// The version of the transform.
    public var transformVersion: String
    /// The options of the run, as text, for people.
    public var options: String
    /// Why it was made, in the user's words.
    public var reason: String?
    /// Who made it.
    public var worker: String
    /// Who that was for the database.
    public var databaseUser: String
    /// What has been asked of it: see `RunControl`.
    public var control: String
    /// When it began.
    public var startedAt: Date
    /// When it ended; nil where that has not been recorded.
    public var endedAt: Date?
    /// How it ended; nil where that has not been recorded.
    public var outcome: String?
    /// Partitions that it made COMPLETE.
    public var complete: Int64?
    /// Partitions that it left FAILED.
    public var failed: Int64?
    /// Partitions that its plan skipped.
    public var skipped: Int64?

    /// Creates a row.
    public init(
        id: Int64, job: String, firstKey: PartitionKey?, lastKey: PartitionKey?, planned: Int64, tableIdentity: String?,
        transformVersion: String, options: String, reason: String?, worker: String, databaseUser: String,
        control: String, startedAt: Date, endedAt: Date?, outcome: String?, complete: Int64?, failed: Int64?,
        skipped: Int64?
    ) {
        self.id = id
        self.job = job
        self.firstKey = firstKey
        self.lastKey = lastKey
        self.planned = planned
        self.tableIdentity = tableIdentity
        self.transformVersion = transformVersion
        self.options = options
        self.reason = reason
        self.worker = worker
        self.databaseUser = databaseUser
        self.control = control
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.outcome = outcome
        self.complete = complete
        self.failed = failed
        self.skipped = skipped
    }
}
