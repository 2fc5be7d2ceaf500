import DuckDBEngine
import Foundation

/// How a Parquet file was written.
struct ParquetFacts {
    let codecs: Set<String>
    let rowGroups: Int64
    /// The keys of its footer.
    let provenance: Set<String>

    private static let database = Result { () throws(DuckDBError) in
        try Database(options: DatabaseOptions(threads: 1), environment: ProcessInfo.processInfo.environment)
    }

    /// Reads the footer of a file.
    static func read(_ file: String) throws -> ParquetFacts {
        let connection = try database.get().connect()
        let literal = "'" + file.replacing("'", with: "''") + "'"
        func rows(_ sql: String) throws -> [[DuckDBValue]] { try connection.run(sql, in: CancellationScope()).rows }
        return ParquetFacts(
            codecs: Set(
                try rows("SELECT DISTINCT compression FROM parquet_metadata(\(literal))").compactMap { $0[0].text }),
            rowGroups: try rows("SELECT num_row_groups FROM parquet_file_metadata(\(literal))").first?[0].integer ?? 0,
            provenance: Set(
                try rows("SELECT decode(key) FROM parquet_kv_metadata(\(literal))").compactMap { $0[0].text }))
    }
}
