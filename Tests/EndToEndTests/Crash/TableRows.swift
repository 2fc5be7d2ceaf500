import BlockingWork
import DuckDBEngine
import Foundation

/// What a reader finds in the files of a table.
struct TableRows: Sendable {
    /// The day that the reader takes from the folder's name.
    let key: String
    let file: String
    let count: Int64
    let sum: String

    private static let database = Result { () throws(DuckDBError) in
        try Database(options: DatabaseOptions(threads: 1), environment: ProcessInfo.processInfo.environment)
    }

    /// Reads every file below a table's folder, one result each.
    static func read(_ table: String) async throws -> [TableRows] {
        let connection = try database.get().connect()
        let result = try await BlockingThread(label: "read the table").run {
            try connection.run(
                """
                SELECT order_date, filename, count(*), sum(amount_usd)::VARCHAR
                FROM read_parquet('\(table)/**', hive_partitioning = true, hive_types_autocast = false, filename = true)
                GROUP BY ALL
                """, in: CancellationScope())
        }
        return result.rows.compactMap { row in
            guard let key = row[0].text, let file = row[1].text, let count = row[2].integer, let sum = row[3].text
            else { return nil }
            return TableRows(key: key, file: file, count: count, sum: sum)
        }
    }
}
