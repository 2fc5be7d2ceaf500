import Foundation
import Lakehouse
import Partitions
import ProgressStore
import Synchronization
import TestSupport
import Testing

@testable import PartitionBackfill

/// Runs that keep to limits which all processes share, and to the hours they may work in.
@Suite(.timeLimit(.minutes(3))) struct LimitedRunTests {
    @Test func `Two processes together run no more partitions than they may`() async throws {
        let fixture = try await BackfillFixture()
        let gate = Gate()
        let job = fixture.job { _ in try await gate.pass(lingering: .milliseconds(20)) }
        var request = try BackfillFixture.request("2024-01-20", workers: 4)
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
        var request = try BackfillFixture.request("2024-01-12", workers: 4)
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
        var request = try BackfillFixture.request()
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
}
