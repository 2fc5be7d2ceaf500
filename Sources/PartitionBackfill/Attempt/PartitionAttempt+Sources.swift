internal import BlockingWork
internal import Partitions
internal import ProgressStore
internal import Transforms

extension PartitionAttempt {
    /// Of what files the partition is made; nil where nobody but the transform can tell.
    func sourceIdentity() async throws -> String? {
        guard case .sql(let query) = job.transform, !query.sources.isEmpty else { return nil }
        let (key, column) = (claim.key, job.partitioning.column)
        let tables = query.sources.filter { $0.format == .delta }
        let snapshots = tables.isEmpty ? [:] : try await sources.snapshots(of: tables, key: key, column: column)
        let (identity, rows) = try await thread.run {
            let identity = try query.sourceIdentity(for: key, column: column, tables: snapshots)
            let files = identity.flatMap { SourceFiles(query, snapshots, $0, asRead: true, most: .max) }
            return (identity, files?.counted())
        }
        meter.note(identity, rows: rows)
        return identity?.digest
    }
}
