public import Partitions

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
    /// Those of them that this process, or another meanwhile, has held, with the reason.
    public var heldPartitions: [PartitionKey: String]
    /// Partitions whose result the table held already, so that this process published nothing.
    public var unchanged: Int
    /// Partitions that this process has changed in the table.
    public var changed: PartitionSet
    /// Partitions that the plan skipped.
    public var skipped: Int
    /// Partitions cancelled.
    public var cancelled: Int
    /// Partitions of the plan that were not reached.
    public var remaining: Int
    /// Whether the run was stopped before its end.
    public var wasStopped: Bool
    /// Why the run ended before it was through, where something was asked of it; nil where it went to its end, or was stopped
    /// by a signal or a failure.
    public var earlyEnd: EarlyEnd?
    /// What did not fit into the limit of bytes; nil where there was none, or nothing came up to it.
    public var byteLimit: ByteLimit?
    /// Rows published by this process.
    public var rows: Int64
    /// Bytes published by this process.
    public var bytes: Int64
    /// How long it took.
    public var duration: Duration

    /// Creates a report.
    public init(
        run: Int64, complete: Int, completedElsewhere: Int, failed: [PartitionKey: String], held: Int, skipped: Int,
        cancelled: Int, remaining: Int, wasStopped: Bool, rows: Int64, bytes: Int64, duration: Duration,
        heldPartitions: [PartitionKey: String] = [:], unchanged: Int = 0,
        changed: PartitionSet = PartitionSet(granularity: .day, keys: EmptyCollection()), earlyEnd: EarlyEnd? = nil,
        byteLimit: ByteLimit? = nil
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
        self.heldPartitions = heldPartitions
        self.unchanged = unchanged
        self.changed = changed
        self.earlyEnd = earlyEnd
        self.byteLimit = byteLimit
    }
}
