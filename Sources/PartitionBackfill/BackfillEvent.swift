public import Partitions

/// What happens in a run, as it happens.
public enum BackfillEvent: Sendable {
    /// The run begins.
    case started(run: Int64, plan: BackfillPlan, workers: Int)
    /// A partition was claimed.
    case claimed(PartitionKey, attempt: Int, takenOver: Bool)
    /// A partition is COMPLETE.
    ///
    /// The table's version is what the ledger calls `table_version`; nil for a job without a target.
    case completed(
        PartitionKey, rows: Int64?, bytes: Int64?, duration: Duration, wasAdopted: Bool, tableVersion: String?)
    /// An attempt failed and will be tried again after a while.
    case retrying(PartitionKey, attempt: Int, error: String, after: Duration)
    /// A partition is FAILED.
    case failed(PartitionKey, attempt: Int, error: String)
    /// The lease of a partition was lost to another attempt; its work was dropped.
    case lost(PartitionKey)
    /// A partition was given back unfinished.
    case released(PartitionKey)
    /// Another process finished a partition of the plan.
    case finishedElsewhere(PartitionKey, wasComplete: Bool)
    /// The database does not answer; work goes on meanwhile.
    case ledgerUnavailable(message: String)
    /// The database answers again.
    case ledgerAvailable
    /// The table has something to tell beside the outcome of a publish, such as upkeep that failed.
    case tableNotice(message: String)
    /// A stop was asked for: what runs is finished, nothing more is claimed.
    case stopping(running: Int)
}

/// How a run ended.
public struct BackfillReport: Sendable, Hashable {
    /// The run.
    public var run: Int64
    /// Partitions of the plan that are COMPLETE now: by this process, and by others.
    public var complete: Int
    /// Those of them that other processes completed.
    public var completedElsewhere: Int
    /// Partitions FAILED.
    public var failed: [PartitionKey: String]
    /// Partitions HELD.
    public var held: Int
    /// Partitions that the plan skipped.
    public var skipped: Int
    /// Partitions cancelled.
    public var cancelled: Int
    /// Partitions of the plan that were not reached.
    public var remaining: Int
    /// Whether the run was stopped before its end.
    public var wasStopped: Bool
    /// Rows published by this process.
    public var rows: Int64
    /// Bytes published by this process.
    public var bytes: Int64
    /// How long it took.
    public var duration: Duration

    /// Creates a report.
    public init(
        run: Int64, complete: Int, completedElsewhere: Int, failed: [PartitionKey: String], held: Int, skipped: Int,
        cancelled: Int, remaining: Int, wasStopped: Bool, rows: Int64, bytes: Int64, duration: Duration
    ) {
        self.run = run
        self.complete = complete
        self.completedElsewhere = completedElsewhere
        self.failed = failed
        self.held = held
        self.skipped = skipped
        self.cancelled = cancelled
        self.remaining = remaining
        self.wasStopped = wasStopped
        self.rows = rows
        self.bytes = bytes
        self.duration = duration
    }
}
