import Foundation
import PartitionBackfill
import ProgressStore
import Synchronization
import TestSupport
import Testing
import Transforms

@testable import PartitionBackfill

/// What an attempt took, as it is recorded with whatever became of it.
@Suite(.timeLimit(.minutes(3))) struct AttemptCostTests {
    /// A clock that says an hour more each time it is asked: whatever is measured is whole hours.
    private final class HourlyClock: Sendable {
        private let hours = Mutex(0)
        let start = ContinuousClock.now

        func now() -> ContinuousClock.Instant {
            start
                + .seconds(
                    3600
                        * hours.withLock { hours in
                            hours += 1
                            return hours
                        })
        }
    }

    private func costs(_ fixture: BackfillFixture) async throws -> [[String?]] {
        try await fixture.cluster.execute(
            """
            SELECT outcome, bytes_read, engine_seconds > 0 AND engine_seconds::bigint % 3600 = 0
            FROM \(fixture.schema).attempt ORDER BY fence
            """)
    }

    private func run(_ fixture: BackfillFixture, _ job: Job, holds: Bool = false) async throws -> BackfillReport {
        let clock = HourlyClock()
        var backfill = try fixture.backfill(job)
        backfill.clock.engine = { clock.now() }
        var request = BackfillRequest(
            partitions: try BackfillFixture.days("2024-01-01", "2024-01-01"), workers: 1, retries: 0)
        request.holdsEverything = holds
        return try await backfill.planAndRun(request)
    }

    private func source(_ fixture: BackfillFixture, _ files: [String: Int]) throws -> Source {
        try FileManager.default.createDirectory(
            atPath: fixture.folder.appending("bronze"), withIntermediateDirectories: true)
        for (name, rows) in files {
            let text = "id\n" + String(repeating: "7\n", count: rows)
            try Data(text.utf8).write(to: URL(filePath: fixture.folder.appending("bronze/\(name)")))
        }
        return Source(name: "source", path: fixture.folder.appending("bronze/%Y-%m-%d*.csv"), format: .csv)
    }

    private func job(_ fixture: BackfillFixture, _ sql: String, _ sources: [Source]) -> Job {
        Job(
            name: "orders", partitioning: Partitioning(column: "day"),
            target: Target(path: fixture.folder.appending("orders"), format: .hive),
            transform: .sql(Query(sql, sources: sources)), version: "1")
    }

    @Test func `A result has the size of its sources and the time in the engine`() async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture, ["2024-01-01-a.csv": 10, "2024-01-01-b.csv": 20, "2024-01-02.csv": 99])
        let report = try await run(fixture, job(fixture, "SELECT id FROM source", [source]))
        #expect(report.complete == 1, "\(report.failed)")
        // Two headings of three bytes, thirty rows of two.
        #expect(try await costs(fixture) == [["COMPLETE", "66", "t"]])
    }

    @Test func `What failed and what is held has taken its time too`() async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture, ["2024-01-01.csv": 10])
        _ = try await run(fixture, job(fixture, "SELECT error('no rate') AS x FROM source", [source]))
        _ = try await run(fixture, job(fixture, "SELECT id FROM source", [source]), holds: true)
        #expect(try await costs(fixture) == [["FAILED", "23", "t"], ["HELD", "23", "t"]])
    }

    @Test func `The size of what nobody can tell is empty, and the time of a closure counts`() async throws {
        let fixture = try await BackfillFixture()
        #expect(try await run(fixture, fixture.job()).complete == 1)
        #expect(try await costs(fixture) == [["COMPLETE", nil, "t"]])
    }

    @Test func `Where one of two sources cannot be told, the sum is not either`() async throws {
        let fixture = try await BackfillFixture()
        let known = try source(fixture, ["2024-01-01.csv": 10])
        let unknown = Source(name: "deep", path: fixture.folder.appending("bronze/**/2024-01-01.csv"), format: .csv)
        let job = job(fixture, "SELECT id FROM source UNION ALL SELECT id FROM deep", [known, unknown])
        #expect(try await run(fixture, job).complete == 1)
        #expect(try await costs(fixture) == [["COMPLETE", nil, "t"]])
    }
}
