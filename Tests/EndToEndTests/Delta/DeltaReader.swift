import Foundation
import TestSupport
import Testing

/// What independent programs find in a Delta table of orders.
struct DeltaReader: Decodable {
    /// A partition: its value, the number of its rows and the sum of their amounts.
    struct Partition: Decodable, Equatable {
        let key: String
        let count: Int
        let sum: String
    }

    let version: Int
    let deltalake: [Partition]
    let duckdb: [Partition]
    let files: [String]
    let columns: [String]

    private static let script = """
        import json, os, sys
        import duckdb
        from deltalake import DeltaTable
        path = sys.argv[1]
        table = DeltaTable(path)
        home = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
        extensions = home + "/reprocess/duckdb/1.5.5/extensions"
        connection = duckdb.connect(config={"extension_directory": extensions})
        # A statement of more than two seconds would print a bar among the answers.
        connection.execute("SET enable_progress_bar = false")
        connection.execute("LOAD delta")
        connection.register("arrow", table.to_pyarrow_table())
        def partitions(relation):
            rows = connection.execute(
                f"SELECT order_date::VARCHAR, count(*), sum(amount_usd)::VARCHAR FROM {relation} GROUP BY 1 ORDER BY 1")
            return [dict(zip(["key", "count", "sum"], row)) for row in rows.fetchall()]
        print(json.dumps({
            "version": table.version(), "deltalake": partitions("arrow"),
            "duckdb": partitions("delta_scan('" + path + "')"), "files": table.file_uris(),
            "columns": [field.name for field in table.schema().fields]}))
        sys.stdout.flush()
        # Native threads of these libraries may abort an interpreter that takes itself apart.
        os._exit(0)
        """

    /// Reads a table with deltalake and with DuckDB's extension.
    static func read(_ table: String) async throws -> DeltaReader {
        let finished = try await FinishedProgram.run(
            PythonEnvironment.interpreter, ["-c", script, table], directory: "/")
        try #require(finished.end == .exited(0), "\(finished.errorOutput)")
        do {
            return try finished.json()
        } catch {
            throw TestSupportError("\(error)\nin '\(finished.output)'\nstandard error: \(finished.errorOutput)")
        }
    }

    /// Runs a few lines of Python on a table, as another program that uses it.
    static func other(_ lines: String, on table: String) async throws {
        let script = """
            import datetime, os, sys
            import pyarrow as pa
            from deltalake import DeltaTable, write_deltalake
            path = sys.argv[1]
            \(lines)
            sys.stdout.flush()
            os._exit(0)
            """
        let finished = try await FinishedProgram.run(
            PythonEnvironment.interpreter, ["-c", script, table], directory: "/")
        try #require(finished.end == .exited(0), "\(finished.errorOutput)")
    }
}

extension Project {
    /// The place of the table.
    var table: String { directory.appending("lake/orders") }

    /// The versions that the log of the table has entries for.
    var logVersions: [Int] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: table + "/_delta_log")) ?? []
        return names.filter { $0.hasSuffix(".json") }.compactMap { Int($0.dropLast(5)) }.sorted()
    }

    /// Writes the first entry of a log, as another program that made the table.
    func makeDeltaTable(
        protocol versions: String = #"{"minReaderVersion":1,"minWriterVersion":2}"#, properties: String = "{}",
        keyType: String = "date"
    ) throws {
        let fields = [("order_id", "long"), ("amount", "decimal(12,2)"), ("amount_usd", "decimal(18,2)")]
            .map { #"{\"name\":\"\#($0)\",\"type\":\"\#($1)\",\"nullable\":true,\"metadata\":{}}"# }
        let key = #"{\"name\":\"order_date\",\"type\":\"\#(keyType)\",\"nullable\":true,\"metadata\":{}}"#
        let schema = #"{\"type\":\"struct\",\"fields\":[\#((fields + [key]).joined(separator: ","))]}"#
        try write(
            "lake/orders/_delta_log/00000000000000000000.json",
            """
            {"commitInfo":{"timestamp":0,"operation":"CREATE TABLE"}}
            {"protocol":\(versions)}
            {"metaData":{"id":"00000000-0000-4000-8000-000000000001","format":{"provider":"parquet","options":{}},\
            "schemaString":"\(schema)","partitionColumns":["order_date"],"configuration":\(properties),"createdTime":0}}

            """)
    }
}
