public import Partitions

/// The ledger: the only authority on who may do what.
public final class Ledger: Sendable {
    /// Connects, and creates or upgrades the schema where needed.
    public static func open(_ location: LedgerLocation, options: LedgerOptions) async throws -> Ledger {
        throw LedgerError(.unreachable, "not yet built")
    }
    init() {}

    /// Closes the connections and, where this process is its last user, stops the embedded cluster.
    public func close() async {}

    /// Streams the rows of a range that exist, by key, in bounded memory.
    public func forEachPlanRow(
        job: String, tableIdentity: String?, in range: PartitionRange,
        _ body: @Sendable (PlanRow) -> Void
    ) async throws {}

    /// The fence that the sequence has reached: what is claimed later has a higher one.
    public func currentFence() async throws -> Int64 { 0 }

    /// Opens a run, with a PENDING row for every planned partition that has none.
    public func openRun(_ request: RunRequest) async throws -> Int64 { 0 }

    /// Records how a run ended.
    public func closeRun(_ run: Int64, _ result: RunResult) async throws {}

    /// Claims partitions, and takes over those whose worker is lost.
    public func claim(_ request: ClaimRequest) async throws -> [Claim] { [] }

    /// Extends leases, on a connection of its own.
    public func heartbeat(job: String, run: Int64, _ tokens: [ClaimToken], lease: Duration) async throws
        -> HeartbeatReply
    { HeartbeatReply(held: [], control: .run) }

    /// Marks attempts COMPLETE.
    public func complete(job: String, _ completions: [Completion]) async throws -> [MarkOutcome] { [] }

    /// Marks an attempt FAILED, or PENDING for a retry.
    public func fail(job: String, _ token: ClaimToken, error: String, _ directive: FailureDirective) async throws
        -> MarkOutcome
    { .fenced }

    /// Gives partitions back untouched.
    public func release(job: String, _ tokens: [ClaimToken]) async throws {}

    /// The rows of given partitions.
    public func rows(job: String, keys: [PartitionKey]) async throws -> [ProgressRow] { [] }

    /// The rows of a range with one of the given statuses, newest change first.
    public func rows(job: String, in range: PartitionRange?, granularity: Granularity, statuses: [Status], limit: Int)
        async throws -> [ProgressRow]
    { [] }

    /// How many partitions stand where.
    public func summary(job: String, in range: PartitionRange?) async throws -> StatusSummary {
        StatusSummary(counts: [:], completedPerMinute: nil)
    }

    /// Every attempt at a partition, oldest first.
    public func attempts(job: String, key: PartitionKey) async throws -> [AttemptRow] { [] }
}
