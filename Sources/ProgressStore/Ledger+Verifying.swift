public import Partitions

extension Ledger {
    /// A page of the COMPLETE partitions of a job, by key.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - granularity: The size of its partitions.
    ///   - first: The first partition; nil for the first that there is.
    ///   - last: The last partition; nil for the last that there is.
    ///   - limit: The greatest number of rows.
    /// - Returns: The rows; fewer than the limit where there are no more.
    /// - Throws: `LedgerError`.
    public func completeRows(
        job: String, granularity: Granularity, from first: PartitionKey?, through last: PartitionKey?, limit: Int
    ) async throws -> [CompleteRow] {
        let page = CompleteRows(job: job, granularity: granularity, first: first, last: last, pageSize: limit)
        return try await work.with { line in try await line.run(page) }
    }

    /// What the ledger knows of attempts, by fence; an attempt that it does not know is not in the answer.
    public func knownAttempts(fences: some Collection<Int64>) async throws -> [Int64: KnownAttempt] {
        guard !fences.isEmpty else { return [:] }
        let statement = KnownAttempts(fences: fences.sorted())
        let rows = try await work.with { line in try await line.run(statement) }
        return Dictionary(rows.map { ($0.fence, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Makes COMPLETE partitions PENDING again, with a new fence and all their attempts before them.
    ///
    /// A partition whose row is not the one any more that was compared, because somebody has claimed or marked it since,
    /// stays as it is. What the attempts did stays in the history.
    ///
    /// - Returns: The partitions that were reopened.
    public func reopen(job: String, _ reopenings: [Reopening]) async throws -> Set<PartitionKey> {
        guard !reopenings.isEmpty else { return [] }
        let statement = Reopen(job: job, reopenings: reopenings, worker: worker.name)
        let keys = try await withUncancelledTask { [work] in
            try await work.with { line in try await line.run(statement) }
        }
        return Set(keys)
    }
}
