internal import Lakehouse
internal import Partitions
internal import Transforms

extension Table {
    /// The rows of a generation that the table holds, for the engine.
    ///
    /// The files of a Delta table alone need not have every column, nor need each of their rows be there still. Where the
    /// partition has become another since, so have its rows.
    func rows(of generation: Generation, _ key: PartitionKey) throws -> PartitionRows {
        guard let delta = self as? DeltaTable else { return .files(generation.files) }
        guard let snapshot = try delta.snapshot(of: key) else { return .files([]) }
        return .table(TableSnapshot(snapshot, snapshot.parts[0]))
    }

    /// The rows of a generation that was replaced and is kept, for the engine.
    ///
    /// - Throws: `TableError` where the files are there, and nobody knows any more what columns the table had.
    func rows(
        of kept: ReplacedGeneration.Kept, _ key: PartitionKey, replacedBy writer: Writer
    ) throws -> PartitionRows {
        guard let delta = self as? DeltaTable else { return .files(kept.files) }
        guard let snapshot = try delta.replacedSnapshot(of: key, by: writer) else {
            throw TableError(
                .missing,
                "Of partition \(key) the files that were replaced are there, but the log does not tell any more what columns "
                    + "the table had then.")
        }
        return .table(TableSnapshot(snapshot, snapshot.parts[0]))
    }
}
