internal import DuckDBEngine

extension DuckDBWork {
    /// A table among the sources, and what reads it.
    func relation(of source: Source, _ snapshot: TableSnapshot?) throws -> SourceRelation {
        guard let snapshot else {
            throw TransformError(
                .misuse,
                "The source '\(source.name)' is a Delta table, which is read for a job's partition only. Run the query "
                    + "within a job, or name the table's files.")
        }
        if !snapshot.features.isEmpty { try loadExtension(for: source, snapshot) }
        return SourceRelation(source: source, files: snapshot.files.map(\.path), snapshot: snapshot)
    }

    /// Loads DuckDB's reader of Delta tables; nothing happens where that has been done.
    private func loadExtension(for source: Source, _ snapshot: TableSnapshot) throws {
        do {
            _ = try connection.run("LOAD delta", in: scope)
        } catch  where error.kind == .interrupted || error.kind == .outOfMemory {
            throw FailureTranslation(query: Query(""), scan: SQLScanner("")).error(error, in: nil)
        } catch {
            throw TransformError(
                .engineMissing,
                "The source '\(source.name)', the Delta table '\(snapshot.path)', uses "
                    + "\(snapshot.features.joined(separator: " and ")), which only DuckDB's extension 'delta' can read, "
                    + "and that cannot be loaded. Run scripts/setup, which installs it, or rewrite the table without.")
        }
    }
}
