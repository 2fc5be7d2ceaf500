import Foundation
import Lakehouse
import Partitions
import ProgressStore
import Synchronization
import TestSupport
import Testing
import Transforms

@testable import PartitionBackfill

/// Plans with a price, and runs that go by it, on a real ledger, a real table and files of different sizes.
@Suite(.timeLimit(.minutes(3))) struct PricedRunTests {
    /// A job that copies the CSV file of each day.
    private func job(_ fixture: BackfillFixture, version: String = "1") -> Job {
        Job(
            "orders", target: .hive(fixture.folder.appending("orders"), partitionedBy: "day"),
            query: Query(
                "SELECT id FROM source",
                sources: [Source(path: fixture.folder.appending("bronze/%Y-%m-%d.csv"), format: .csv)]),
            version: version)
    }

    /// Writes files of so many bytes, from the first of January on.
    private func write(_ fixture: BackfillFixture, sizes: [Int]) throws {
        try FileManager.default.createDirectory(
            atPath: fixture.folder.appending("bronze"), withIntermediateDirectories: true)
        for (number, size) in sizes.enumerated() {
            let text = "id\n" + String(repeating: "1\n", count: (size - 3) / 2)
            try text.write(
                toFile: fixture.folder.appending("bronze/2024-01-0\(number + 1).csv"), atomically: true, encoding: .utf8
            )
        }
    }

    /// Lets the ledger say that the attempts at some days took so many seconds.
    private func age(_ fixture: BackfillFixture, _ seconds: [Int]) async throws {
        for (number, seconds) in seconds.enumerated() {
            try await fixture.cluster.execute(
                """
                ALTER TABLE \(fixture.schema).attempt DISABLE TRIGGER guard_ended;
                UPDATE \(fixture.schema).attempt SET started_at = ended_at - interval '\(seconds) s'
                WHERE partition_key = '2024-01-0\(number + 1)';
                ALTER TABLE \(fixture.schema).attempt ENABLE TRIGGER guard_ended
                """)
        }
    }

    private func request(_ count: Int = 6, workers: Int = 1) throws -> BackfillRequest {
        BackfillRequest(partitions: try BackfillFixture.days("2024-01-01", "2024-01-0\(count)"), workers: workers)
    }

    private func claimed(_ log: EventLog) -> [Int] {
        log.text.compactMap { line in
            line.hasSuffix(" claimed") ? Int(line.prefix(10).suffix(2)) : nil
        }
    }

    @Test func `A plan is priced by its files, and after a run by what that took`() async throws {
        let fixture = try await BackfillFixture()
        try write(fixture, sizes: [1_001, 2_001, 3_001, 1_001, 1_001, 1_001])
        let request = try request()
        let backfill = try fixture.backfill(job(fixture))
        let first = try #require(try await backfill.price(backfill.plan(request), request))
        #expect(first.bytes == PlanPrice.Total(sum: 9_006, known: 6))
        #expect(first.work == nil && first.rows == nil && first.finish.isEmpty)
        let third = try BackfillFixture.day("2024-01-03")
        #expect(first.heaviest.first?.key == third)

        _ = try await backfill.planAndRun(request)
        #expect(try await backfill.price(backfill.plan(request), request) == nil)
        try await age(fixture, [10, 20, 30, 10, 10])
        // The last day has no attempt of its own any more: its size tells.
        try await fixture.cluster.execute(
            "DELETE FROM \(fixture.schema).attempt WHERE partition_key = '2024-01-06'")
        let stale = try fixture.backfill(job(fixture, version: "2"))
        let price = try #require(try await stale.price(stale.plan(request), request))
        #expect(price.work?.attempts == 5)
        #expect(abs((price.work?.seconds ?? 0) - 90) < 3, "\(price)")
        #expect(price.finish.first { $0.workers == 8 }.map { abs($0.seconds - 30) < 1 } ?? true)
        #expect(price.rows?.known == 5)
        #expect(price.unseen == 0)
    }

    @Test func `Sources that cannot be looked at are told of, and stop no plan`() async throws {
        let fixture = try await BackfillFixture()
        try write(fixture, sizes: [1_001, 2_001])
        // There is no such field.
        let name = "bronze/%Q.csv"
        let broken = Job(
            "orders", target: .hive(fixture.folder.appending("orders"), partitionedBy: "day"),
            query: Query("SELECT id FROM source", sources: [Source(path: fixture.folder.appending(name), format: .csv)])
        )
        let backfill = try fixture.backfill(broken)
        let request = try request(2)
        let price = try #require(try await backfill.price(backfill.plan(request), request))
        #expect(price.unseen == 2 && price.bytes == nil)
        #expect(price.problem?.contains("%Q") == true, "\(price)")
    }

    @Test func `A Delta table's log tells the sizes`() async throws {
        let fixture = try await BackfillFixture()
        let maker = Job(
            "maker", version: "1", target: .delta(fixture.folder.appending("bronze"), partitionedBy: "day")
        ) { partition in try await partition.overwrite("SELECT range AS id FROM range(1000)") }
        _ = try await fixture.backfill(maker).planAndRun(try request(2))
        let reader = Job(
            "orders", target: .hive(fixture.folder.appending("orders"), partitionedBy: "day"),
            query: Query(
                "SELECT id FROM source", sources: [Source(path: fixture.folder.appending("bronze"), format: .delta)]))
        let backfill = try fixture.backfill(reader)
        let price = try #require(try await backfill.price(backfill.plan(request(2)), request(2)))
        let files = FileManager.default.enumerator(atPath: fixture.folder.appending("bronze"))?.allObjects ?? []
        let sizes = files.compactMap { $0 as? String }.filter { $0.hasSuffix(".parquet") }.map { name in
            (try? FileManager.default.attributesOfItem(atPath: fixture.folder.appending("bronze/\(name)"))[.size]
                as? Int)
                ?? 0
        }
        #expect(sizes.count == 2 && price.bytes?.sum == Int64(sizes.reduce(0, +)), "\(price)")
        #expect(price.rows == PlanPrice.Total(sum: 2_000, known: 2) && price.rowsBasis == .counted, "\(price)")
        #expect(price.footers == 0, "the log tells them")
    }

    @Test func `The largest come first where that is asked for`() async throws {
        let fixture = try await BackfillFixture()
        try write(fixture, sizes: [1_001, 5_001, 3_001, 2_001, 6_001, 4_001])
        var request = try request()
        request.order = .largest
        let log = EventLog()
        #expect(try await fixture.backfill(job(fixture)).planAndRun(request, log: log).complete == 6)
        #expect(claimed(log) == [5, 2, 6, 3, 4, 1])
    }

    @Test func `The last partitions of a run are started longest first`() async throws {
        let fixture = try await BackfillFixture()
        try write(fixture, sizes: [1_001, 1_001, 1_001, 1_001, 1_001, 1_001])
        let request = try request(workers: 2)
        #expect(try await fixture.backfill(job(fixture)).planAndRun(request).complete == 6)
        try await age(fixture, [10, 50, 20, 40, 30, 60])
        let log = EventLog()
        let stale = try fixture.backfill(job(fixture, version: "2"))
        #expect(try await stale.planAndRun(request, log: log).complete == 6)
        #expect(claimed(log) == [6, 2, 4, 5, 3, 1])
    }

    @Test func `A run ends at its limit of bytes, and another goes on`() async throws {
        let fixture = try await BackfillFixture()
        try write(fixture, sizes: [1_001, 1_001, 3_001, 1_001, 1_001, 1_001])
        var request = try request(workers: 2)
        request.maxBytes = 4_000
        let backfill = try fixture.backfill(job(fixture))
        let report = try await backfill.planAndRun(request)
        #expect(report.complete == 2 && report.remaining == 4 && !report.wasStopped)
        let (third, fourth) = (try BackfillFixture.day("2024-01-03"), try BackfillFixture.day("2024-01-04"))
        #expect(report.byteLimit == ByteLimit(limit: 4_000, started: 2_002, next: third, nextBytes: 3_001))
        #expect(try await fixture.statuses() == ["COMPLETE": 2, "PENDING": 4])
        #expect(try await fixture.runs("outcome") == ["FINISHED"])
        let rest = try await backfill.planAndRun(request)
        #expect(rest.complete == 1 && rest.byteLimit?.next == fourth)
        request.maxBytes = 3_003
        let last = try await backfill.planAndRun(request)
        #expect(last.complete == 3 && last.byteLimit == nil && last.remaining == 0)
    }

    @Test func `A limit of bytes below the first partition starts nothing, and ends`() async throws {
        let fixture = try await BackfillFixture()
        try write(fixture, sizes: [1_001, 1_001])
        var request = try request(2)
        request.maxBytes = 10
        let report = try await fixture.backfill(job(fixture)).planAndRun(request)
        #expect(report.complete == 0 && report.remaining == 2 && report.byteLimit?.started == 0)
    }

    @Test func `A limit of bytes is refused where nobody knows any size`() async throws {
        let fixture = try await BackfillFixture()
        var request = try request(2)
        request.maxBytes = 10
        let backfill = try fixture.backfill(fixture.job())
        let plan = try await backfill.plan(request)
        let asked = request
        let error = await #expect(throws: TransformError.self) {
            try await backfill.run(plan, asked, stop: StopSignal()) { _ in }
        }
        #expect(error?.message.contains("--max-partitions") == true)
        #expect(try await fixture.runs("outcome").isEmpty)
    }

    @Test func `A window is not entered blindly where the ledger knows how long partitions take`() async throws {
        let fixture = try await BackfillFixture()
        #expect(try await fixture.backfill(fixture.job()).planAndRun(request()).complete == 6)
        try await age(fixture, [7_200, 7_200, 7_200, 7_200, 7_200, 7_200])
        // One hour before the window closes; each partition takes two.
        let hour = Mutex(5.0)
        var request = try request()
        request.window = TimeWindow(parsing: "22:00-06:00")
        let log = EventLog()
        let backfill = try fixture.steered(fixture.job(version: "2")) { _ in
            Date(timeIntervalSince1970: 1_704_844_800 + hour.withLock { $0 } * 3600)
        }
        async let report = backfill.planAndRun(request, log: log)
        try await eventually("it is told") { log.text.contains { $0.contains("windowClosed") } }
        #expect(claimed(log).isEmpty)
        hour.withLock { $0 = 23 }
        #expect(try await report.complete == 6)
    }
}
