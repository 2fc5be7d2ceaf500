import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// What accounts with a role of the ledger may do, and what the server refuses them.
@Suite(.timeLimit(.minutes(3))) struct RolesTests {
    /// A ledger with its roles, and accounts that have them.
    struct Accounts {
        let fixture: LedgerFixture

        static func make() async throws -> Accounts {
            let fixture = try await LedgerFixture.make()
            try await fixture.ledger.createRoles()
            for role in LedgerRole.allCases {
                try await fixture.execute(
                    "CREATE ROLE \(fixture.schema)_\(role)_user LOGIN IN ROLE \(fixture.schema)_\(role)")
            }
            return Accounts(fixture: fixture)
        }

        func conninfo(_ role: LedgerRole) -> String {
            fixture.cluster.conninfo.replacing("user=reprocess", with: "user=\(fixture.schema)_\(role)_user")
        }

        func ledger(_ role: LedgerRole) async throws -> Ledger {
            try await Ledger.open(
                .server(conninfo: conninfo(role)), options: LedgerOptions(schema: fixture.schema, worker: "\(role):1:a")
            )
        }

        /// Runs SQL as an account; returns what the server says where it refuses.
        func refusal(_ role: LedgerRole, _ sql: String) async -> String? {
            do {
                _ = try await TestCluster.execute(
                    sql.replacing("reprocess.", with: "\(fixture.schema)."), at: conninfo(role))
                return nil
            } catch {
                return "\(error)"
            }
        }
    }

    @Test func `A worker can do everything that a run does`() async throws {
        let accounts = try await Accounts.make()
        let ledger = try await accounts.ledger(.worker)
        #expect(try await ledger.missingRightsForRun() == [])
        let run = try await ledger.openRun(runRequest(days(6)))
        _ = try await ledger.currentFence()
        try await ledger.recordForecast(run: run, planned: 6, days(6).map { ForetoldPartition(key: $0, seconds: 1) })
        #expect(try await ledger.forecasts(job: "orders", in: nil).count == 1)
        let claims = try await ledger.claim(request(days(6)))
        #expect(claims.count == 6)
        let reply = try await ledger.heartbeat(job: "orders", run: run, claims.map(\.token), lease: .seconds(90))
        #expect(reply.held.count == 6)
        #expect(try await ledger.complete(job: "orders", [completion(claims[0])]) == [.recorded(.complete)])
        #expect(try await ledger.complete(job: "orders", [completion(claims[0])]) == [.recorded(.complete)])
        #expect(
            try await ledger.fail(job: "orders", claims[1].token, error: "x", .giveUp) == .recorded(.failed))
        try await ledger.release(job: "orders", [claims[2].token])
        _ = try await ledger.mark(job: "orders", Mark(key: claims[3].key, status: .pending))
        // What is held is decided, and undone.
        let held = try await ledger.claim(request(Array(days(8)[6...]), job: "held"))
        for claim in held {
            #expect(try await ledger.hold(job: "held", claim.token, holdFacts()) == .recorded(.held))
        }
        #expect(try await ledger.held(job: "held", keys: nil).count == 2)
        #expect(
            try await ledger.reject(job: "held", held[1].token, by: "ann", reason: "x") == .recorded(.failed))
        let approval = try #require(try await ledger.takeHeld(take(held[0], job: "held")))
        #expect(try await ledger.complete(job: "held", [completion(approval)]) == [.recorded(.complete)])
        let undo = try #require(try await ledger.takeForUndo(take(approval, job: "held")))
        #expect(try await ledger.complete(job: "held", [completion(undo)]) == [.recorded(.complete)])
        #expect(try await ledger.decisions(job: "held", key: held[0].key).count == 2)
        #expect(try await ledger.judgements(job: "held", keys: [held[0].key]).count == 1)
        #expect(try await ledger.runs(job: "orders", limit: 3).map(\.id) == [run])
        // A take-over, within the job and from another.
        try await accounts.fixture.execute(
            "UPDATE reprocess.partition_progress SET lease_expires_at = now() - interval '1 s' WHERE status = 'RUNNING'"
        )
        #expect(try await ledger.claim(request([claims[4].key])).only().predecessor != nil)
        #expect(try await ledger.claim(request([claims[5].key], job: "daily")).count == 1)
        #expect(try await ledger.summary(job: "orders", in: nil).counts[.complete] == 1)
        #expect(try await ledger.attempts(job: "orders", key: days(1)[0]).count == 1)
        try await ledger.closeRun(run, RunResult(complete: 1, failed: 1, skipped: 0, outcome: "finished"))
    }

    @Test(arguments: [
        "DELETE FROM reprocess.partition_progress", "DELETE FROM reprocess.attempt", "DELETE FROM reprocess.run",
        "DELETE FROM reprocess.worker", "TRUNCATE reprocess.attempt", "TRUNCATE reprocess.partition_progress",
        "ALTER TABLE reprocess.attempt DISABLE TRIGGER ALL", "ALTER TABLE reprocess.run ADD COLUMN x integer",
        "DROP TABLE reprocess.attempt", "DROP VIEW reprocess.daily_status",
        "DROP TRIGGER guard_ended ON reprocess.attempt",
        "SELECT setval('reprocess.fence', 1)", "ALTER SEQUENCE reprocess.fence RESTART",
        "UPDATE reprocess.schema_version SET version = 99",
        "INSERT INTO reprocess.schema_version (version, applied_by) VALUES (99, 'x')",
        "CREATE TABLE reprocess.mine (a integer)", "UPDATE reprocess.run SET control = 'CANCEL'",
        "UPDATE reprocess.run SET reason = 'x'", "UPDATE reprocess.attempt SET worker = 'x'",
        "UPDATE reprocess.attempt SET fence = 99",
        "UPDATE reprocess.partition_progress SET partition_key = '2030-01-01'",
        "UPDATE reprocess.partition_progress SET job = 'x'", "SELECT nextval('reprocess.run_run_id_seq')",
        "UPDATE reprocess.attempt SET kind = 'UNDO'", "UPDATE reprocess.judgement SET content_digest = 'x'",
        "DELETE FROM reprocess.judgement", "UPDATE reprocess.decision SET reason = 'x'",
        "DELETE FROM reprocess.decision",
    ])
    func `A worker is refused what no run does`(sql: String) async throws {
        let accounts = try await Accounts.make()
        let ledger = try await accounts.ledger(.worker)
        _ = try await ledger.openRun(runRequest(days(1)))
        _ = try await ledger.claim(request(days(1)))
        let refusal = await accounts.refusal(.worker, sql)
        #expect(Self.isLackOfRights(refusal), "\(refusal ?? "done")")
    }

    @Test func `A worker cannot rewrite what has ended`() async throws {
        let accounts = try await Accounts.make()
        let ledger = try await accounts.ledger(.worker)
        let claim = try await ledger.claim(request(days(1))).only()
        _ = try await ledger.complete(job: "orders", [completion(claim)])
        for change in ["outcome = 'FAILED'", "rows_written = 1", "error_message = 'x'"] {
            let refusal = await accounts.refusal(.worker, "UPDATE reprocess.attempt SET \(change)")
            #expect(refusal?.contains("history is not rewritten") == true, "\(refusal ?? "done")")
        }
        let refusal = await accounts.refusal(.worker, "UPDATE reprocess.partition_progress SET fence = fence - 1")
        #expect(refusal?.contains("may not decrease") == true)
    }

    @Test func `A planner plans, steers and marks, and neither claims nor completes`() async throws {
        let accounts = try await Accounts.make()
        let planner = try await accounts.ledger(.planner)
        let run = try await planner.openRun(runRequest(days(3)))
        #expect(try await planner.rows(job: "orders", keys: days(3)).map(\.status) == [.pending, .pending, .pending])
        let range = try PartitionRange(from: days(1)[0], through: days(3)[2])
        try await planner.forEachPlanRow(job: "orders", tableIdentity: "lake/orders", in: range) { _ in }
        #expect(await accounts.refusal(.planner, "UPDATE reprocess.run SET control = 'PAUSE'") == nil)
        let claim = try await accounts.ledger(.worker).claim(request(days(1))).only()
        // Also a claim of its own making is none of its business.
        for attempt in [
            { _ = try await planner.claim(request(days(3))) },
            { _ = try await planner.complete(job: "orders", [completion(claim)]) },
            { _ = try await planner.heartbeat(job: "orders", run: run, [claim.token], lease: .seconds(90)) },
        ] as [@Sendable () async throws -> Void] {
            let error = await #expect(throws: LedgerError.self) { try await attempt() }
            #expect(error?.sqlState == "42501")
            #expect(error?.message.contains("reprocess roles") == true)
        }
        #expect(try await accounts.fixture.outcomes(of: days(1)[0]) == ["RUNNING"])
        _ = try await planner.mark(job: "orders", Mark(key: claim.key, status: .pending))
        #expect(try await accounts.fixture.outcomes(of: days(1)[0]) == ["LOST"])
        _ = try await planner.mark(job: "orders", Mark(key: days(9)[8], status: .cancelled))
        // A planner decides about what is held, where that takes no claim.
        let worker = try await accounts.ledger(.worker)
        let held = try await worker.claim(request([days(3)[1]])).only()
        _ = try await worker.hold(job: "orders", held.token, holdFacts())
        let approval = await #expect(throws: LedgerError.self) { try await planner.takeHeld(take(held)) }
        #expect(approval?.sqlState == "42501")
        #expect(
            try await planner.reject(job: "orders", held.token, by: "ann", reason: "x") == .recorded(.failed))
        try await planner.closeRun(run, RunResult(complete: 0, failed: 0, skipped: 0, outcome: "planned"))
        let missing = try await planner.missingRightsForRun()
        #expect(missing.contains("INSERT ON attempt"))
    }

    @Test(arguments: [
        "DELETE FROM reprocess.partition_progress", "TRUNCATE reprocess.run", "SELECT setval('reprocess.fence', 1)",
        "UPDATE reprocess.partition_progress SET rows_written = 1", "UPDATE reprocess.attempt SET rows_written = 1",
        "INSERT INTO reprocess.attempt (fence, job, partition_key, claim_id, batch_id, attempt, worker) VALUES (1, 'o', '2024-01-01', gen_random_uuid(), gen_random_uuid(), 1, 'w')",
        "INSERT INTO reprocess.partition_progress (job, partition_key, status, fence, claim_id, lease_expires_at) VALUES ('o', '2024-01-01', 'RUNNING', 9, gen_random_uuid(), now())",
        "UPDATE reprocess.schema_version SET version = 99", "DELETE FROM reprocess.worker",
        "UPDATE reprocess.run SET reason = 'x'", "INSERT INTO reprocess.judgement (fence) VALUES (1)",
        "UPDATE reprocess.decision SET reason = 'x'",
    ])
    func `A planner is refused what only workers or owners do`(sql: String) async throws {
        let refusal = await (try await Accounts.make()).refusal(.planner, sql)
        #expect(Self.isLackOfRights(refusal), "\(refusal ?? "done")")
    }

    @Test func `A dashboard reads the views and nothing else`() async throws {
        let accounts = try await Accounts.make()
        for view in [
            "run_summary", "daily_status", "recent_failures", "worker_status", "held_partitions", "changed_partitions",
        ] {
            #expect(await accounts.refusal(.dashboard, "SELECT * FROM reprocess.\(view)") == nil)
        }
        for sql in [
            "SELECT * FROM reprocess.partition_progress", "SELECT * FROM reprocess.attempt",
            "SELECT * FROM reprocess.judgement", "SELECT * FROM reprocess.decision",
            "SELECT * FROM reprocess.run", "SELECT * FROM reprocess.worker", "SELECT * FROM reprocess.schema_version",
            "SELECT nextval('reprocess.fence')", "SELECT last_value FROM reprocess.fence",
            "INSERT INTO reprocess.worker (worker, lease_seconds) VALUES ('x', 1)",
            "UPDATE reprocess.run SET control = 'CANCEL'", "DELETE FROM reprocess.attempt",
            "CREATE TABLE reprocess.mine (a integer)",
        ] {
            let refusal = await accounts.refusal(.dashboard, sql)
            #expect(Self.isLackOfRights(refusal), "\(sql): \(refusal ?? "done")")
        }
        let error = await #expect(throws: LedgerError.self) { try await accounts.ledger(.dashboard) }
        #expect(error?.sqlState == "42501")
    }

    @Test func `The dashboard's own log-in is read-only, and has limits that an administrator may change`() async throws
    {
        let fixture = try await LedgerFixture.make()
        try await fixture.ledger.createRoles()
        let role = "\(fixture.schema)_dashboard"
        try await fixture.execute("ALTER ROLE \(role) LOGIN")
        let conninfo = fixture.cluster.conninfo.replacing("user=reprocess", with: "user=\(role)")
        let shown = try await TestCluster.execute(
            "SELECT current_setting('default_transaction_read_only'), current_setting('statement_timeout')",
            at: conninfo)
        #expect(shown == [["on", "5s"]])
        let limit = "SELECT rolconnlimit FROM pg_roles WHERE rolname = '\(role)'"
        #expect(try await fixture.execute(limit) == [["10"]])
        try await fixture.execute("ALTER ROLE \(role) CONNECTION LIMIT 50")
        try await fixture.ledger.createRoles()
        #expect(try await fixture.execute(limit) == [["50"]])
    }

    @Test func `Everything in the schema has a decision`() async throws {
        let fixture = try await LedgerFixture.make()
        let found = try await fixture.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = '\(fixture.schema)'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')"
        ).compactMap { $0[0] }
        #expect(Set(found) == Set(LedgerRights.objects.map(\.name)), "name it in LedgerRights, and say who may do what")
        let functions = try await fixture.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = '\(fixture.schema)'::regnamespace AND prorettype <> 'trigger'::regtype"
        ).compactMap { $0[0] }
        #expect(
            LedgerRights.functions.union(LedgerRights.ownersFunctions) == Set(functions), "name it in LedgerRights")
        // A table whose rows workers change says of each column whether they may.
        let columns = try await fixture.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = '\(fixture.schema)'")
        for object in LedgerRights.objects {
            let own = Set(columns.filter { $0[0] == object.name }.compactMap { $0[1] })
            let fixed = LedgerRights.fixedColumns[object.name] ?? []
            let changed = object.worker.first { $0.privilege == .update }?.columns ?? []
            guard !changed.isEmpty else { continue }
            #expect(own == fixed.union(changed), "\(object.name): decide whether workers may change the column")
        }
    }

    @Test func `Making roles again changes nothing, and takes back what is too much`() async throws {
        let accounts = try await Accounts.make()
        let fixture = accounts.fixture
        let rights = """
            SELECT c.relname, c.relacl::text, (SELECT string_agg(a.attname || a.attacl::text, ',' ORDER BY a.attnum)
                FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL)
            FROM pg_class c WHERE c.relnamespace = '\(fixture.schema)'::regnamespace AND c.relacl IS NOT NULL ORDER BY 1
            """
        let before = try await fixture.execute(rights)
        try await fixture.execute("GRANT DELETE, UPDATE ON reprocess.attempt TO \(fixture.schema)_worker")
        #expect(await accounts.refusal(.worker, "DELETE FROM reprocess.attempt") == nil)
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 { group.addTask { try await fixture.ledger.createRoles() } }
            try await group.waitForAll()
        }
        #expect(try await fixture.execute(rights) == before)
        #expect(Self.isLackOfRights(await accounts.refusal(.worker, "DELETE FROM reprocess.attempt")))
        let standings = try await fixture.ledger.roles()
        #expect(standings.allSatisfy { $0.exists && $0.missingRights.isEmpty })
        #expect(standings.map(\.members) == LedgerRole.allCases.map { ["\(fixture.schema)_\($0)_user"] })
    }

    @Test func `What is printed for an administrator does the same`() async throws {
        let fixture = try await LedgerFixture.make()
        #expect(try await fixture.ledger.roles().allSatisfy { !$0.exists })
        let script = try Ledger.rolesScript(schema: fixture.schema)
        for _ in 0..<2 { try await fixture.cluster.execute(script) }
        #expect(try await fixture.ledger.roles().allSatisfy { $0.exists && $0.missingRights.isEmpty })
    }

    @Test func `A migration gives the roles of this ledger their rights, and those of no other`() async throws {
        let cluster = try await TestCluster.shared()
        let schema = cluster.freshSchema()
        // The first step of all is a migration like those that follow; the roles are there before it.
        try await cluster.execute(
            """
            CREATE SCHEMA \(schema); CREATE ROLE \(schema)_worker; CREATE ROLE \(schema)_planner;
            GRANT USAGE ON SCHEMA \(schema) TO \(schema)_worker, \(schema)_planner;
            """)
        let ledger = try await Ledger.open(
            .server(conninfo: cluster.conninfo), options: LedgerOptions(schema: schema, worker: "w"))
        #expect(try await ledger.roles().map(\.exists) == [true, true, false])
        #expect(try await ledger.roles().allSatisfy(\.missingRights.isEmpty))
        // A ledger of the same name in another database: its owner has not said who may use it.
        let database = try await cluster.freshDatabase()
        let other = try await Ledger.open(
            .server(conninfo: cluster.conninfo(database: database)),
            options: LedgerOptions(schema: schema, worker: "w"))
        #expect(try await other.roles()[0].exists)
        #expect(try await other.roles()[0].missingRights.contains("SELECT ON partition_progress"))
        let granted = "SELECT relname FROM pg_class WHERE relacl::text LIKE '%\(schema)_worker%'"
        #expect(try await cluster.execute(granted, database: database).isEmpty)
    }

    @Test func `A worker starts without touching the tables' definitions`() async throws {
        let accounts = try await Accounts.make()
        try await accounts.fixture.execute(
            """
            CREATE FUNCTION public.\(accounts.fixture.schema)_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF session_user LIKE '\(accounts.fixture.schema)%' THEN RAISE EXCEPTION 'no definitions'; END IF;
            END $$;
            CREATE EVENT TRIGGER \(accounts.fixture.schema)_ddl ON ddl_command_start
                EXECUTE FUNCTION public.\(accounts.fixture.schema)_ddl();
            """)
        let ledger = try await accounts.ledger(.worker)
        #expect(try await ledger.claim(request(days(1))).count == 1)
        try await accounts.fixture.execute("DROP EVENT TRIGGER \(accounts.fixture.schema)_ddl")
    }

    @Test func `A worker whose ledger is too old says who must do what`() async throws {
        let accounts = try await Accounts.make()
        try await accounts.fixture.execute(
            """
            DELETE FROM reprocess.schema_version WHERE version > 1;
            UPDATE reprocess.schema_version SET version = -1
            """)
        let error = await #expect(throws: LedgerError.self) { try await accounts.ledger(.worker) }
        #expect(error?.code == .refused)
        #expect(error?.sqlState == "42501")
        let message = error?.message ?? ""
        for part in ["has version -1", "needs \(Migration.current)", "owner 'reprocess'", "'reprocess status'"] {
            #expect(message.contains(part), "\(message)")
        }
    }

    @Test func `Who may not make roles is told who may`() async throws {
        let accounts = try await Accounts.make()
        let error = await #expect(throws: LedgerError.self) { try await accounts.ledger(.planner).createRoles() }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("CREATEROLE") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("reprocess roles --sql") == true)
    }

    @Test func `A schema's name must leave room for the roles' names`() throws {
        let longest = String(repeating: "x", count: 53)
        #expect(try Ledger.rolesScript(schema: longest).contains("\(longest)_dashboard"))
        let error = #expect(throws: LedgerError.self) { try Ledger.rolesScript(schema: longest + "x") }
        #expect(error?.message.contains("53 characters at most") == true)
    }

    private static func isLackOfRights(_ refusal: String?) -> Bool {
        guard let refusal else { return false }
        return refusal.contains("permission denied") || refusal.contains("must be owner")
            || refusal.contains("no privileges were granted")
    }
}
