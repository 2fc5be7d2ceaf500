import Foundation
import Partitions
import TestSupport
import Testing

/// A Delta table that several programs use at the same time.
@Suite(.timeLimit(.minutes(5))) struct DeltaSharingTests {
    private static let days = "2024-01-01"..."2024-01-12"

    @Test func `Processes that run one range share it, and each partition is committed once`() async throws {
        let project = try await Project(days: Self.days, format: .delta)
        let processes = try (0..<3).map { _ in
            try project.start(["run", "--from", "2024-01-01", "--to", "2024-01-12", "--workers", "2", "--json"])
        }
        for process in processes {
            #expect(try await process.wait(timeout: .seconds(240)) == .exited(0), "\(process.errorOutput)")
        }
        let keys = try Project.keys(Self.days).map(\.description)
        try await project.expect(keys, sum: "60.50")
        let history = try DeltaHistory(log: project.table + "/_delta_log")
        #expect(history.problems.isEmpty)
        #expect(history.publishers.keys.sorted() == keys && history.publishers.values.allSatisfy { $0.count == 1 })
        let attempts = try await project.query(
            "SELECT DISTINCT outcome FROM \(project.schema).attempt UNION SELECT count(*)::text FROM \(project.schema).attempt"
        )
        #expect(Set(attempts.compactMap { $0[0] }) == ["COMPLETE", "12"])
    }

    @Test func `What another program writes into a partition meanwhile fails the attempt, and the next replaces it`()
        async throws
    {
        let project = try await Project(days: "2024-01-01"..."2024-01-02", format: .delta)
        #expect(try await project.run("--from", "2024-01-01", "--to", "2024-01-02").code == 0)
        let process = try project.start(
            ["run", "--dates", "2024-01-01", "--only", "all", "--retries", "0"],
            environment: ["REPROCESS_FAULT": "staged:stop"])
        try await process.waitUntilStopped()
        try await DeltaReader.other(
            """
            table = DeltaTable(path).to_pyarrow_table()
            write_deltalake(path, table.slice(0, 1).set_column(
                table.schema.get_field_index("order_date"), "order_date",
                pa.array([datetime.date(2024, 1, 1)], pa.date32())), mode="append")
            """, on: project.table)
        process.send(SIGCONT)
        #expect(try await process.wait() == .exited(1), "\(process.errorOutput)")
        for text in ["Another program wrote to partition 2024-01-01", "'concurrent_writes: supersede'"] {
            #expect(process.errorOutput.contains(text), "\(process.errorOutput)")
        }
        let before = try await DeltaReader.read(project.table)
        #expect(before.deltalake.map(\.count) == [11, 10])

        let retry = try await project.run("retry", "--from", "2024-01-01", "--to", "2024-01-02")
        #expect(retry.code == 0, "\(retry)")
        try await project.expect(["2024-01-01", "2024-01-02"], sum: "60.50")
    }

    @Test(arguments: [
        ("SELECT ", "SELECT 'x' AS extra, ", "extra (string) is not in the table", true),
        ("order_id::BIGINT", "order_id::VARCHAR", "order_id is string, the table has long", false),
    ])
    func `A result with other columns than the table fails its partition, and says which`(
        text: String, other: String, message: String, mayEvolve: Bool
    ) async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-02", format: .delta)
        #expect(try await project.run("--from", "2024-01-01", "--to", "2024-01-02").code == 0)
        let versions = project.logVersions
        try project.write("transforms/orders.sql", Project.fixedTransform.replacing(text, with: other))
        let finished = try await project.run("--from", "2024-01-01", "--to", "2024-01-02", "--retries", "0")
        #expect(finished.code == 1, "\(finished)")
        #expect(finished.errors.contains(message), "\(finished)")
        let ledger = try await project.query("SELECT DISTINCT error_message FROM \(project.schema).partition_progress")
        #expect(ledger.count == 1 && ledger[0][0]?.contains("'schema: evolve'") == mayEvolve, "\(ledger)")
        #expect(project.logVersions == versions)
        try await project.expect(["2024-01-01", "2024-01-02"], sum: "60.50")
    }
}
