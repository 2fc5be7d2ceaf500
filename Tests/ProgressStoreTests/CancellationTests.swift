import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

@Suite(.timeLimit(.minutes(3))) struct CancellationTests {
    /// A statement that takes as long as the test wants.
    private struct Sleep: Statement {
        static let source = Array("SELECT pg_sleep($1::double precision)".utf8)
        static let isInterruptible = true
        let seconds: Double
        var parameters: [String?] { ["\(seconds)"] }

        static func row(_ row: RowReader) throws(LedgerError) {}
    }

    private func makeSession() async throws -> Session {
        let cluster = try await TestCluster.shared()
        return Session(
            label: "test",
            connector: Connector(conninfo: { cluster.conninfo }, applicationName: "cancel", timeout: .seconds(10)),
            schema: try SchemaName("reprocess"))
    }

    private func isInterruption(_ failure: SessionFailure?) -> Bool {
        if case .interrupted = failure { true } else { false }
    }

    @Test func `A running statement ends when its task is cancelled, and the session goes on`() async throws {
        let cluster = try await TestCluster.shared()
        let session = try await makeSession()
        let marker = Double.random(in: 30...31)
        let task = Task { () -> SessionFailure? in
            do throws(SessionFailure) {
                _ = try await session.run(Sleep(seconds: marker))
                return nil
            } catch {
                return error
            }
        }
        // Sessions of other tests run other statements: only this one's sleeps.
        let running = """
            SELECT count(*) FROM pg_stat_activity
            WHERE query LIKE '%pg_sleep($1%' AND state = 'active' AND application_name = 'cancel'
            """
        while try await cluster.execute(running) == [["0"]] { try await Task.sleep(for: .milliseconds(5)) }
        let start = ContinuousClock.now
        task.cancel()
        #expect(isInterruption(await task.value))
        #expect(start.duration(to: .now) < .seconds(10))
        #expect(try await session.run(Sleep(seconds: 0)).count == 1)
    }

    @Test func `A task that was cancelled before does not begin`() async throws {
        let session = try await makeSession()
        _ = try await session.run(Sleep(seconds: 0))
        let task = Task { () -> SessionFailure? in
            withUnsafeCurrentTask { $0?.cancel() }
            do throws(SessionFailure) {
                _ = try await session.run(Sleep(seconds: 60))
                return nil
            } catch {
                return error
            }
        }
        #expect(isInterruption(await task.value))
    }

    @Test func `A late cancellation does not hit the statement after`() async throws {
        let session = try await makeSession()
        for _ in 0..<50 {
            let task = Task { try? await session.run(Sleep(seconds: 0.001)) }
            async let next: [Void] = session.run(Sleep(seconds: 0.002))
            task.cancel()
            _ = await task.value
            #expect(try await next.count == 1)
        }
    }

    @Test func `Marks are made also by a task that is being cancelled`() async throws {
        let fixture = try await LedgerFixture.make()
        let claims = try await fixture.ledger.claim(request(days(3)))
        let run = try await fixture.ledger.openRun(runRequest(days(3)))
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            #expect(
                try await fixture.ledger.complete(job: "orders", [completion(claims[0])]) == [.recorded(.complete)])
            #expect(
                try await fixture.ledger.fail(job: "orders", claims[1].token, error: "x", .giveUp) == .recorded(.failed)
            )
            try await fixture.ledger.release(job: "orders", [claims[2].token])
            try await fixture.ledger.closeRun(
                run, RunResult(complete: 1, failed: 1, skipped: 0, outcome: "STOPPED"))
        }
        try await task.value
        let statuses = try await fixture.ledger.rows(job: "orders", keys: days(3)).map(\.status)
        #expect(statuses == [.complete, .failed, .pending])
        #expect(try await fixture.execute("SELECT outcome FROM reprocess.run") == [["STOPPED"]])
    }

    @Test func `A claim is not begun by a task that was cancelled`() async throws {
        let fixture = try await LedgerFixture.make()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await fixture.ledger.claim(request(days(1)))
        }
        let error = await #expect(throws: LedgerError.self) { try await task.value }
        #expect(error?.code == .interrupted)
        #expect(try await fixture.ledger.rows(job: "orders", keys: days(1)).isEmpty)
    }
}
