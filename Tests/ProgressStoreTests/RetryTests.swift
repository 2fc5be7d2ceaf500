import Foundation
import Partitions
import Synchronization
import TestSupport
import Testing

@testable import ProgressStore

@Suite(.timeLimit(.minutes(3))) struct RetryTests {
    @Test func `Pauses grow to thirty seconds, and chance spreads them from nothing on`() {
        var backoff = Backoff()
        let longest = (0..<14).map { _ in backoff.next(random: 1).seconds }
        #expect(longest == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30, 30, 30, 30])
        var even = Backoff()
        #expect((0..<14).allSatisfy { _ in even.next(random: 0) == .zero })
    }

    @Test(arguments: [
        (nil, Remedy.reconnect), ("08006", .reconnect), ("57P01", .reconnect), ("57P02", .reconnect),
        ("57P03", .reconnect), ("57P05", .reconnect), ("25P03", .reconnect), ("25006", .reconnect),
        ("53300", .reconnect), ("53100", .reconnect), ("40001", .retry), ("40P01", .retry), ("55P03", .retry),
        ("23505", .retry), ("57014", .retryBriefly), ("28P01", .giveUp), ("28000", .giveUp), ("3D000", .giveUp),
        ("42501", .giveUp), ("42P01", .giveUp), ("22P02", .giveUp), ("23514", .giveUp), ("RP001", .giveUp),
    ])
    func `The code of an error decides what is done`(state: String?, remedy: Remedy) {
        #expect(Remedy(sqlState: state) == remedy)
    }

    @Test func `Reconnecting follows the clock and the chance that it is given`() async throws {
        let cluster = try await TestCluster()
        let pauses = Recorder<Duration>()
        let clock = Mutex(Duration.zero)
        let timing = Timing(
            now: { clock.withLock { $0 } },
            sleep: { pause in
                pauses.add(pause)
                clock.withLock { $0 += pause }
            },
            random: { 1 })
        let ledger = try await Ledger.open(
            .server(conninfo: cluster.conninfo),
            options: LedgerOptions(worker: "w", reconnectTimeout: .seconds(100)), timing: timing)
        try await cluster.stop(immediate: true)
        let error = await #expect(throws: LedgerError.self) { try await ledger.currentFence() }
        #expect(error?.code == .unreachable)
        #expect(pauses.values.map(\.milliseconds) == [100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000])
    }

    @Test func `The caller is told once of a loss and once of the return, whatever number of lines notices`() throws {
        let told = Recorder<String?>()
        let availability = Availability { told.add($0) }
        let connector = Connector(conninfo: { nil }, applicationName: "x", timeout: .seconds(1))
        let schema = try SchemaName("x")
        let sessions = (0..<3).map { Session(label: "\($0)", connector: connector, schema: schema) }
        availability.settled(sessions[0], works: true)
        #expect(told.values.isEmpty)
        for session in sessions { availability.lost(session, because: "gone") }
        availability.lost(sessions[0], because: "gone")
        #expect(told.values == ["gone"])
        for session in sessions { availability.settled(session, works: true) }
        #expect(told.values == ["gone", nil])
        availability.lost(sessions[0], because: "gone again")
        availability.settled(sessions[0], works: false)
        #expect(told.values == ["gone", nil, "gone again"])
    }

    @Test func `A statement that somebody cancels is tried again, but not for ever`() async throws {
        let fixture = try await LedgerFixture.make()
        try await fixture.execute(
            """
            CREATE SEQUENCE reprocess.tries;
            CREATE FUNCTION reprocess.cancelled() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF nextval('"\(fixture.schema)".tries') <= 2 THEN
                    RAISE EXCEPTION 'cancelled' USING ERRCODE = '57014';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER cancelled BEFORE INSERT ON reprocess.attempt
                FOR EACH ROW EXECUTE FUNCTION reprocess.cancelled();
            """)
        #expect(try await fixture.ledger.claim(request(days(1))).count == 1)
        try await fixture.execute("ALTER SEQUENCE reprocess.tries RESTART MINVALUE -100 START -100")
        let error = await #expect(throws: LedgerError.self) { try await fixture.ledger.claim(request([days(2)[1]])) }
        #expect(error?.sqlState == "57014")
        #expect(error?.message.contains("statement_timeout") == true)
    }
}
