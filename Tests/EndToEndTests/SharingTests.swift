import Foundation
import Partitions
import TestSupport
import Testing

/// Several processes, signals, and a database that goes away.
@Suite struct SharingTests {
    /// Slow enough that signals meet running partitions, and interruptible.
    private static let slowTransform = """
        SELECT order_date::DATE AS order_date, order_id::BIGINT AS order_id, amount::DECIMAL(12, 2) AS amount,
            round(amount::DECIMAL(12, 2) * 1.10, 2) AS amount_usd
        FROM source
        WHERE (SELECT sum(sqrt(i)) FROM range(60000000) AS numbers (i)) > 0
        """

    private static let range = ["--from", "2024-01-01", "--to", "2024-01-10"]

    @Test func `Four processes share one range, and each partition has one attempt`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-04-09")
        let processes = try (0..<4).map { _ in
            try project.start(["run", "--from", "2024-01-01", "--to", "2024-04-09", "--workers", "2", "--json"])
        }
        for process in processes { #expect(try await process.wait() == .exited(0), "\(process.errorOutput)") }
        let attempts = try await project.query(
            "SELECT partition_key FROM \(project.schema).attempt GROUP BY 1 HAVING count(*) <> 1")
        #expect(attempts.isEmpty)
        #expect(try await project.ledger().filter { $0.hasSuffix("COMPLETE") }.count == 100)
        #expect(project.files(below: "lake/orders").count == 100)
        #expect(try await project.sumOfAmounts() == "6050.00")
    }

    @Test func `Ctrl-C finishes what runs, releases the rest and exits 130`() async throws {
        let project = try await Project(transform: SharingTests.slowTransform)
        let process = try project.start(["run"] + SharingTests.range + ["--workers", "1", "--json"])
        try await process.wait(untilOutputContains: "\"completed\"")
        process.send(SIGINT)
        #expect(try await process.wait() == .exited(130), "\(process.errorOutput)")
        let ledger = try await project.ledger()
        #expect(ledger.contains { $0.hasSuffix("PENDING") })
        #expect(!ledger.contains { $0.hasSuffix("RUNNING") || $0.hasSuffix("FAILED") }, "\(ledger)")
        let complete = ledger.filter { $0.hasSuffix("COMPLETE") }.count
        #expect(project.partitions().count == complete)
        let rest = try await project.run("--from", "2024-01-01", "--to", "2024-01-10")
        #expect(rest.code == 0, "\(rest)")
        #expect(try await project.sumOfAmounts() == "605.00")
    }

    @Test func `Twice Ctrl-C interrupts what runs`() async throws {
        let project = try await Project(
            days: "2024-01-01"..."2024-01-02",
            transform: SharingTests.slowTransform.replacing("60000000", with: "90000000000"))
        let process = try project.start(["run", "--from", "2024-01-01", "--to", "2024-01-02", "--json"])
        try await process.wait(untilOutputContains: "\"claimed\"")
        process.send(SIGINT)
        try await process.wait(untilOutputContains: "\"stopping\"")
        process.send(SIGINT)
        #expect(try await process.wait(timeout: .seconds(20)) == .exited(130), "\(process.errorOutput)")
        #expect(project.partitions().isEmpty)
        #expect(try await project.ledger().allSatisfy { $0.hasSuffix("PENDING") })
    }

    @Test func `SIGTERM ends with 143`() async throws {
        let project = try await Project(transform: SharingTests.slowTransform)
        let process = try project.start(["run"] + SharingTests.range + ["--workers", "1", "--json"])
        try await process.wait(untilOutputContains: "\"completed\"")
        process.send(SIGTERM)
        #expect(try await process.wait() == .exited(143), "\(process.errorOutput)")
    }

    @Test func `A killed worker's partition is taken over`() async throws {
        let project = try await Project(transform: SharingTests.slowTransform)
        let killed = try project.start(["run"] + SharingTests.range + ["--workers", "2", "--lease", "2s", "--json"])
        try await killed.wait(untilOutputContains: "\"completed\"")
        killed.send(SIGKILL)
        #expect(try await killed.wait() == .signalled(SIGKILL))
        let next = try await project.run("run", "--from", "2024-01-01", "--to", "2024-01-10", "--lease", "2s", "--json")
        #expect(next.code == 0, "\(next)")
        #expect(try await project.ledger().filter { $0.hasSuffix("COMPLETE") }.count == 10)
        #expect(try await project.sumOfAmounts() == "605.00")
        let doubles = try await project.query(
            """
            SELECT partition_key FROM \(project.schema).attempt WHERE outcome IN ('COMPLETE', 'ADOPTED')
            GROUP BY 1 HAVING count(*) > 1
            """)
        #expect(doubles.isEmpty)
    }

    @Test func `Work goes on when the database drops every connection`() async throws {
        let project = try await Project(transform: SharingTests.slowTransform)
        let process = try project.start(["run"] + SharingTests.range + ["--workers", "2", "--json"])
        try await process.wait(untilOutputContains: "\"claimed\"")
        var terminated = 0
        while terminated < 3, !process.output.contains("\"finished\"") {
            terminated += try await project.query(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE application_name LIKE 'reprocess%' AND query LIKE '%\(project.schema)%' AND pid <> pg_backend_pid()
                """
            ).count
        }
        #expect(terminated >= 3)
        #expect(try await process.wait() == .exited(0), "\(process.errorOutput)")
        #expect(try await project.ledger().filter { $0.hasSuffix("COMPLETE") }.count == 10)
        #expect(try await project.sumOfAmounts() == "605.00")
    }

    @Test func `Two jobs never write one partition at once`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-04", transform: SharingTests.slowTransform)
        try project.write(
            "reprocess.yaml",
            Project.configuration(
                schema: project.schema,
                extra: """
                      daily:
                          partition: { column: order_date, every: day }
                          source: { path: bronze/%Y-%m-%d.csv, format: csv }
                          target: { path: ./lake/../lake/orders, format: hive }
                          transform: transforms/orders.sql
                    """))
        let both = try ["orders", "daily"].map {
            try project.start(["run", $0, "--from", "2024-01-01", "--to", "2024-01-04", "--json"])
        }
        for process in both { #expect(try await process.wait() == .exited(0), "\(process.errorOutput)") }
        let overlaps = try await project.query(
            """
            SELECT a.fence, b.fence FROM \(project.schema).attempt a JOIN \(project.schema).attempt b
            ON a.partition_key = b.partition_key AND a.fence < b.fence AND a.ended_at > b.started_at
            """)
        #expect(overlaps.isEmpty)
        #expect(
            try await project.query("SELECT 1 FROM \(project.schema).attempt WHERE outcome = 'COMPLETE'").count == 8)
        #expect(try await project.sumOfAmounts() == "242.00")
    }

    @Test func `The display on a terminal shows a bar and gives the cursor back`() async throws {
        let project = try await Project(transform: SharingTests.slowTransform)
        let process = try project.start(["run"] + SharingTests.range, attachment: .terminal())
        #expect(try await process.wait() == .exited(0), "\(process.output)")
        #expect(process.output.contains(/\d\/10\b/), "\(process.output)")
        let hidden = process.output.components(separatedBy: "\u{1B}[?25l").count - 1
        let shown = process.output.components(separatedBy: "\u{1B}[?25h").count - 1
        #expect(hidden > 0)
        #expect(shown >= hidden)
    }
}
