import Foundation
import TestSupport
import Testing

/// Real processes, a real PgBouncer in transaction mode, and two connections to the server for all of them.
@Suite(
    .enabled(if: TestPooler.program != nil, "needs pgbouncer: run scripts/setup --tests"), .timeLimit(.minutes(5))
) struct PoolerRunTests {
    private static let range = ["--from", "2024-01-01", "--to", "2024-02-29"]

    /// Starts three processes at an empty database, and waits for their good end.
    private func run(
        ignoresOptions: Bool, lease: String = "90s",
        meanwhile: (TestPooler, TestCluster, _ database: String, [RunningProcess]) async throws -> Void
    ) async throws {
        let cluster = try await TestCluster.shared()
        let database = try await cluster.freshDatabase()
        let pooler = try await TestPooler(before: cluster, ignoresOptions: ignoresOptions)
        let project = try await Project(days: "2024-01-01"..."2024-02-29")
        let processes = try (0..<3).map { _ in
            try project.start(
                ["run"] + Self.range + ["--workers", "2", "--lease", lease, "--json"],
                environment: ["REPROCESS_DATABASE_URL": pooler.conninfo(database: database)])
        }
        try await meanwhile(pooler, cluster, database, processes)
        for process in processes {
            #expect(
                try await process.wait(timeout: .seconds(200)) == .exited(0), "\(process.output)\(process.errorOutput)")
        }
        #expect(project.files(below: "lake/orders").count == 60)
        #expect(try await project.sumOfAmounts() == "3630.00")
        let rows = { (sql: String) in
            try await cluster.execute(sql.replacing("reprocess.", with: "\(project.schema)."), database: database)
        }
        #expect(
            try await rows("SELECT status, count(*) FROM reprocess.partition_progress GROUP BY 1")
                == [["COMPLETE", "60"]])
        #expect(
            try await rows(
                "SELECT partition_key FROM reprocess.attempt WHERE outcome = 'COMPLETE' GROUP BY 1 HAVING count(*) <> 1"
            ).isEmpty)
        #expect(try await rows("SELECT count(*), count(outcome) FROM reprocess.run") == [["3", "3"]])
    }

    @Test(arguments: [false, true])
    func `Three processes share a range through it`(ignoresOptions: Bool) async throws {
        try await run(ignoresOptions: ignoresOptions) { _, cluster, database, _ in
            let sessions = try await cluster.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = '\(database)' AND pid <> pg_backend_pid()")
            #expect(sessions.count <= 2)
        }
    }

    @Test func `They go on when its connections are killed and when it is restarted`() async throws {
        var rounds = 0
        try await run(ignoresOptions: false) { pooler, cluster, database, processes in
            try await processes[0].wait(untilOutputContains: "\"claimed\"")
            while rounds < 4 || (rounds < 40 && processes.contains { !$0.output.contains("\"finished\"") }) {
                if rounds % 4 == 1 {
                    try await pooler.restart()
                } else {
                    try await cluster.terminateBackends(database: database)
                }
                rounds += 1
                // Long enough for work to get anywhere.
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        #expect(rounds >= 4)
    }
}
