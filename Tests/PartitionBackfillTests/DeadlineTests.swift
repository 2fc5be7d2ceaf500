import Foundation
import Lakehouse
import ProgressStore
import Synchronization
import TestSupport
import Testing

@testable import PartitionBackfill

@Suite(.timeLimit(.minutes(3))) struct DeadlineTests {
    /// A place where a transform hangs until the test lets it go.
    private final class Trap: Sendable {
        private let state = Mutex<(isOpen: Bool, prisoners: [CheckedContinuation<Void, Never>])>((false, []))

        func wait() async {
            await withCheckedContinuation { continuation in
                let passes = state.withLock { state in
                    if !state.isOpen { state.prisoners.append(continuation) }
                    return state.isOpen
                }
                if passes { continuation.resume() }
            }
        }

        func open() {
            let prisoners = state.withLock { state in
                state.isOpen = true
                defer { state.prisoners = [] }
                return state.prisoners
            }
            for prisoner in prisoners { prisoner.resume() }
        }
    }

    /// Long enough for what does not hang, also on a machine with much else to do.
    private static let deadline = Duration.seconds(5)

    @Test func `A worker acts before the ledger would`() {
        let day = TimeLimit(deadline: .seconds(86_400))
        #expect(day.interruption == .seconds(86_340) && day.abandonment == .seconds(86_390))
        let short = TimeLimit(deadline: .seconds(2))
        #expect(short.interruption == .seconds(1.5) && short.abandonment == .seconds(1.8))
        #expect(short.lateness(after: .seconds(1.4)) == .none)
        #expect(short.lateness(after: .seconds(1.5)) == .interrupted)
        #expect(short.lateness(after: .seconds(1.8)) == .abandoned)
    }

    @Test func `An attempt that takes too long is interrupted, and that is a failure with a reason`() async throws {
        let fixture = try await BackfillFixture()
        let slow = try BackfillFixture.day("2024-01-02")
        let job = fixture.job { if $0.key == slow { try await Task.sleep(for: .seconds(3600)) } }
        let report = try await fixture.backfill(job).planAndRun(
            BackfillRequest(
                partitions: BackfillFixture.days("2024-01-01", "2024-01-04"), deadline: Self.deadline))
        #expect(report.complete == 3)
        let message = try #require(report.failed[slow])
        #expect(message.contains("its deadline of 5.0 seconds and was interrupted."))
        #expect(message.contains("--deadline"))
    }

    @Test func `An attempt that cannot be interrupted is abandoned, and its worker goes on`() async throws {
        let fixture = try await BackfillFixture()
        let stuck = try BackfillFixture.day("2024-01-01")
        let trap = Trap()
        let visits = Mutex(0)
        let job = fixture.job { partition in
            guard partition.key == stuck,
                visits.withLock({
                    $0 += 1; return $0
                }) == 1
            else { return }
            await trap.wait()
        }
        let log = EventLog()
        let report = try await fixture.backfill(job).planAndRun(
            BackfillRequest(
                partitions: BackfillFixture.days("2024-01-01", "2024-01-04"), workers: 1, retries: 1,
                deadline: Self.deadline), log: log)
        #expect(report.complete == 4)
        #expect(log.text.contains("2024-01-01 retrying"))
        let published = try fixture.table().current(stuck)
        #expect(
            try await fixture.attempts().filter { $0.hasPrefix("2024-01-01") }
                == ["2024-01-01 RETRY", "2024-01-01 COMPLETE"])
        // The one that hung goes on now, and can do nothing.
        trap.open()
        try await Task.sleep(for: .milliseconds(200))
        #expect(try fixture.table().current(stuck) == published)
    }

    @Test func `A process that hangs as a whole loses the partition when the deadline has passed`() async throws {
        let fixture = try await BackfillFixture()
        let key = try BackfillFixture.day("2024-01-01")
        let dead = try await fixture.anotherLedger()
        let table = try fixture.table()
        let claims = try await dead.claim(
            ClaimRequest(
                job: "orders", tableIdentity: table.identity, run: 0, transformVersion: "1", candidates: [key],
                limit: 1, planFence: 0, lease: .seconds(3600), deadline: .seconds(1)))
        #expect(claims.count == 1)
        let log = EventLog()
        let report = try await fixture.backfill(fixture.job()).planAndRun(
            BackfillRequest(partitions: PartitionSet(granularity: .day, keys: [key])), log: log)
        #expect(report.complete == 1)
        #expect(log.text == ["2024-01-01 claimed from a lost worker", "2024-01-01 completed"])
        await dead.close()
    }
}
