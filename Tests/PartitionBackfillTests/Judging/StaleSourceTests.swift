import Foundation
import Lakehouse
import PartitionBackfill
import ProgressStore
import TestSupport
import Testing
import Transforms

/// Partitions whose sources, or whose target, are others by now.
@Suite(.timeLimit(.minutes(3))) struct StaleSourceTests {
    private func write(_ fixture: BackfillFixture, _ day: String, _ ids: ClosedRange<Int>) throws {
        let text = "id\n" + ids.map { "\($0)\n" }.joined()
        try text.write(toFile: fixture.folder.appending("\(day).csv"), atomically: false, encoding: .utf8)
    }

    private func job(_ fixture: BackfillFixture, target: String = "orders", sql: String = "SELECT id FROM source")
        -> Job
    {
        let source = Source(path: fixture.folder.appending("%Y-%m-%d.csv"), format: .csv)
        return Job(
            "orders", target: .hive(fixture.folder.appending(target), partitionedBy: "day"),
            query: Query(sql, sources: [source]))
    }

    private func prepared() async throws -> (BackfillFixture, Backfill, BackfillRequest) {
        let fixture = try await BackfillFixture()
        for day in ["2024-01-01", "2024-01-02", "2024-01-03"] { try write(fixture, day, 1...3) }
        let request = BackfillRequest(partitions: try BackfillFixture.days("2024-01-01", "2024-01-03"))
        let backfill = try fixture.backfill(job(fixture))
        #expect(try await backfill.planAndRun(request).complete == 3)
        #expect(try await backfill.plan(request).counts == [.complete: 3])
        return (fixture, backfill, request)
    }

    @Test func `A partition is made anew when its source files have changed, and only that`() async throws {
        let (fixture, backfill, request) = try await prepared()
        try write(fixture, "2024-01-02", 1...5)
        let plan = try await backfill.plan(request)
        #expect(plan.segments.map(\.reason) == [.complete, .staleSource, .complete])
        #expect(plan.runCount == 1)
        var stale = request
        stale.selection = .stale
        #expect(try await backfill.plan(stale).runCount == 1)
        let log = EventLog()
        let report = try await backfill.planAndRun(request, log: log)
        #expect(report.complete == 1 && report.rows == 5)
        #expect(Array(report.changed).map(\.description) == ["2024-01-02"])
        #expect(try await backfill.plan(request).counts == [.complete: 3])
    }

    @Test func `Who does not care is not told`() async throws {
        let (fixture, backfill, request) = try await prepared()
        try write(fixture, "2024-01-02", 1...5)
        var ignoring = request
        ignoring.ignoresSources = true
        #expect(try await backfill.plan(ignoring).counts == [.complete: 3])
        #expect(try await backfill.planAndRun(ignoring).complete == 0)
        var failed = request
        failed.selection = .failed
        #expect(try await backfill.plan(failed).runCount == 0)
    }

    @Test func `A file that was only touched makes the partition anew, and changes nothing`() async throws {
        let (fixture, backfill, request) = try await prepared()
        let before = try fixture.table().current(BackfillFixture.day("2024-01-02"))
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_000_000)],
            ofItemAtPath: fixture.folder.appending("2024-01-02.csv"))
        let report = try await backfill.planAndRun(request)
        #expect(report.complete == 1 && report.unchanged == 1 && report.changed.isEmpty)
        #expect(try fixture.table().current(BackfillFixture.day("2024-01-02")) == before)
        #expect(try await backfill.plan(request).counts == [.complete: 3])
    }

    @Test func `Files that were cleared away leave the partition as it is`() async throws {
        let (fixture, backfill, request) = try await prepared()
        try FileManager.default.removeItem(atPath: fixture.folder.appending("2024-01-02.csv"))
        #expect(try await backfill.plan(request).counts == [.complete: 3])
    }

    @Test func `A row without a source's identity is never stale by it`() async throws {
        let (fixture, backfill, request) = try await prepared()
        try await fixture.cluster.execute("UPDATE \(fixture.schema).partition_progress SET source_identity = NULL")
        try write(fixture, "2024-01-02", 1...5)
        #expect(try await backfill.plan(request).counts == [.complete: 3])
        _ = try await fixture.ledger.mark(
            job: "orders", Mark(key: BackfillFixture.day("2024-01-03"), status: .complete))
        try write(fixture, "2024-01-03", 1...5)
        #expect(try await backfill.plan(request).counts == [.complete: 3])
    }

    @Test func `A change while the partition is made is seen by the next plan`() async throws {
        let fixture = try await BackfillFixture()
        try write(fixture, "2024-01-01", 1...3)
        let request = BackfillRequest(partitions: try BackfillFixture.days("2024-01-01", "2024-01-01"))
        let backfill = try fixture.backfill(job(fixture))
        _ = try await backfill.planAndRun(request)
        let identity =
            try await fixture.cluster.execute(
                "SELECT source_identity FROM \(fixture.schema).partition_progress"
            ).first?.first ?? nil
        #expect(identity?.hasPrefix("1:") == true)
        #expect(
            try await fixture.ledger.attempts(job: "orders", key: BackfillFixture.day("2024-01-01"))
                .map(\.sourceIdentity) == [identity])
    }

    @Test func `Another target has none of the partitions yet`() async throws {
        let (fixture, backfill, request) = try await prepared()
        let moved = try fixture.backfill(job(fixture, target: "elsewhere"))
        #expect(try await moved.plan(request).counts == [.staleTarget: 3])
        #expect(try await moved.planAndRun(request).complete == 3)
        #expect(try moved.table?.current(BackfillFixture.day("2024-01-01"))?.rows == 3)
        #expect(try await moved.plan(request).counts == [.complete: 3])
        #expect(try backfill.table?.current(BackfillFixture.day("2024-01-01"))?.rows == 3)
    }

    @Test func `Two processes with the same plan make a stale partition once`() async throws {
        let (fixture, backfill, request) = try await prepared()
        for day in ["2024-01-01", "2024-01-02", "2024-01-03"] { try write(fixture, day, 1...4) }
        let other = try await fixture.backfill(job(fixture), ledger: fixture.anotherLedger())
        let plans = (try await backfill.plan(request), try await other.plan(request))
        async let one = backfill.run(plans.0, request, stop: StopSignal()) { _ in }
        async let two = other.run(plans.1, request, stop: StopSignal()) { _ in }
        let reports = try await [one, two]
        #expect(reports.reduce(0) { $0 + $1.changed.count } == 3)
        #expect(try await fixture.attempts().count == 6)
    }
}
