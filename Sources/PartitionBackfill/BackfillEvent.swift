public import Partitions
public import Transforms

/// What happens in a run, as it happens.
public enum BackfillEvent: Sendable {
    /// The run begins.
    case started(run: Int64, plan: BackfillPlan, workers: Int)
    /// A partition was claimed.
    case claimed(PartitionKey, attempt: Int, takenOver: Bool)
    /// A partition is COMPLETE.
    ///
    /// The table's version is what the ledger calls `table_version`; nil for a job without a target. Where it was
    /// unchanged, the table held the result already, and nothing was published.
    case completed(
        PartitionKey, rows: Int64?, bytes: Int64?, duration: Duration, wasAdopted: Bool, tableVersion: String?,
        wasUnchanged: Bool = false)
    /// A partition is HELD: what was staged waits for somebody to approve or reject it.
    case held(PartitionKey, reason: String)
    /// What was staged violates audits that only warn.
    case audited(PartitionKey, findings: [AuditFinding])
    /// An attempt failed and will be tried again after a while.
    case retrying(PartitionKey, attempt: Int, error: String, after: Duration)
    /// A partition is FAILED.
    case failed(PartitionKey, attempt: Int, error: String)
    /// A batch of a partition is finished; so many are now, those of earlier attempts included.
    case batchFinished(PartitionKey, batches: Int, rows: Int64, size: Int64)
    /// An attempt goes on after the batches that earlier ones have finished.
    case batchesTakenUp(PartitionKey, batches: Int, rows: Int64)
    /// The batches that earlier attempts have finished do not count any more: the transform or the sources have changed.
    case batchesForgotten(PartitionKey, batches: Int)
    /// As many batches of a partition are finished as were asked for; it was given back.
    case interrupted(PartitionKey, batches: Int, rows: Int64)
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
    /// Something was asked of the run by somebody at any machine, or by its own breaker.
    case steered(SteeringEvent)
}
