internal import Lakehouse
public import Partitions
public import ProgressStore

extension Backfill {
    /// What waits for a decision, by time.
    ///
    /// Asked about no partitions in particular, all of the job.
    public func held(_ partitions: PartitionSet?) async throws -> [HeldPartition] {
        try await ledger.held(job: job.name, keys: partitions.map { Array($0) })
    }

    /// Publishes exactly what was judged.
    ///
    /// Where a partition has changed since it was judged, nothing is published: what was held is dropped, and the
    /// partition is PENDING again. A cancelled task finishes what it has begun and begins no more.
    ///
    /// - Parameters:
    ///   - held: What is to be published, as it was looked at.
    ///   - user: Who decides.
    ///   - reason: Why.
    ///   - onEvent: Called for each partition that is published, from any thread, never two at a time.
    /// - Returns: What became of each partition.
    /// - Throws: `LedgerError` where the ledger is gone; `TransformError` where the engine cannot be had.
    public func approve(
        _ held: [HeldPartition], by user: String, reason: String,
        onEvent: @escaping @Sendable (BackfillEvent) -> Void = { _ in }
    ) async throws -> DecisionReport {
        let approving = Approving(
            job: job, table: try decidableTable(), ledger: ledger, user: user, reason: reason,
            events: EventSink(onEvent))
        let outcomes = try await inParallel(held, workers: job.defaults.workers ?? 2) {
            try await approving.approve($0)
        }
        return DecisionReport(entries: zip(held, outcomes).map { .init($0.token.key, $1) })
    }

    /// Drops what was held; the partition is FAILED, and the next run makes it anew.
    ///
    /// - Parameters:
    ///   - held: What is to be dropped, as it was looked at.
    ///   - user: Who decides.
    ///   - reason: Why.
    /// - Returns: What became of each partition.
    /// - Throws: `LedgerError` where the ledger is gone.
    public func reject(_ held: [HeldPartition], by user: String, reason: String) async throws -> DecisionReport {
        let rejecting = Rejecting(
            job: job, table: try decidableTable(), ledger: ledger, user: user, reason: reason)
        var entries: [DecisionReport.Entry] = []
        for partition in held {
            try Task.checkCancellation()
            entries.append(.init(partition.token.key, try await rejecting.reject(partition)))
        }
        return DecisionReport(entries: entries)
    }

    /// Puts the generation before back, for given partitions or for everything that a run has changed.
    ///
    /// It is recorded as a run of its own, which can be undone in its turn. A cancelled task finishes what it has begun
    /// and begins no more.
    ///
    /// - Parameters:
    ///   - request: What is to be undone.
    ///   - onEvent: Called for each partition that is put back, from any thread, never two at a time.
    /// - Returns: What became of each partition, or would.
    /// - Throws: `LedgerError` where the ledger is gone; `TransformError` where the engine cannot be had.
    public func undo(
        _ request: UndoRequest, onEvent: @escaping @Sendable (BackfillEvent) -> Void = { _ in }
    ) async throws -> UndoReport {
        let undoing = Undoing(
            job: job, table: try decidableTable(), ledger: ledger, engine: engine, request: request,
            events: EventSink(onEvent))
        return try await undoing.run()
    }

    /// The table, of which decisions are made.
    ///
    /// - Throws: `TableError` where the job has none.
    private func decidableTable() throws -> any Table {
        guard let table else { throw TableError.noTable(of: job, to: "decide about") }
        return table
    }
}
