import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

@Suite(.timeLimit(.minutes(5))) struct StatementTests {
    /// Every statement of `sql/` with the type that mirrors it.
    static let statements: [String: any Statement.Type] = [
        "attempts": Attempts.self, "claim": ClaimStatement.self, "claimed_batch": ClaimedBatch.self,
        "close_run": CloseRun.self, "complete": CompleteStatement.self, "current_fence": CurrentFence.self,
        "database_time": DatabaseTime.self,
        "fail": FailStatement.self, "heartbeat": HeartbeatStatement.self, "mark": MarkStatement.self,
        "open_run": OpenRun.self, "other_claims": OtherClaims.self, "plan_rows": PlanRows.self,
        "record_migration": RecordMigration.self, "release": ReleaseStatement.self, "rows_by_key": RowsByKey.self,
        "rows_by_status": RowsByStatus.self, "schema_version": SchemaVersion.self, "standing": Standing.self,
        "summary": SummaryStatement.self, "schema_owner": SchemaOwner.self, "role_members": RoleMembers.self,
        "missing_rights": MissingRights.self, "current_user": CurrentUser.self, "complete_rows": CompleteRows.self,
        "known_attempts": KnownAttempts.self, "reopen": Reopen.self, "hold": HoldStatement.self,
        "take": TakeStatement.self,
        "reject": RejectStatement.self, "held": Held.self, "decisions": Decisions.self,
        "judgements_by_key": JudgementsByKey.self, "judgements_by_run": JudgementsByRun.self,
        "judgement": Judgement.self, "runs": Runs.self, "run_by_id": RunByID.self,
        "steer": Steer.self, "steering": SteeringOfRun.self, "live_runs": LiveRuns.self,
        "control_events": ControlEvents.self, "trip_breaker": TripBreaker.self, "cancel_rest": CancelRest.self,
        "claim_within": ClaimWithin.self, "all_runs": AllRuns.self, "run_attempts": RunAttempts.self,
        "price_attempts": PriceAttempts.self, "price_recent": PriceRecent.self,
        "price_running": PriceRunning.self, "price_ended": PriceEnded.self, "price_forecast": PriceForecast.self,
        "record_forecast": RecordForecast.self,
        "record_replaced": RecordReplaced.self, "unmeasured_replaced": UnmeasuredReplaced.self,
        "record_batch": RecordBatch.self, "batches": Batches.self, "forget_batches": ForgetBatches.self,
        "needed_batches": NeededBatches.self,
    ]

    @Test func `The server prepares every statement of the program`() async throws {
        let fixture = try await LedgerFixture.make()
        let schema = try SchemaName(fixture.schema)
        for (file, statement) in Self.statements {
            let refusal = await fixture.refusal(
                of: "PREPARE it AS \(SQLText.statement(statement.source, schema: schema))")
            #expect(refusal == nil, "\(file)")
        }
    }

    @Test func `Every file of sql is a migration or mirrored by a type`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../sql")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
            .filter { $0.hasSuffix(".sql") }.map { String($0.dropLast(4)) }
        let migrations = files.filter { $0.wholeMatch(of: /v\d{4}_.*/) != nil }
        #expect(migrations.count == Migration.all.count)
        #expect(Migration.all.map(\.version) == Array(1...Migration.all.count))
        #expect(Set(files) == Set(Self.statements.keys).union(migrations).union(["begin_migration", "functions"]))
    }

    /// The planner knows nothing of the candidates where a statement is prepared; the cost must not grow with the table.
    @Test(arguments: ["force_generic_plan", "force_custom_plan"])
    func `A claim among 300,000 rows scans no table`(mode: String) async throws {
        let fixture = try await LedgerFixture.make()
        _ = try await fixture.ledger.openRun(runRequest(days(300_000)))
        try await fixture.execute(
            """
            INSERT INTO reprocess.attempt (
                fence, job, partition_key, claim_id, batch_id, attempt, worker, outcome, ended_at)
            SELECT nextval('reprocess.fence'), p.job, p.partition_key, gen_random_uuid(), gen_random_uuid(), 1, 'w',
                'COMPLETE', now()
            FROM reprocess.partition_progress p LIMIT 50000;
            ANALYZE reprocess.partition_progress; ANALYZE reprocess.attempt
            """)
        // Something for every part of the statement: a lost worker of this job and one of another on the same table, one
        // worker too many lost, a failure of another version, and a partition without a row.
        _ = try await fixture.ledger.claim(request(Array(days(36)[31..<33])))
        _ = try await fixture.ledger.claim(request([days(36)[33]], job: "refunds"))
        let failed = try await fixture.ledger.claim(request([days(36)[34]], version: "1")).only()
        let plan = try await fixture.ledger.currentFence()
        _ = try await fixture.ledger.fail(job: "orders", failed.token, error: "x", .giveUp)
        try await fixture.endLeases()
        try await fixture.execute(
            """
            UPDATE reprocess.partition_progress SET takeovers = 5 WHERE job = 'orders' AND partition_key = '2024-02-01';
            DELETE FROM reprocess.partition_progress WHERE job = 'orders' AND partition_key = '2024-02-05'
            """)
        let schema = try SchemaName(fixture.schema)
        let claim = SQLText.statement(ClaimStatement.source, schema: schema)
        let keys = "{" + days(36)[31...].map(\.description).joined(separator: ",") + "}"
        let lines = try await fixture.execute(
            """
            SET plan_cache_mode = \(mode);
            PREPARE claim AS \(claim);
            EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) EXECUTE claim(
                'orders', '\(keys)', '\(keys)', 4, 'lake/orders', 1, '2', \(plan), 'f', 90, NULL, 'w', 'h',
                '11111111-0000-4000-8000-000000000001', 5, '\(keys)')
            """
        ).compactMap { $0[0] }
        let text = lines.joined(separator: "\n")
        #expect(text.contains("partition_progress_pkey"))
        #expect(!text.contains("Seq Scan on partition_progress"), "\(text)")
        #expect(!text.contains("Seq Scan on attempt"), "\(text)")
        // Whatever the plan looks like, it touches a handful of rows, not the table.
        let rows = text.matches(of: /rows=(\d+) loops=(\d+)/).compactMap { match in
            Int(match.1).flatMap { rows in Int(match.2).map { rows * $0 } }
        }
        let removed = text.matches(of: /Rows Removed by [A-Za-z ]+: (\d+)/).compactMap { Int($0.1) }
        #expect(rows.count > 20)
        #expect((rows + removed).allSatisfy { $0 <= 64 }, "\(text)")
        let granted = try await fixture.execute(
            """
            SELECT partition_key, job, status FROM reprocess.partition_progress
            WHERE partition_key BETWEEN '2024-02-01' AND '2024-02-05' ORDER BY 1, 2
            """)
        #expect(
            granted == [
                ["2024-02-01", "orders", "FAILED"], ["2024-02-02", "orders", "RUNNING"],
                ["2024-02-03", "orders", "RUNNING"], ["2024-02-03", "refunds", "PENDING"],
                ["2024-02-04", "orders", "RUNNING"], ["2024-02-05", "orders", "RUNNING"],
            ])
    }

    @Test func `Heartbeats update in place`() async throws {
        // A server of its own: another test's long transaction would keep old versions of rows from being reused.
        let cluster = try await TestCluster()
        let fixture = try await LedgerFixture.make(on: cluster)
        let claims = try await fixture.ledger.claim(request(days(16)))
        #expect(claims.count == 16)
        for _ in 0..<100 {
            let reply = try await fixture.ledger.heartbeat(
                job: "orders", run: 1, claims.map(\.token), lease: .seconds(90))
            #expect(reply.held.count == 16)
        }
        // Statistics are complete when the sessions have ended.
        await fixture.ledger.close()
        let statistics = """
            SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables
            WHERE schemaname = '\(fixture.schema)' AND relname = 'partition_progress'
            """
        var row: [String?] = []
        repeat {
            row = try await fixture.execute(statistics).first ?? []
        } while row.first??.isEmpty != false || Int((row[0] ?? "0")) ?? 0 < 1600
        let updates = try #require(row[0].flatMap(Double.init))
        let inPlace = try #require(row[1].flatMap(Double.init))
        #expect(inPlace / updates > 0.95)
        try await cluster.stop(immediate: true)
    }

    @Test(.timeLimit(.minutes(1))) func `A statement whose name a pooler lost is run by its text`() async throws {
        let fixture = try await LedgerFixture.make()
        let session = Session(
            label: "test",
            connector: Connector(
                conninfo: { [cluster = fixture.cluster] in cluster.conninfo }, applicationName: "test",
                timeout: .seconds(10)), schema: try SchemaName(fixture.schema))
        // Uses that lie further apart than a name lives make none, which a busy machine can bring about.
        repeat {
            for _ in 0..<3 { #expect(try await session.run(CurrentFence()) == [0]) }
        } while try await session.run(PreparedCount()) == [0]
        // What it means for the next transaction to be carried out by another server.
        try await session.runScript("DEALLOCATE ALL")
        for _ in 0..<3 { #expect(try await session.run(CurrentFence()) == [0]) }
        #expect(try await session.run(PreparedCount()) == [0])
    }

    @Test func `A statement is planned anew when its plan is old`() async throws {
        var names = StatementNames()
        let statement = ObjectIdentifier(CurrentFence.self)
        let start = ContinuousClock.now
        let at = { (seconds: Double, names: inout StatementNames) in
            names.next(for: statement, at: start + .seconds(seconds), lifetime: .seconds(1))
        }
        #expect(at(0, &names) == .runText)
        guard case .prepare(let name) = at(0.1, &names) else {
            Issue.record("The second use within a lifetime gives a name.")
            return
        }
        #expect(at(1.0, &names) == .run(name))
        #expect(at(1.2, &names) == .forget(name))
        guard case .prepare(let later) = at(1.3, &names) else {
            Issue.record("After its name was given up, a statement gets another.")
            return
        }
        #expect(later != name)
        #expect(at(5, &names) == .forget(later))
        #expect(at(7, &names) == .runText)
    }

    @Test func `Names that were given up are gone on the server too`() async throws {
        let fixture = try await LedgerFixture.make()
        let session = Session(
            label: "test",
            connector: Connector(
                conninfo: { [cluster = fixture.cluster] in cluster.conninfo }, applicationName: "test",
                timeout: .seconds(10), planLifetime: .milliseconds(5)), schema: try SchemaName(fixture.schema))
        let end = ContinuousClock.now + .milliseconds(200)
        while ContinuousClock.now < end { #expect(try await session.run(CurrentFence()) == [0]) }
        #expect(try await session.run(PreparedCount()).only() <= 1)
    }

    @Test func `A pooler that refuses settings at the start is served without them`() async throws {
        let cluster = try await TestCluster.shared()
        let pooler = try TestProxy(before: cluster, refusesOptions: true)
        let ledger = try await Ledger.open(
            .server(conninfo: pooler.conninfo), options: LedgerOptions(schema: cluster.freshSchema(), worker: "w"))
        #expect(pooler.refusals == 1)
        let claim = try await ledger.claim(request(days(1))).only()
        #expect(try await ledger.complete(job: "orders", [completion(claim)]) == [.recorded(.complete)])
    }
}

/// Counts what is prepared on the connection that asks.
private struct PreparedCount: Statement {
    static let source = Array("SELECT count(*) FROM pg_prepared_statements".utf8)
    var parameters: [String?] { [] }

    static func row(_ row: RowReader) throws(LedgerError) -> Int64 { try row.requiredInteger(0) }
}
