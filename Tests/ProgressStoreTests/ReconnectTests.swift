import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

@Suite(.timeLimit(.minutes(5))) struct ReconnectTests {
    @Test func `Work goes on while an administrator ends one session after the other`() async throws {
        let cluster = try await TestCluster.shared()
        let fixture = try await LedgerFixture.make(database: try await cluster.freshDatabase())
        let partitions = days(200)
        _ = try await fixture.ledger.openRun(runRequest(partitions))
        var granted: [PartitionKey] = []
        for start in stride(from: 0, to: partitions.count, by: 4) {
            // At some moment of what follows: each is another.
            async let interference: Void =
                start.isMultiple(of: 20) ? cluster.terminateBackends(database: fixture.database) : ()
            let claims = try await fixture.ledger.claim(request(Array(partitions[start..<(start + 4)])))
            granted += claims.map(\.key)
            let outcomes = try await fixture.ledger.complete(job: "orders", claims.map { completion($0) })
            #expect(outcomes == claims.map { _ in .recorded(.complete) })
            try await interference
        }
        #expect(granted == partitions)
        #expect(try await fixture.ledger.summary(job: "orders", in: nil).counts == [.complete: 200])
    }

    @Test(arguments: [false, true])
    func `Work goes on after the server was restarted, and the caller is told meanwhile`(isCrash: Bool) async throws {
        let cluster = try await TestCluster()
        let told = Recorder<String?>()
        let fixture = try await LedgerFixture.make(on: cluster, onAvailability: { told.add($0) })
        let ledger = fixture.ledger
        let claim = try await ledger.claim(request(days(1))).only()
        #expect(try await ledger.heartbeat(job: "orders", run: 1, [claim.token], lease: .seconds(90)).held.count == 1)
        try await cluster.stop(immediate: isCrash)
        async let outcome = ledger.complete(job: "orders", [completion(claim)])
        async let reply = ledger.heartbeat(job: "orders", run: 1, [], lease: .seconds(90))
        while told.values.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        #expect(told.values.first??.contains("socket folder \"\(cluster.folder)\", port 5432") == true)
        try await cluster.start()
        #expect(try await outcome == [.recorded(.complete)])
        #expect(try await reply.control == .run)
        #expect(told.values.count == 2)
        #expect(told.values.last == .some(nil))
        try await cluster.stop(immediate: true)
    }

    @Test func `A database that stays away ends the work when time is up`() async throws {
        let cluster = try await TestCluster()
        let fixture = try await LedgerFixture.make(reconnectTimeout: .milliseconds(700), on: cluster)
        let claim = try await fixture.ledger.claim(request(days(1))).only()
        try await cluster.stop(immediate: true)
        let error = await #expect(throws: LedgerError.self) {
            try await fixture.ledger.complete(job: "orders", [completion(claim)])
        }
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("was gone for") == true)
        #expect(error?.message.contains(cluster.folder) == true)
    }

    struct Mark: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let run: @Sendable (Ledger, [Claim]) async throws -> [MarkOutcome]
        let outcome: MarkOutcome
        let attempts: [String]
    }

    /// The server has done it, and the answer is lost: the worst moment for the line to break.
    @Test(arguments: [
        Mark(
            testDescription: "complete",
            run: { ledger, claims in try await ledger.complete(job: "orders", claims.map { completion($0) }) },
            outcome: .recorded(.complete), attempts: ["COMPLETE"]),
        Mark(
            testDescription: "fail",
            run: { ledger, claims in
                [try await ledger.fail(job: "orders", claims[0].token, error: "x", .giveUp)]
            }, outcome: .recorded(.failed), attempts: ["FAILED"]),
        Mark(
            testDescription: "retry",
            run: { ledger, claims in
                [try await ledger.fail(job: "orders", claims[0].token, error: "x", .retry(after: .seconds(60)))]
            }, outcome: .recorded(.pending), attempts: ["RETRY"]),
    ])
    func `A mark whose answer was lost is found to be recorded`(mark: Mark) async throws {
        let cluster = try await TestCluster.shared()
        let proxy = try TestProxy(before: cluster)
        let ledger = try await Ledger.open(
            .server(conninfo: proxy.conninfo), options: LedgerOptions(schema: cluster.freshSchema(), worker: "w"))
        let claims = try await ledger.claim(request(days(1)))
        proxy.cutAfterRequest(containing: try #require(claims.first).token.claimID.uuidString)
        #expect(try await mark.run(ledger, claims) == [mark.outcome])
        #expect(proxy.cuts == 1)
        #expect(try await ledger.attempts(job: "orders", key: days(1)[0]).map(\.outcome) == mark.attempts)
    }

    @Test(arguments: [false, true])
    func `A claim whose answer was lost is found again, not made twice`(isPrepared: Bool) async throws {
        let cluster = try await TestCluster.shared()
        let proxy = try TestProxy(before: cluster)
        let schema = cluster.freshSchema()
        let ledger = try await Ledger.open(
            .server(conninfo: proxy.conninfo), options: LedgerOptions(schema: schema, worker: "w"))
        if isPrepared { for number in 1...2 { _ = try await ledger.claim(request([days(20)[number + 10]])) } }
        proxy.cutAfterRequest(containing: "2024-01-03")
        let claims = try await ledger.claim(request(days(3)))
        #expect(proxy.cuts == 1)
        #expect(claims.map(\.key) == days(3))
        for key in days(3) { #expect(try await ledger.attempts(job: "orders", key: key).count == 1) }
        #expect(
            try await ledger.complete(job: "orders", claims.map { completion($0) })
                == claims.map { _ in .recorded(.complete) })
    }

    @Test func `A run whose answer was lost is opened once`() async throws {
        let cluster = try await TestCluster.shared()
        let proxy = try TestProxy(before: cluster)
        let schema = cluster.freshSchema()
        let ledger = try await Ledger.open(
            .server(conninfo: proxy.conninfo), options: LedgerOptions(schema: schema, worker: "w"))
        proxy.cutAfterRequest(containing: "the rate was wrong")
        _ = try await ledger.openRun(runRequest(days(3)))
        #expect(proxy.cuts == 1)
        #expect(try await cluster.execute("SELECT count(*) FROM \(schema).run") == [["1"]])
    }

    @Test func `A connection that fell on a standby is dropped, and another made`() async throws {
        let fixture = try await LedgerFixture.make()
        _ = try await fixture.ledger.claim(request(days(1)))
        // What a server says after a failover to every session that stayed (25006), once.
        try await fixture.execute(
            """
            CREATE TABLE reprocess.said (pid integer);
            CREATE FUNCTION reprocess.standby() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF pg_backend_pid() = (SELECT min(pid) FROM pg_stat_activity
                    WHERE application_name LIKE 'reprocess%' AND pid IN (SELECT pid FROM "\(fixture.schema)".old))
                THEN RAISE EXCEPTION 'read-only' USING ERRCODE = '25006'; END IF;
                RETURN NEW;
            END $$;
            CREATE TABLE reprocess.old AS SELECT pid FROM pg_stat_activity;
            CREATE TRIGGER standby BEFORE INSERT ON reprocess.attempt FOR EACH ROW EXECUTE FUNCTION reprocess.standby();
            """)
        // Only sessions of now are refused, as far as they are this ledger's; the new one is not.
        try await fixture.execute(
            """
            DELETE FROM reprocess.old WHERE pid NOT IN (
                SELECT pid FROM pg_stat_activity WHERE query LIKE '%\(fixture.schema)%' AND pid <> pg_backend_pid());
            """)
        #expect(try await fixture.ledger.claim(request([days(2)[1]])).count == 1)
    }
}
