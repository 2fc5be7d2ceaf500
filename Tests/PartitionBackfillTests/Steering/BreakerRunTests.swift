import Lakehouse
import Partitions
import ProgressStore
import Synchronization
import TestSupport
import Testing
import Transforms

@testable import PartitionBackfill

/// Runs that the same error brings to an end, and those beside them.
@Suite(.timeLimit(.minutes(3))) struct BreakerRunTests {
    private func breaking(_ fixture: BackfillFixture, isFixed: @escaping @Sendable () -> Bool = { false }) -> Job {
        fixture.job { partition in
            if !isFixed() { throw AttemptFailure.permanent("no file '/data/\(partition.key).csv'") }
        }
    }

    @Test func `The same error on five partitions in a row ends the run`() async throws {
        let fixture = try await BackfillFixture()
        let log = EventLog()
        let report = try await fixture.steered(breaking(fixture)).planAndRun(
            BackfillFixture.request("2024-01-12", workers: 1), log: log)
        #expect(report.failed.count == 5 && report.remaining == 7)
        guard case .breaker(let reason)? = report.earlyEnd else {
            Issue.record("\(String(describing: report.earlyEnd))")
            return
        }
        #expect(reason == "5 partitions in a row failed with the same error: no file '/data/2024-01-05.csv'")
        #expect(log.text.filter { $0.contains("breakerTripped") }.count == 1)
        #expect(try await fixture.statuses() == ["FAILED": 5, "PENDING": 7])
        #expect(try await fixture.runs("control || ' ' || outcome") == ["PAUSE PAUSED"])
    }

    @Test func `Without a breaker every partition is tried`() async throws {
        let fixture = try await BackfillFixture()
        var request = try BackfillFixture.request("2024-01-12")
        request.breaker = nil
        let report = try await fixture.steered(breaking(fixture)).planAndRun(request)
        #expect(report.failed.count == 12 && report.earlyEnd == nil)
    }

    @Test func `A process that waits for the repair goes on when told to`() async throws {
        let fixture = try await BackfillFixture()
        let isFixed = Mutex(false)
        let log = EventLog()
        var request = try BackfillFixture.request("2024-01-12", workers: 1)
        request.onBreaker = .wait
        let backfill = try fixture.steered(breaking(fixture) { isFixed.withLock { $0 } })
        async let report = backfill.planAndRun(request, log: log)
        try await eventually("it is paused") { try await fixture.runs("control") == ["PAUSE"] }
        try await eventually("it is told") { log.text.contains { $0.contains("breakerTripped") } }
        isFixed.withLock { $0 = true }
        try await fixture.ask(.run)
        let ended = try await report
        #expect(ended.failed.count == 5 && ended.complete == 7 && ended.earlyEnd == nil)
        #expect(log.text.filter { $0.contains("breakerTripped") }.count == 1)
    }

    @Test func `A process learns of its own trip at once, however seldom it looks`() async throws {
        let fixture = try await BackfillFixture()
        let looks = Mutex(0)
        var request = try BackfillFixture.request("2024-01-12", workers: 1)
        request.onBreaker = .wait
        var backfill = try fixture.backfill(breaking(fixture))
        backfill.clock = RunClock(period: .seconds(86_400)) { now in
            looks.withLock { $0 += 1 }
            return now
        }
        let stop = StopSignal()
        let log = EventLog()
        async let report = backfill.planAndRun(request, stop: stop, log: log)
        try await eventually("it has looked before and after") { looks.withLock { $0 } == 2 }
        #expect(log.text.filter { $0.contains("breakerTripped") }.count == 1)
        #expect(try await fixture.statuses() == ["FAILED": 5, "PENDING": 7])
        stop.request(.drain)
        #expect(try await report.failed.count == 5)
    }

    @Test func `A look that began before a trip was written counts no more`() {
        let state = SteeringState(BackfillRequest(partitions: PartitionSet(granularity: .day, keys: [])))
        let before = state.mark
        #expect(before != nil)
        state.beginTrip()
        #expect(state.mark == nil)
        state.endTrip()
        #expect(state.mark != nil && state.mark != before)
    }

    @Test func `The breaker of one process stops the others that do the same work`() async throws {
        let fixture = try await BackfillFixture()
        let gate = Gate()
        let other = try await fixture.anotherLedger()
        async let beside = fixture.steered(fixture.job { _ in try await gate.pass() }, ledger: other)
            .planAndRun(BackfillFixture.request("2024-01-20", workers: 1))
        try await eventually("one runs") { gate.within == 1 }
        let report = try await fixture.steered(breaking(fixture)).planAndRun(
            BackfillFixture.request("2024-01-20", workers: 1))
        #expect(report.failed.count == 5)
        gate.open()
        let stopped = try await beside
        guard case .breaker? = stopped.earlyEnd else {
            Issue.record("\(String(describing: stopped.earlyEnd))")
            return
        }
        #expect(stopped.remaining > 0)
    }

    @Test func `Lost workers are no errors to the breaker`() async throws {
        let fixture = try await BackfillFixture()
        var request = try BackfillFixture.request("2024-01-08", workers: 1)
        request.breaker = BreakerPolicy(inARow: 1, share: 0, of: 1)
        request.takeovers = 0
        // Partitions that took their worker with them: FAILED by the claim that finds them.
        let lost = try await fixture.anotherLedger()
        let plan = try await fixture.steered(fixture.job()).plan(request)
        let keys = plan.range.map { $0 }
        let table = try fixture.backfill(fixture.job()).table?.identity
        _ = try await lost.claim(
            ClaimRequest(
                job: "orders", tableIdentity: table, run: 0, transformVersion: "1", candidates: Array(keys[2..<5]),
                limit: 3, planFence: plan.fence, lease: .seconds(1)))
        try await eventually("their leases have ended") {
            try await lost.rows(job: "orders", keys: Array(keys[2..<5])).allSatisfy(\.isLeaseExpired)
        }
        let report = try await fixture.steered(fixture.job()).planAndRun(request)
        #expect(report.failed.count == 3 && report.complete == 5)
        #expect(report.earlyEnd == nil)
    }
}
