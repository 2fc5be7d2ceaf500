import Foundation
import TestSupport

/// Compares the rows of a table with what an undisturbed run would have made of the raw figures: none is missing, none is
/// there twice, and none is another.
struct ContentAudit {
    let table: String
    let bronze: String
    let generation: Int

    /// Everything that is wrong, a sentence each.
    func violations() async throws -> [String] {
        let process = try RunningProcess(
            try PythonEnvironment.interpreter, ["-c", Self.script, table, bronze, "\(generation)"])
        guard try await process.wait(timeout: .seconds(300)) == .exited(0) else {
            throw ChaosFailure("\(table) could not be compared:\n\(process.errorOutput)")
        }
        return process.output.split(separator: "\n").map(String.init)
    }

    private static let script = """
        import duckdb, sys
        table, bronze, generation = sys.argv[1:]
        connection = duckdb.connect()
        connection.execute("SET threads = 1")
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f'''CREATE TABLE wanted AS
            SELECT day, id, amount * {generation} AS amount, {generation} AS generation
            FROM read_csv('{bronze}/*.csv', header = true, auto_detect = false,
                columns = {{'day': 'VARCHAR', 'id': 'BIGINT', 'amount': 'BIGINT'}})''')
        connection.execute(f'''CREATE TABLE found AS
            SELECT day::VARCHAR AS day, id, amount, generation
            FROM read_parquet('{table}/*/*.parquet', hive_partitioning = true)''')
        for what, first, second in ("missing", "wanted", "found"), ("too many or wrong", "found", "wanted"):
            for day, count in connection.execute(
                    f"SELECT day, count(*) FROM (FROM {first} EXCEPT ALL FROM {second}) GROUP BY day ORDER BY day").fetchall():
                print(f"{day}: {count} rows are {what}.")
        """
}
