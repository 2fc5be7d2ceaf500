import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// A line that is open and carries nothing: what neither TCP nor the server notices.
@Suite(.timeLimit(.minutes(3))) struct SilentServerTests {
    private let cluster: TestCluster
    private let proxy: TestProxy
    private let schema: String

    init() async throws {
        cluster = try await TestCluster.shared()
        proxy = try TestProxy(before: cluster)
        schema = cluster.freshSchema()
    }

    private func ledger(
        answerTimeout: Duration = .milliseconds(500), onAvailability: @escaping @Sendable (String?) -> Void = { _ in }
    ) async throws -> Ledger {
        // The tables are made by a patient one.
        await
            (try await Ledger.open(
                .server(conninfo: cluster.conninfo), options: LedgerOptions(schema: schema, worker: "maker"))).close()
        return try await Ledger.open(
            .server(conninfo: proxy.conninfo),
            options: LedgerOptions(
                schema: schema, worker: "w", connectTimeout: .seconds(60), reconnectTimeout: .seconds(120),
                answerTimeout: answerTimeout, onAvailability: onAvailability))
    }

    @Test func `A claim whose answer never comes is found on another line`() async throws {
        let ledger = try await ledger()
        proxy.holdAfterRequest(containing: "2024-01-03")
        let claims = try await ledger.claim(request(days(3)))
        #expect(proxy.heldLines == 1)
        #expect(claims.map(\.key) == days(3))
        for key in days(3) { #expect(try await ledger.attempts(job: "orders", key: key).count == 1) }
    }

    @Test func `A result whose confirmation never comes is known to be recorded`() async throws {
        let ledger = try await ledger()
        let claim = try await ledger.claim(request(days(1))).only()
        proxy.holdAfterRequest(containing: claim.token.claimID.uuidString)
        #expect(try await ledger.complete(job: "orders", [completion(claim)]) == [.recorded(.complete)])
        #expect(proxy.heldLines == 1)
        #expect(try await ledger.attempts(job: "orders", key: days(1)[0]).map(\.outcome) == ["COMPLETE"])
    }

    @Test func `A heartbeat does not wait for ever`() async throws {
        let ledger = try await ledger()
        let claim = try await ledger.claim(request(days(1))).only()
        proxy.holdAfterRequest(containing: claim.token.claimID.uuidString)
        let reply = try await ledger.heartbeat(job: "orders", run: 1, [claim.token], lease: .seconds(90))
        #expect(reply.held == [claim.token])
        #expect(proxy.heldLines == 1)
    }

    @Test func `When nothing gets through any more, work waits and goes on when it does`() async throws {
        let told = Recorder<String?>()
        let ledger = try await ledger(onAvailability: { told.add($0) })
        let claim = try await ledger.claim(request(days(1))).only()
        proxy.stall(true)
        async let outcome = ledger.complete(job: "orders", [completion(claim)])
        // The line of the statement, that of the request to cancel it, and the next try to connect.
        while proxy.heldLines < 3 { try await Task.sleep(for: .milliseconds(10)) }
        proxy.stall(false)
        proxy.redirect(to: cluster)
        #expect(try await outcome == [.recorded(.complete)])
        #expect(told.values.count == 2)
        #expect(told.values.last == .some(nil))
    }

    @Test func `A statement that takes longer than the limit gets done, with more time each time`() async throws {
        let ledger = try await ledger(answerTimeout: .milliseconds(200))
        try await cluster.execute(
            """
            CREATE SEQUENCE \(schema).tries;
            CREATE FUNCTION \(schema).slow() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM nextval('\(schema).tries');
                PERFORM pg_sleep(0.7);
                RETURN NEW;
            END $$;
            CREATE TRIGGER slow BEFORE INSERT ON \(schema).attempt FOR EACH ROW EXECUTE FUNCTION \(schema).slow();
            """)
        #expect(try await ledger.claim(request(days(1))).count == 1)
        let tries = try await cluster.execute("SELECT last_value > 1 FROM \(schema).tries")
        #expect(tries == [["t"]])
        // What was given up was cancelled on the server too, and has left nothing.
        #expect(try await ledger.attempts(job: "orders", key: days(1)[0]).count == 1)
    }

    @Test func `A request that nobody takes does not wait for ever`() async throws {
        let ledger = try await ledger()
        _ = try await ledger.currentFence()
        proxy.stall(true, reading: false)
        // More than the system keeps for a line.
        async let rows = ledger.rows(job: "orders", keys: days(400_000))
        while proxy.heldLines < 2 { try await Task.sleep(for: .milliseconds(10)) }
        proxy.stall(false)
        proxy.redirect(to: cluster)
        #expect(try await rows.isEmpty)
    }

    @Test func `A connection is not used again while a request to cancel may still hit it`() async throws {
        let session = Session(
            label: "test",
            connector: Connector(
                conninfo: { [proxy] in proxy.conninfo }, applicationName: "test", timeout: .seconds(30),
                answerLimit: .milliseconds(200)), schema: try SchemaName(schema))
        let first = try await session.run(SlowPID(seconds: 0)).only()
        #expect(try await session.run(SlowPID(seconds: 0)).only() == first)
        proxy.holdCancels()
        // The answer comes after all, before the request to cancel does.
        #expect(try await session.run(SlowPID(seconds: 0.8)).only() == first)
        #expect(proxy.heldLines == 1)
        #expect(try await session.run(SlowPID(seconds: 0)).only() != first)
    }

    @Test(arguments: [(90, 30), (30, 10), (6, 5), (1, 5)])
    func `A heartbeat leaves time for a second one`(lease: Int, limit: Int) {
        let statement = HeartbeatStatement(
            job: "orders", run: 1, tokens: [], lease: .seconds(lease), worker: WorkerIdentity(name: "w"))
        #expect(statement.answerLimit == .seconds(limit))
    }

    @Test func `Silence ends in a question to stop, and then with the connection`() {
        let start = ContinuousClock.now
        var watch = AnswerWatch(limit: .seconds(60), from: start)
        #expect(watch.next(isInterrupted: false, at: start) == .wait(60_001))
        watch.heard(at: start + .seconds(50))
        #expect(watch.next(isInterrupted: false, at: start + .seconds(100)) == .wait(10_001))
        #expect(watch.stopping == nil)
        #expect(watch.next(isInterrupted: false, at: start + .seconds(110)) == .cancel)
        #expect(watch.stopping == .silence)
        // What comes now may be the last of the rows or the confirmation of the end; there is no more time for it.
        watch.heard(at: start + .seconds(112))
        #expect(watch.next(isInterrupted: true, at: start + .seconds(112)) == .wait(3_001))
        #expect(watch.next(isInterrupted: false, at: start + .seconds(115)) == .giveUp)
    }

    @Test func `An interruption is passed on at once`() {
        let start = ContinuousClock.now
        var watch = AnswerWatch(limit: .seconds(60), from: start)
        #expect(watch.next(isInterrupted: true, at: start) == .cancel)
        #expect(watch.stopping == .interruption)
        #expect(watch.next(isInterrupted: true, at: start) == .wait(5_001))
        #expect(watch.next(isInterrupted: true, at: start + .seconds(5)) == .giveUp)
    }
}

/// Tells which session answers, after a while.
private struct SlowPID: Statement {
    static let source = Array("SELECT pg_backend_pid() FROM pg_sleep($1)".utf8)
    let seconds: Double
    var parameters: [String?] { ["\(seconds)"] }

    static func row(_ row: RowReader) throws(LedgerError) -> Int64 { try row.requiredInteger(0) }
}
