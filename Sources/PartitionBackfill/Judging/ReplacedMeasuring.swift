internal import BlockingWork
internal import Lakehouse
internal import Partitions
internal import ProgressStore
internal import Transforms

/// Measures generations after they were replaced, for as long as the table keeps them, and records what they were.
struct ReplacedMeasuring: Sendable {
    /// What became of one.
    enum Outcome: Sendable {
        /// Its rows were read; `unrecorded` is why the ledger did not take the numbers.
        case measured(PartitionStatistics, unrecorded: String?)
        /// The table does not keep it, or not as the attempt found it.
        case gone
        /// It is there and cannot be read; the reason is a sentence.
        case unreadable(String)
    }

    let job: Job
    let table: any Table
    let ledger: Ledger
    let engine: any Engine

    /// Reads what an attempt replaced.
    ///
    /// - Parameters:
    ///   - key: The partition.
    ///   - writer: The attempt that replaced it.
    ///   - version: What the table called it then.
    /// - Returns: What became of it.
    /// - Throws: `CancellationError`, or `LedgerError` where the ledger is gone.
    func measure(_ key: PartitionKey, replacedBy writer: Writer, version: String) async throws -> Outcome {
        let statistics: PartitionStatistics
        do {
            guard let found = try await read(key, writer, version) else { return .gone }
            statistics = found
        } catch let error as CancellationError {
            throw error
        } catch {
            return .unreadable("\(error)")
        }
        guard let digest = statistics.digest else { return .gone }
        let measured = MeasuredReplacement(
            version: version, rows: statistics.rows, digest: digest, statistics: statistics.json)
        do {
            try await ledger.recordReplaced(fence: writer.fence, measured)
            return .measured(statistics, unrecorded: nil)
        } catch let error as LedgerError {
            guard error.code == .refused else { throw error }
            // Whoever may only read the ledger sees the numbers all the same.
            return .measured(statistics, unrecorded: error.message)
        }
    }

    private func read(_ key: PartitionKey, _ writer: Writer, _ version: String) async throws -> PartitionStatistics? {
        let thread = BlockingThread(label: "reprocess.measure")
        let rows = try await thread.run { [table] () -> PartitionRows? in
            guard case .kept(let kept) = try table.replaced(key, by: writer), kept.version == version else {
                return nil
            }
            return try table.rows(of: kept, key, replacedBy: writer)
        }
        guard let rows else { return nil }
        return try await engine.withSession { session in
            try await session.measure(
                MeasureRequest(rows: rows, key: key, column: job.partitioning.column, refusesOutside: false))
        }
    }
}
