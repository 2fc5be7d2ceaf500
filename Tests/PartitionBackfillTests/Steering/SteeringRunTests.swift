import Lakehouse
import Partitions
import ProgressStore
import TestSupport
import Testing

@testable import PartitionBackfill

/// Runs that are steered while they run, on a real ledger and a real table.
@Suite(.timeLimit(.minutes(3))) struct SteeringRunTests {
    @Test func `A paused run finishes what runs, holds nothing, and goes on when told to`() async throws {
        let fixture = try await BackfillFixture()
        let gate = Gate()
        let backfill = try fixture.steered(fixture.job { _ in try await gate.pass() })
        let log = EventLog()
        async let report = backfill.planAndRun(BackfillFixture.request(), log: log)
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
        async let report = backfill.planAndRun(BackfillFixture.request(), log: log)
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
        async let report = backfill.planAndRun(BackfillFixture.request())
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
        async let report = backfill.planAndRun(BackfillFixture.request())
        try await eventually("two run") { gate.within == 2 }
        try await fixture.ask(.cancel)
        let ended = try await report
        #expect(ended.complete == 0 && ended.cancelled == 10 && ended.remaining == 0 && ended.failed.isEmpty)
        #expect(ended.earlyEnd == .cancelled(by: "ann@alpha", reason: "month-end"))
        #expect(try await fixture.statuses() == ["CANCELLED": 10])
        #expect(try await fixture.runs("outcome") == ["CANCELLED"])
        #expect(try fixture.table().current(BackfillFixture.day("2024-01-01")) == nil)
        let plan = try await backfill.plan(BackfillFixture.request())
        #expect(plan.counts == [.cancelled: 10])
        gate.open()
        #expect(try await backfill.planAndRun(BackfillFixture.request()).complete == 10)
        #expect(try await fixture.statuses() == ["COMPLETE": 10])
    }

    @Test func `Of two runs of the same days one is cancelled, and the other does all of them`() async throws {
        let fixture = try await BackfillFixture()
        let gate = Gate()
        let job = fixture.job { _ in try await gate.pass() }
        let log = EventLog()
        async let one = fixture.steered(job).planAndRun(BackfillFixture.request(), log: log)
        try await eventually("two run") { gate.within == 2 }
        let other = try await fixture.anotherLedger()
        async let two = fixture.steered(job, ledger: other).planAndRun(BackfillFixture.request())
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
        async let report = backfill.planAndRun(BackfillFixture.request("2024-01-31", workers: 1), log: log)
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
        async let report = backfill.planAndRun(BackfillFixture.request("2024-01-05", workers: 1), log: log)
        try await eventually("one runs") { gate.within == 1 }
        try await fixture.ask(nil, ["order": "newest"])
        try await eventually("it is told") { log.text.contains { $0.contains("newest") } }
        gate.open()
        #expect(try await report.complete == 5)
        #expect(
            log.text.filter { $0.hasSuffix("claimed") }.map { $0.prefix(10) }
                == ["2024-01-01", "2024-01-05", "2024-01-04", "2024-01-03", "2024-01-02"])
    }
}
