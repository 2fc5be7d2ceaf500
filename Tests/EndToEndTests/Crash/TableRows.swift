import BlockingWork
import DuckDBEngine
import Foundation

/// What a reader finds in the files of a table.
struct TableRows: Sendable {
    /// The day that the reader takes from the folder's name, or from the table's log.
    let key: String
    /// The file that has the rows; empty where the reader does not tell.
    let file: String
    let count: Int64
    let sum: String

    private static let database = Result { () throws(DuckDBError) in
        try Database(options: DatabaseOptions(threads: 1), environment: ProcessInfo.processInfo.environment)
    }

    /// Reads every file below a table's folder, one result each.
    static func read(_ table: String) async throws -> [TableRows] {
        try await run([
            """
            SELECT order_date, filename, count(*), sum(amount_usd)::VARCHAR
            FROM read_parquet('\(table)/**', hive_partitioning = true, hive_types_autocast = false, filename = true)
            GROUP BY ALL
            """
        ])
    }

    /// Reads a Delta table with DuckDB's own reader of such tables, one result for each partition.
    static func readDelta(_ table: String) async throws -> [TableRows] {
        try await run([
            "LOAD delta",
            """
            SELECT order_date::VARCHAR, '', count(*), sum(amount_usd)::VARCHAR FROM delta_scan('\(table)') GROUP BY ALL
            """,
        ])
    }

    /// Runs statements, of which the last one reads.
    private static func run(_ statements: [String]) async throws -> [TableRows] {
        let connection = try database.get().connect()
        let result = try await BlockingThread(label: "read the table").run {
            var result: QueryResult?
            for statement in statements { result = try connection.run(statement, in: CancellationScope()) }
            return result
        }
        return (result?.rows ?? []).compactMap { row in
            guard let key = row[0].text, let file = row[1].text, let count = row[2].integer, let sum = row[3].text
            else { return nil }
            return TableRows(key: key, file: file, count: count, sum: sum)
        }
    }
}
