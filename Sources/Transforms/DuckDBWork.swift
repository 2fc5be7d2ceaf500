internal import DuckDBEngine
internal import Glibc
internal import Partitions

/// What a session does on its thread, one call at a time.
///
/// Every function blocks.
struct DuckDBWork: Sendable {
    let instance: DuckDBInstance
    let connection: Connection
    let scope: CancellationScope

    /// Runs a statement that is put together from ours and a user's.
    func run(_ text: SQLText, _ translation: FailureTranslation) throws -> QueryResult {
        do {
            return try connection.run(text.text, in: scope)
        } catch {
            throw translation.error(error, in: text)
        }
    }

    /// Runs a statement of our own about the user's files or values.
    func run(own sql: String, _ values: [DuckDBValue] = []) throws -> QueryResult {
        do {
            return try connection.run(sql, values, in: scope)
        } catch {
            let translation = FailureTranslation(query: Query(""), scan: SQLScanner(""))
            throw translation.error(error, in: nil)
        }
    }

    /// Finds the files of every source.
    func relations(
        of query: Query, key: PartitionKey, column: String, tables: [String: TableSnapshot]
    ) throws -> [SourceRelation] {
        try query.sources.map { source in
            if source.format == .delta { return try relation(of: source, tables[source.name]) }
            let pattern = try source.pattern(for: key, column: column)
            return SourceRelation(source: source, files: try files(matching: pattern, of: source, key: key))
        }
    }

    private func files(matching pattern: String, of source: Source, key: PartitionKey) throws -> [String] {
        if pattern.contains("://") { return [pattern] }
        let files =
            try Source.files(matching: pattern)
            ?? run(own: "SELECT file FROM glob($1) ORDER BY file", [.text(pattern)]).rows.compactMap(\.first?.text)
        guard !files.isEmpty else {
            throw TransformError(
                .sourceMissing,
                "The source '\(source.name)' has no file '\(pattern)' for the partition \(key). Bring the file, or leave "
                    + "the partition out.")
        }
        return files.map(FileGlob.escaped)
    }

    func countRows(inParquetFiles files: [String]) throws -> Int64 {
        var total: Int64 = 0
        for file in files {
            do {
                // Not a bound value: DuckDB binds a prepared statement that reads a file twice, and opens it each time.
                let sql = "SELECT num_rows FROM parquet_file_metadata(\(SQLLiteral.text(FileGlob.escaped(file))))"
                let result = try connection.run(sql, in: scope)
                total += result.rows.first?.first?.integer ?? 0
            } catch  where error.kind == .invalidInput || error.kind == .io {
                throw TransformError(
                    .misuse, "The file '\(file)' in the staging folder is not a Parquet file that can be read.")
            } catch {
                throw FailureTranslation(query: Query(""), scan: SQLScanner("")).error(error, in: nil)
            }
        }
        return total
    }
}
