import Foundation
import Partitions
import Synchronization
import TestSupport
import Testing

@testable import ProgressStore

/// A server that lives and does not let one through: no connection left, locks, timeouts, deadlocks.
@Suite(.timeLimit(.minutes(5))) struct CrowdedServerTests {
    /// A clock that moves with each pause, and what is to happen at one of them.
    private static func timing(
        pauses: Recorder<Duration>, at number: Int = .max, _ act: @escaping @Sendable () async throws -> Void = {}
    ) -> Timing {
        let clock = Mutex(Duration.zero)
        return Timing(
            now: { clock.withLock { $0 } },
            sleep: { pause in
                pauses.add(pause)
                clock.withLock { $0 += pause }
                if pauses.values.count == number { try await act() }
            }, random: { 1 })
    }

    /// An account on the shared server with a database of its own.
    private static func account(_ attributes: String) async throws -> (
        cluster: TestCluster, conninfo: String, name: String
    ) {
        let cluster = try await TestCluster.shared()
        let database = try await cluster.freshDatabase()
        let name = "user_" + cluster.freshSchema()
        try await cluster.execute(
            "CREATE ROLE \(name) LOGIN \(attributes); GRANT CREATE ON DATABASE \(database) TO \(name)")
        let conninfo = cluster.conninfo(database: database).replacing("user=reprocess", with: "user=\(name)")
        return (cluster, conninfo, name)
    }

    @Test func `A role without a connection left is waited for, then told with what to do`() async throws {
        let (cluster, conninfo, name) = try await Self.account("CONNECTION LIMIT 0")
        let pauses = Recorder<Duration>()
        let error = await #expect(throws: LedgerError.self) {
            try await Ledger.open(
                .server(conninfo: conninfo), options: LedgerOptions(worker: "w"), timing: Self.timing(pauses: pauses))
        }
        #expect(pauses.values.count > 4)
        #expect(error?.code == .unreachable)
        #expect(error?.sqlState == "53300")
        for part in ["too many connections for role", "CONNECTION LIMIT", "pooler"] {
            #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        }
        let later = Recorder<Duration>()
        let ledger = try await Ledger.open(
            .server(conninfo: conninfo), options: LedgerOptions(worker: "w"),
            timing: Self.timing(pauses: later, at: 3) {
                try await cluster.execute("ALTER ROLE \(name) CONNECTION LIMIT -1")
            })
        #expect(later.values.count == 3)
        #expect(try await ledger.claim(request(days(1))).count == 1)
    }

    @Test func `A full server is waited for in the middle of the work`() async throws {
        // Three of the six are for superusers.
        let cluster = try await TestCluster(settings: ["max_connections=6", "max_wal_senders=0"])
        try await cluster.execute("CREATE ROLE ann LOGIN; GRANT CREATE ON DATABASE postgres TO ann")
        let conninfo = cluster.conninfo.replacing("user=reprocess", with: "user=ann")
        let told = Recorder<String?>()
        let ledger = try await Ledger.open(
            .server(conninfo: conninfo), options: LedgerOptions(worker: "w", onAvailability: { told.add($0) }))
        let claim = try await ledger.claim(request(days(1))).only()
        // Its own connections go, and others take their places.
        try await cluster.terminateBackends()
        var others: [HeldConnection] = []
        for _ in 0..<3 { others.append(try await HeldConnection(conninfo)) }
        async let outcome = ledger.complete(job: "orders", [completion(claim)])
        while told.values.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        #expect(told.values[0]?.contains("has no connection left") == true, "\(told.values)")
        for other in others { await other.close() }
        #expect(try await outcome == [.recorded(.complete)])
    }

    @Test func `A lock that somebody holds is waited for again and again`() async throws {
        let fixture = try await LedgerFixture.make()
        let lock = try await HeldConnection(fixture.cluster.conninfo)
        let pauses = Recorder<Duration>()
        let ledger = try await Ledger.open(
            .server(conninfo: fixture.cluster.conninfo + " options='-c lock_timeout=50ms'"),
            options: LedgerOptions(schema: fixture.schema, worker: "w"),
            timing: Self.timing(pauses: pauses, at: 7) { try await lock.execute("COMMIT") })
        try await lock.execute("BEGIN; LOCK TABLE \(fixture.schema).partition_progress")
        // 55P03 seven times: more than a statement that was cancelled is tried.
        #expect(try await ledger.claim(request(days(1))).count == 1)
        #expect(pauses.values.count == 7)
        #expect(try await fixture.outcomes(of: days(1)[0]) == ["RUNNING"])
    }

    @Test func `A lock that stays ends the work with what to look into`() async throws {
        let fixture = try await LedgerFixture.make()
        let lock = try await HeldConnection(fixture.cluster.conninfo)
        let ledger = try await Ledger.open(
            .server(conninfo: fixture.cluster.conninfo + " options='-c lock_timeout=20ms'"),
            options: LedgerOptions(schema: fixture.schema, worker: "w", reconnectTimeout: .seconds(10)),
            timing: Self.timing(pauses: Recorder()))
        try await lock.execute("BEGIN; LOCK TABLE \(fixture.schema).partition_progress")
        let error = await #expect(throws: LedgerError.self) { try await ledger.claim(request(days(1))) }
        #expect(error?.sqlState == "55P03")
        #expect(error?.message.contains("pg_locks") == true)
    }

    @Test(arguments: [2, 99])
    func `A statement timeout of the account is borne a few times`(release: Int) async throws {
        let (cluster, conninfo, name) = try await Self.account("")
        let owner = try await Ledger.open(.server(conninfo: conninfo), options: LedgerOptions(worker: "owner"))
        try await cluster.execute("ALTER ROLE \(name) SET statement_timeout = '100ms'")
        let lock = try await HeldConnection(conninfo.replacing("user=\(name)", with: "user=reprocess"))
        let pauses = Recorder<Duration>()
        let ledger = try await Ledger.open(
            .server(conninfo: conninfo), options: LedgerOptions(worker: "w"),
            timing: Self.timing(pauses: pauses, at: release) { try await lock.execute("COMMIT") })
        try await lock.execute("BEGIN; LOCK TABLE reprocess.partition_progress")
        if release == 2 {
            #expect(try await ledger.claim(request(days(1))).count == 1)
            #expect(pauses.values.count == 2)
            #expect(try await owner.attempts(job: "orders", key: days(1)[0]).count == 1)
        } else {
            let error = await #expect(throws: LedgerError.self) { try await ledger.claim(request(days(1))) }
            #expect(error?.code == .refused)
            #expect(error?.sqlState == "57014")
            #expect(error?.message.contains("statement_timeout") == true)
            #expect(pauses.values.count == 3)
        }
    }

    @Test func `A migration is not cut off by the account's statement timeout`() async throws {
        let (cluster, conninfo, name) = try await Self.account("")
        try await cluster.execute("ALTER ROLE \(name) SET statement_timeout = '150ms'")
        // Another process that migrates holds the lock for longer than that.
        let database = conninfo.replacing("user=\(name)", with: "user=reprocess")
        let other = try await HeldConnection(database)
        try await other.execute(
            "BEGIN; SELECT pg_advisory_xact_lock(('x' || left(md5('ledger ' || '\"reprocess\"'), 16))::bit(64)::bigint)"
        )
        let pauses = Recorder<Duration>()
        async let ledger = Ledger.open(
            .server(conninfo: conninfo), options: LedgerOptions(worker: "w"), timing: Self.timing(pauses: pauses))
        let waiting = "SELECT 1 FROM pg_stat_activity WHERE usename = '\(name)' AND wait_event_type = 'Lock'"
        while try await cluster.execute(waiting).isEmpty {}
        try await cluster.execute("SELECT pg_sleep(0.4)")
        try await other.execute("COMMIT")
        #expect(try await ledger.claim(request(days(1))).count == 1)
        #expect(pauses.values.isEmpty)
    }

    @Test func `A migration that was a deadlock's victim begins anew`() async throws {
        let cluster = try await TestCluster.shared()
        let database = try await cluster.freshDatabase()
        // The first step fails half-way, once, and leaves a transaction that takes no more statements.
        try await cluster.execute(
            """
            CREATE SEQUENCE public.tries;
            CREATE FUNCTION public.fail_once() RETURNS event_trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF nextval('public.tries') = 3 THEN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END IF;
            END $$;
            CREATE EVENT TRIGGER fail_once ON ddl_command_end EXECUTE FUNCTION public.fail_once();
            """, database: database)
        let ledger = try await Ledger.open(
            .server(conninfo: cluster.conninfo(database: database)), options: LedgerOptions(worker: "w"))
        #expect(try await ledger.claim(request(days(1))).count == 1)
        let tries = try await cluster.execute("SELECT last_value > 3 FROM public.tries", database: database)
        #expect(tries == [["t"]])
    }

    @Test func `The victim of a deadlock tries again`() async throws {
        let fixture = try await LedgerFixture.make()
        let pauses = Recorder<Duration>()
        let ledger = try await Ledger.open(
            .server(conninfo: fixture.cluster.conninfo + " options='-c deadlock_timeout=50ms'"),
            options: LedgerOptions(schema: fixture.schema, worker: "w"), timing: Self.timing(pauses: pauses))
        let claims = try await ledger.claim(request(days(2)))
        let other = try await HeldConnection(fixture.cluster.conninfo)
        let touch = { (key: PartitionKey) in
            "UPDATE \(fixture.schema).partition_progress SET updated_at = now() WHERE partition_key = '\(key)'"
        }
        // It takes the later row first, and never looks for deadlocks itself.
        try await other.execute("SET deadlock_timeout = '1h'; BEGIN; \(touch(days(2)[1]))")
        async let outcomes = ledger.complete(job: "orders", claims.map { completion($0) })
        let waiting = """
            SELECT 1 FROM pg_stat_activity
            WHERE wait_event_type = 'Lock' AND query LIKE '%\(fixture.schema)%' AND pid <> pg_backend_pid()
            """
        while try await fixture.execute(waiting).isEmpty, pauses.values.isEmpty {}
        try await other.execute("\(touch(days(2)[0])); COMMIT")
        #expect(try await outcomes == [.recorded(.complete), .recorded(.complete)])
        #expect(try await fixture.outcomes(of: days(2)[0]) == ["COMPLETE"])
    }

    @Test func `A serialization failure is tried again`() async throws {
        let fixture = try await LedgerFixture.make()
        let pauses = Recorder<Duration>()
        let ledger = try await Ledger.open(
            .server(
                conninfo: fixture.cluster.conninfo + " options='-c default_transaction_isolation=repeatable\\\\ read'"),
            options: LedgerOptions(schema: fixture.schema, worker: "w"), timing: Self.timing(pauses: pauses))
        let claim = try await ledger.claim(request(days(1))).only()
        let other = try await HeldConnection(fixture.cluster.conninfo)
        try await other.execute("BEGIN; UPDATE \(fixture.schema).partition_progress SET updated_at = now()")
        async let outcomes = ledger.complete(job: "orders", [completion(claim)])
        let waiting = """
            SELECT 1 FROM pg_stat_activity
            WHERE wait_event_type = 'Lock' AND query LIKE '%\(fixture.schema)%' AND pid <> pg_backend_pid()
            """
        while try await fixture.execute(waiting).isEmpty {}
        try await other.execute("COMMIT")
        #expect(try await outcomes == [.recorded(.complete)])
        #expect(!pauses.values.isEmpty)
    }
}
