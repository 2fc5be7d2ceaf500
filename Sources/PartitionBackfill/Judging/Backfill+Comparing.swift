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
                job: job, table: table, key: key, session: session, thread: thread, tables: sources, known: nil,
                tell: { _ in })
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
        case .kept(let kept): return (replaced(kept, like: rows), rows)
        case .nothing: throw nothingToCompare("Partition \(key) was new when it was published: it replaced nothing.")
        case .gone(let reason): throw nothingToCompare(reason)
        }
    }

    /// The rows of a replaced generation: columns that its files do not hold are those of the table.
    private func replaced(_ kept: ReplacedGeneration.Kept, like rows: PartitionRows) -> PartitionRows {
        guard !kept.otherValues.isEmpty, case .table(var snapshot) = rows else { return .files(kept.files) }
        let outside = snapshot.columns.filter { $0.valueIndex != nil }.sorted {
            ($0.valueIndex ?? 0) < ($1.valueIndex ?? 0)
        }
        snapshot.files = kept.files.map { file in
            let values = kept.otherValues[file] ?? [:]
            // An empty text is null there. The partition's own column is not compared.
            return TableSnapshot.File(
                path: file, values: outside.map { (values[$0.name] ?? nil).flatMap { $0.isEmpty ? nil : $0 } })
        }
        snapshot.features = []
        snapshot.filterColumn = nil
        return .table(snapshot)
    }

    private func nothingToCompare(_ reason: String) -> TableError { TableError(.missing, reason) }
}
