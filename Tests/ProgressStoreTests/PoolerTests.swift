import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// The life of a ledger through a real PgBouncer in transaction mode, which has two connections to the server.
@Suite(
    .enabled(if: TestPooler.program != nil, "needs pgbouncer: run scripts/setup --tests"), .timeLimit(.minutes(5))
) struct PoolerTests {
    private let cluster: TestCluster
    private let database: String

    init() async throws {
        cluster = try await TestCluster.shared()
        database = try await cluster.freshDatabase()
    }

    private func pooler(ignoresOptions: Bool = false) async throws -> TestPooler {
        try await TestPooler(before: cluster, ignoresOptions: ignoresOptions)
    }

    private func ledger(_ pooler: TestPooler, worker: String) async throws -> Ledger {
        try await Ledger.open(
            .server(conninfo: pooler.conninfo(database: database)), options: LedgerOptions(worker: worker))
    }

    private func rows(_ sql: String) async throws -> [[String?]] { try await cluster.execute(sql, database: database) }

    /// Sessions of the database, without the one that asks.
    private func sessions() async throws -> Int {
        try await rows(
            """
            SELECT 1 FROM pg_stat_activity
            WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
            """
        ).count
    }

    /// The pooler has two; one that it has given up ends a moment later.
    private func expectFewSessions() async throws {
        let end = ContinuousClock.now + .seconds(30)
        while try await sessions() > 2 {
            try #require(ContinuousClock.now < end, "The pooler has more than two sessions.")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test(arguments: [false, true])
    func `Twelve processes that start at once make one ledger`(ignoresOptions: Bool) async throws {
        let pooler = try await pooler(ignoresOptions: ignoresOptions)
        try await withThrowingTaskGroup { group in
            for number in 0..<12 {
                group.addTask {
                    let ledger = try await ledger(pooler, worker: "w\(number)")
                    #expect(try await ledger.currentFence() == 0)
                    await ledger.close()
                }
            }
            try await group.waitForAll()
        }
        let versions = try await rows("SELECT version FROM reprocess.schema_version ORDER BY 1")
        #expect(versions == Migration.all.map { ["\($0.version)"] })
        try await expectFewSessions()
    }

    @Test(arguments: [false, true])
    func `A ledger lives its whole life`(ignoresOptions: Bool) async throws {
        let pooler = try await pooler(ignoresOptions: ignoresOptions)
        let planner = try await ledger(pooler, worker: "planner")
        let partitions = days(20_500)
        let run = try await planner.openRun(runRequest(partitions))
        // More than a page.
        let planned = Recorder<PartitionKey>()
        let range = try PartitionRange(from: partitions[0], through: partitions[20_499])
        try await planner.forEachPlanRow(job: "orders", tableIdentity: "lake/orders", in: range) { planned.add($0.key) }
        #expect(planned.values == partitions)
        // Statements come often enough to get names, which the other server of the pooler does not know.
        try await withThrowingTaskGroup { group in
            for number in 0..<6 {
                group.addTask {
                    let ledger = try await ledger(pooler, worker: "w\(number)")
                    for batch in 0..<20 {
                        try await Self.work(
                            ledger, run: run, Array(partitions[((number * 20 + batch) * 8)...].prefix(8)))
                    }
                    await ledger.close()
                }
            }
            try await group.waitForAll()
        }
        try await planner.closeRun(run, RunResult(complete: 720, failed: 120, skipped: 0, outcome: "finished"))
        // Of eight, one is given back, one has failed and six are complete.
        #expect(
            try await planner.summary(job: "orders", in: nil).counts
                == [.complete: 720, .failed: 120, .pending: 20_500 - 840])
        try await expectFewSessions()
    }

    /// Eight partitions: claim, heartbeat, and every way to end.
    private static func work(_ ledger: Ledger, run: Int64, _ keys: [PartitionKey]) async throws {
        let claims = try await ledger.claim(request(keys))
        #expect(claims.map(\.key) == keys)
        let reply = try await ledger.heartbeat(job: "orders", run: run, claims.map(\.token), lease: .seconds(90))
        #expect(reply.held == Set(claims.map(\.token)))
        let outcomes = try await ledger.complete(job: "orders", claims[..<6].map { completion($0) })
        #expect(outcomes == claims[..<6].map { _ in .recorded(.complete) })
        #expect(try await ledger.fail(job: "orders", claims[6].token, error: "x", .giveUp) == .recorded(.failed))
        try await ledger.release(job: "orders", [claims[7].token])
    }

    @Test func `Work goes on while server connections are killed and the pooler is restarted`() async throws {
        let pooler = try await pooler()
        let first = try await ledger(pooler, worker: "first")
        let partitions = days(240)
        _ = try await first.openRun(runRequest(partitions))
        let isDone = Recorder<Void>()
        async let interference: Int = {
            var rounds = 0
            while isDone.values.isEmpty || rounds < 4 {
                if rounds % 4 == 3 {
                    try await pooler.restart()
                } else {
                    try await cluster.terminateBackends(database: database)
                }
                rounds += 1
                // Long enough for work to get anywhere.
                try await Task.sleep(for: .milliseconds(100))
            }
            return rounds
        }()
        try await withThrowingTaskGroup { group in
            for number in 0..<4 {
                group.addTask {
                    let ledger = try await ledger(pooler, worker: "w\(number)")
                    for start in stride(from: number * 60, to: number * 60 + 60, by: 4) {
                        let claims = try await ledger.claim(request(Array(partitions[start..<(start + 4)])))
                        #expect(claims.count == 4)
                        let outcomes = try await ledger.complete(job: "orders", claims.map { completion($0) })
                        #expect(outcomes == claims.map { _ in .recorded(.complete) })
                    }
                }
            }
            try await group.waitForAll()
        }
        isDone.add(())
        #expect(try await interference >= 4)
        #expect(try await first.summary(job: "orders", in: nil).counts == [.complete: 240])
        let attempts = try await rows(
            "SELECT outcome, count(*), count(DISTINCT partition_key) FROM reprocess.attempt GROUP BY 1")
        #expect(attempts == [["COMPLETE", "240", "240"]])
    }

    @Test func `Roles are made through it`() async throws {
        let pooler = try await pooler()
        let ledger = try await ledger(pooler, worker: "owner")
        try await ledger.createRoles()
        #expect(try await ledger.roles().allSatisfy { $0.exists && $0.missingRights.isEmpty })
        try await pooler.restart()
        try await ledger.createRoles()
    }
}
