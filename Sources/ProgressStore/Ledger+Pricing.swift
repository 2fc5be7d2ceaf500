public import Partitions

/// What past attempts say about those to come.
extension Ledger {
    /// Partitions that are asked for in one statement.
    private static let pricePageSize = 1024
    /// Ends of one status that are counted of a run.
    private static let mostEnded = 10_000

    /// What the newest attempts at some partitions took that came to a result; nothing for those that had none.
    public func pastAttempts(job: String, keys: [PartitionKey]) async throws -> [PastAttempt] {
        var attempts: [PastAttempt] = []
        var rest = keys[...]
        while !rest.isEmpty {
            let page = PriceAttempts(job: job, keys: Array(rest.prefix(Ledger.pricePageSize)))
            attempts += try await work.with { line in try await line.run(page) }
            rest = rest.dropFirst(Ledger.pricePageSize)
        }
        return attempts
    }

    /// What the attempts took that made partitions COMPLETE lately, newest first.
    public func recentAttempts(job: String, granularity: Granularity, limit: Int) async throws -> [RecentAttempt] {
        let statement = PriceRecent(job: job, granularity: granularity, limit: limit)
        return try await work.with { line in try await line.run(statement) }
    }

    /// What runs of a job, in a range or at all; nil where nothing runs whose worker is alive.
    public func runningWork(
        job: String, in range: PartitionRange?, granularity: Granularity
    ) async throws -> RunningWork? {
        let statement = PriceRunning(job: job, range: range, granularity: granularity)
        return try await work.with { line in try await line.run(statement) }.first
    }

    /// How far the runs of a job have come that are at work.
    public func advances(job: String) async throws -> [RunAdvance] {
        let statement = PriceEnded(job: job, limit: Ledger.mostEnded)
        return try await work.with { line in try await line.run(statement) }
    }
}
