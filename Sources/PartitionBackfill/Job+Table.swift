package import Lakehouse
package import Transforms

extension Job {
    /// Opens the table that the job writes; nil for a job without a target.
    ///
    /// - Throws: `TableError` where there can be no such table, or none of this format.
    package func openTable() throws -> (any Table)? {
        guard let target else { return nil }
        switch target.format {
        case .hive:
            try target.refuseDeltaRules()
            return try HiveTable(path: target.path, column: partitioning.column)
        case .delta:
            return try DeltaTable(
                path: target.path, column: partitioning.column, every: partitioning.every,
                options: DeltaOptions(target))
        }
    }
}

extension Target {
    /// Folders have no columns that could be added, and no log that would tell of other writers.
    fileprivate func refuseDeltaRules() throws(TableError) {
        guard delta != DeltaRules() else { return }
        throw TableError(
            .refused,
            """
            The table \(path) is one of Hive directories, which knows neither a schema that evolves nor writes that are \
            superseded: leave both out, or make it a Delta table.
            """)
    }
}

extension DeltaOptions {
    /// What a target allows its table, and how it wants its files written.
    init(_ target: Target) {
        let parquet = target.parquet
        self.init(
            addsColumns: target.delta.schema == .evolve, supersedes: target.delta.concurrentWrites == .supersede,
            encoding: ParquetEncoding(
                codec: parquet.codecName, level: parquet.codecLevel, version: parquet.version.rawValue,
                rowGroupSize: parquet.rowGroupSize, fileSize: parquet.fileSize))
    }
}
