internal import BlockingWork
internal import Lakehouse
public import Partitions
internal import ProgressStore
public import Transforms

extension Backfill {
    /// Compares two generations of a partition row by row.
    ///
    /// Of a HELD partition it is what is held with what the table holds; of another, what the table holds with what that
    /// replaced, while that is kept.
    ///
    /// - Parameters:
    ///   - key: The partition.
    ///   - keyColumns: The columns that tell rows apart; empty where whole rows are compared.
    ///   - sampleSize: The greatest number of rows of each kind to show.
    /// - Returns: What differs, and some of it.
    /// - Throws: `TableError` where there is nothing to compare, with the reason; `TransformError` where the rows cannot be
    ///   compared.
    public func compareRows(
        of key: PartitionKey, keyColumns: [String], sampleSize: Int
    ) async throws -> RowComparison {
        guard let table else { throw TableError.noTable(of: job, to: "compare") }
        let thread = BlockingThread(label: "reprocess.compare")
        return try await engine.withSession { session in
            let reader = PreviousReader(
                job: job, table: table, key: key, session: session, thread: thread, known: nil, tell: { _ in })
            let (old, new) = try await generations(of: key, table, reader, thread)
            return try await session.compare(
                RowComparisonRequest(
                    new: new, old: old, keyColumns: keyColumns, sampleSize: sampleSize, key: key,
                    column: job.partitioning.column))
        }
    }

    private func generations(
        of key: PartitionKey, _ table: any Table, _ reader: PreviousReader, _ thread: BlockingThread
    ) async throws -> (old: PartitionRows, new: PartitionRows) {
        let current = try await thread.run { try table.current(key) }
        let rows = try await current.asyncMap { try await reader.rows(of: $0) }
        if let held = try await ledger.held(job: job.name, keys: [key]).first {
            guard let staged = try await thread.run({ try table.held(key, by: Writer(held.token)) }) else {
                throw nothingToCompare("What was held of partition \(key) is not there any more.")
            }
            return (rows ?? .files([]), .files(staged.files))
        }
        guard let rows, let writer = current?.writer else {
            throw nothingToCompare(
                "Partition \(key) is not there, or was not published by reprocess: there are no two generations of it.")
        }
        switch try await thread.run({ try table.replaced(key, by: writer) }) {
        case .kept(let kept): return (try await thread.run { try table.rows(of: kept, key, replacedBy: writer) }, rows)
        case .nothing: throw nothingToCompare("Partition \(key) was new when it was published: it replaced nothing.")
        case .gone(let reason): throw nothingToCompare(reason)
        }
    }

    private func nothingToCompare(_ reason: String) -> TableError { TableError(.missing, reason) }
}
