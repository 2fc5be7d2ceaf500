import Foundation
import Lakehouse
import Partitions
import ProgressStore
import Synchronization
import TestSupport
import Testing
import Transforms

@testable import PartitionBackfill

/// Runs that are steered while they run, on a real ledger and a real table.
@Suite(.timeLimit(.minutes(3))) struct SteeringRunTests {
    private func request(_ last: String = "2024-01-10", workers: Int = 2) throws -> BackfillRequest {
        BackfillRequest(partitions: try BackfillFixture.days("2024-01-01", last), workers: workers)
    }

    @Test func `A paused run finishes what runs, holds nothing, and goes on when told to`() async throws {
        let fixture = try await BackfillFixture()
        let gate = Gate()
        let backfill = try fixture.steered(fixture.job { _ in try await gate.pass() })
        let log = EventLog()
        async let report = backfill.planAndRun(request(), log: log)
        try await eventually("two run") { gate.within == 2 }
        try await fixture.ask(.pause)
        try await eventually("it is told") { log.text.contains { $0.contains("paused") } }
        gate.open()
        try await eventually("nothing runs") { try await fixture.statuses()["RUNNING"] == nil }
        // What was claimed ahead has been given back, and nothing more is claimed.
        for _ in 0..<20 {
            #expect(try await fixture.statuses() == ["COMPLETE": 2, "PENDING": 8])
            try await Task.sleep(for: .milliseconds(20))
        }
        try await fixture.ask(.run)
        #expect(try await report.complete == 10)
        #expect(try await report.earlyEnd == nil)
        #expect(
            log.text.contains { $0.contains("paused(by: Optional(\"ann@alpha\"), reason: Optional(\"month-end\"))") })
        #expect(log.text.contains { $0.contains("resumed(by: Optional(\"ann@alpha\"))") })
        #expect(try await fixture.runs("outcome") == ["FINISHED"])
    }

    @Test func `A drained run finishes what runs and ends`() async throws {
        let fixture = try await BackfillFixture()
        let gate = Gate()
        let backfill = try fixture.steered(fixture.job { _ in try await gate.pass() })
        let log = EventLog()
        async let report = backfill.planAndRun(request(), log: log)
        try await eventually("two run") { gate.within == 2 }
        try await fixture.ask(.drain)
        try await eventually("it is told") { log.text.contains { $0.contains("draining") } }
        gate.open()
        let ended = try await report
        #expect(ended.complete == 2 && ended.remaining == 8 && ended.wasStopped)
        #expect(ended.earlyEnd == .drained(by: "ann@alpha", reason: "month-end"))
        #expect(try await fixture.statuses() == ["COMPLETE": 2, "PENDING": 8])
        #expect(try await fixture.runs("outcome") == ["DRAINED"])
    }

    @Test func `A paused run can be drained`() async throws {
        let fixture = try await BackfillFixture()
        let gate = Gate()
        let backfill = try fixture.steered(fixture.job { _ in try await gate.pass() })
        async let report = backfill.planAndRun(request())
        try await eventually("two run") { gate.within == 2 }
        try await fixture.ask(.pause)
        gate.open()
        try await eventually("nothing runs") { try await fixture.statuses()["RUNNING"] == nil }
        try await fixture.ask(.drain)
        #expect(try await report.earlyEnd == .drained(by: "ann@alpha", reason: "month-end"))
    }

    @Test func `A cancelled run is interrupted, and leaves nothing that nobody can run`() async throws {
        let fixture = try await BackfillFixture()
        let gate = Gate()
        let backfill = try fixture.steered(fixture.job { _ in try await gate.pass() })
        async let report = backfill.planAndRun(request())
        try await eventually("two run") { gate.within == 2 }
        try await fixture.ask(.cancel)
        let ended = try await report
        #expect(ended.complete == 0 && ended.cancelled == 10 && ended.remaining == 0 && ended.failed.isEmpty)
        #expect(ended.earlyEnd == .cancelled(by: "ann@alpha", reason: "month-end"))
        #expect(try await fixture.statuses() == ["CANCELLED": 10])
        #expect(try await fixture.runs("outcome") == ["CANCELLED"])
        #expect(try fixture.table().current(BackfillFixture.day("2024-01-01")) == nil)
        let plan = try await backfill.plan(request())
        #expect(plan.counts == [.cancelled: 10])
        gate.open()
        #expect(try await backfill.planAndRun(request()).complete == 10)
        #expect(try await fixture.statuses() == ["COMPLETE": 10])
    }

    @Test func `Of two runs of the same days one is cancelled, and the other does all of them`() async throws {
        let fixture = try await BackfillFixture()
        let gate = Gate()
        let job = fixture.job { _ in try await gate.pass() }
        let log = EventLog()
        async let one = fixture.steered(job).planAndRun(request(), log: log)
        try await eventually("two run") { gate.within == 2 }
        let other = try await fixture.anotherLedger()
        async let two = fixture.steered(job, ledger: other).planAndRun(request())
        try await eventually("four run") { gate.within == 4 }
        let run = try #require(try await fixture.ledger.liveRuns(job: "orders").first?.id)
        try await fixture.ask(.cancel, run: run)
        #expect(try await one.cancelled == 0)
        gate.open()
        #expect(try await two.complete == 10)
        #expect(try await fixture.statuses() == ["COMPLETE": 10])
    }

    @Test func `Workers come and go while the run runs`() async throws {
        let fixture = try await BackfillFixture()
        let gate = Gate()
        let backfill = try fixture.steered(fixture.job { _ in try await gate.pass(lingering: .milliseconds(100)) })
        let log = EventLog()
        async let report = backfill.planAndRun(request("2024-01-31", workers: 1), log: log)
        try await eventually("one runs") { gate.within == 1 }
        try await fixture.ask(nil, ["workers": "5"])
        try await eventually("five run") { gate.within == 5 }
        try await fixture.ask(nil, ["workers": "2"])
        try await eventually("it is told") { log.text.contains { $0.contains("workers: 2") } }
        gate.open()
        try await eventually("only two go on") { gate.within <= 2 }
        _ = gate.takePeak()
        #expect(try await report.complete == 31)
        #expect(gate.takePeak() <= 2)
    }

    @Test func `Another order is taken at once`() async throws {
        let fixture = try await BackfillFixture()
        let gate = Gate()
        let backfill = try fixture.steered(fixture.job { _ in try await gate.pass() })
        let log = EventLog()
        async let report = backfill.planAndRun(request("2024-01-05", workers: 1), log: log)
        try await eventually("one runs") { gate.within == 1 }
        try await fixture.ask(nil, ["order": "newest"])
        try await eventually("it is told") { log.text.contains { $0.contains("newest") } }
        gate.open()
        #expect(try await report.complete == 5)
        #expect(
            log.text.filter { $0.hasSuffix("claimed") }.map { $0.prefix(10) }
                == ["2024-01-01", "2024-01-05", "2024-01-04", "2024-01-03", "2024-01-02"])
    }

    // MARK: The breaker

    private func breaking(_ fixture: BackfillFixture, isFixed: @escaping @Sendable () -> Bool = { false }) -> Job {
        fixture.job { partition in
            if !isFixed() { throw AttemptFailure.permanent("no file '/data/\(partition.key).csv'") }
        }
    }

    @Test func `The same error on five partitions in a row ends the run`() async throws {
        let fixture = try await BackfillFixture()
        let log = EventLog()
        let report = try await fixture.steered(breaking(fixture)).planAndRun(
            request("2024-01-12", workers: 1), log: log)
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
        var request = try request("2024-01-12")
        request.breaker = nil
        let report = try await fixture.steered(breaking(fixture)).planAndRun(request)
        #expect(report.failed.count == 12 && report.earlyEnd == nil)
    }

    @Test func `A process that waits for the repair goes on when told to`() async throws {
        let fixture = try await BackfillFixture()
        let isFixed = Mutex(false)
        let log = EventLog()
        var request = try request("2024-01-12", workers: 1)
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
        var request = try request("2024-01-12", workers: 1)
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
            .planAndRun(request("2024-01-20", workers: 1))
        try await eventually("one runs") { gate.within == 1 }
        let report = try await fixture.steered(breaking(fixture)).planAndRun(request("2024-01-20", workers: 1))
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
        var request = try request("2024-01-08", workers: 1)
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

    // MARK: Limits and windows

    @Test func `Two processes together run no more partitions than they may`() async throws {
        let fixture = try await BackfillFixture()
        let gate = Gate()
        let job = fixture.job { _ in try await gate.pass(lingering: .milliseconds(20)) }
        var request = try request("2024-01-20", workers: 4)
        request.maxRunning = 3
        let other = try await fixture.anotherLedger()
        async let one = fixture.steered(job).planAndRun(request)
        async let two = fixture.steered(job, ledger: other).planAndRun(request)
        try await eventually("three run") { gate.within == 3 }
        try await eventually("both are at work") { try await fixture.ledger.liveRuns(job: "orders").count == 2 }
        gate.open()
        let reports = try await [one, two]
        #expect(try await fixture.statuses() == ["COMPLETE": 20])
        #expect(reports.reduce(0) { $0 + $1.complete - $1.completedElsewhere } == 20)
        #expect(gate.takePeak() <= 3)
    }

    @Test func `Two processes together keep to a rate`() async throws {
        let fixture = try await BackfillFixture()
        var request = try request("2024-01-12", workers: 4)
        request.rate = Rate(count: 4, per: .second)
        let other = try await fixture.anotherLedger()
        async let one = fixture.steered(fixture.job()).planAndRun(request)
        async let two = fixture.steered(fixture.job(), ledger: other).planAndRun(request)
        _ = try await (one, two)
        #expect(try await fixture.statuses() == ["COMPLETE": 12])
        // Five at once at the beginning, by what a second makes up for; then one each quarter of a second.
        let span = try await fixture.cluster.execute(
            "SELECT extract(epoch FROM max(started_at) - min(started_at)) >= 1.5 FROM \(fixture.schema).attempt")
        #expect(span == [["t"]])
    }

    @Test func `Nothing is started before the window opens`() async throws {
        let fixture = try await BackfillFixture()
        let hour = Mutex(12.0)
        var request = try request()
        request.window = TimeWindow(parsing: "22:00-06:00")
        let log = EventLog()
        let backfill = try fixture.steered(fixture.job()) { _ in
            Date(timeIntervalSince1970: 1_704_844_800 + hour.withLock { $0 } * 3600)
        }
        async let report = backfill.planAndRun(request, log: log)
        try await eventually("it is told") { log.text.contains { $0.contains("windowClosed") } }
        for _ in 0..<20 {
            #expect(try await fixture.statuses() == ["PENDING": 10])
            try await Task.sleep(for: .milliseconds(20))
        }
        hour.withLock { $0 = 23 }
        #expect(try await report.complete == 10)
        #expect(log.text.contains { $0.contains("windowOpened") })
    }

    // MARK: Retries

    @Test func `What passes by itself is tried again unasked, and what comes again is not though asked`() async throws {
        let fixture = try await BackfillFixture()
        let tries = Mutex<[PartitionKey: Int]>([:])
        let wrong = try BackfillFixture.day("2024-01-02")
        let job = fixture.job { partition in
            let count = tries.withLock { tries in
                tries[partition.key, default: 0] += 1
                return tries[partition.key] ?? 0
            }
            if partition.key == wrong { throw AttemptFailure.permanent("wrong") }
            if count < 2 { throw AttemptFailure.transient("busy") }
        }
        let passing = try await fixture.backfill(job).planAndRun(request("2024-01-01"))
        #expect(passing.complete == 1)
        var request = try request("2024-01-02")
        request.retries = 5
        #expect(try await fixture.backfill(job).planAndRun(request).failed == [wrong: "wrong"])
        #expect(tries.withLock { $0[wrong] } == 1)
    }

    @Test func `When memory runs out, fewer are tried at the same time`() async throws {
        let fixture = try await BackfillFixture()
        let within = Mutex(0)
        let log = EventLog()
        let isAlone: @Sendable () -> Bool = {
            log.text.contains { $0.hasPrefix("steered: crew(workers: 1, threads: ") }
        }
        let long = try BackfillFixture.day("2024-01-01")
        let job = fixture.job { partition in
            let count = within.withLock { count in
                count += 1
                return count
            }
            defer { within.withLock { $0 -= 1 } }
            try await Task.sleep(for: .milliseconds(50))
            guard partition.key == long else {
                if count > 1 { throw TransformError(.outOfMemory, "no memory") }
                return
            }
            // The others are down to one beside this one, which takes longer.
            try await eventually("the crew is one", isAlone)
            try await Task.sleep(for: .milliseconds(200))
        }
        let report = try await fixture.steered(job).planAndRun(request(workers: 4), log: log)
        #expect(report.complete == 10)
        #expect(report.failed.isEmpty)
    }

    @Test func `A partition that needs more memory than there is fails with advice`() async throws {
        let fixture = try await BackfillFixture()
        let job = fixture.job { _ in throw TransformError(.outOfMemory, "no memory") }
        let log = EventLog()
        let report = try await fixture.steered(job).planAndRun(request("2024-01-01", workers: 4), log: log)
        let error = try #require(report.failed.values.first)
        #expect(error.contains("no memory\nThis process was down to one worker"))
        #expect(
            try await fixture.attempts() == ["2024-01-01 RETRY", "2024-01-01 RETRY", "2024-01-01 FAILED"])
    }
}
