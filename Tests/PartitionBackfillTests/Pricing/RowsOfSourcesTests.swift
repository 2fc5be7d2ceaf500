import Foundation
import Lakehouse
import Partitions
import ProgressStore
import TestSupport
import Testing
import Transforms

@testable import PartitionBackfill

/// Plans that tell the rows of their sources, of real files.
@Suite(.timeLimit(.minutes(3))) struct RowsOfSourcesTests {
    private func job(_ fixture: BackfillFixture, _ source: Source, version: String = "1") -> Job {
        Job(
            "orders", target: .hive(fixture.folder.appending("orders"), partitionedBy: "day"),
            query: Query("SELECT id FROM source WHERE id < 3", sources: [source]), version: version)
    }

    private func request(_ days: Int) throws -> BackfillRequest {
        BackfillRequest(partitions: try BackfillFixture.days("2024-01-01", "2024-01-0\(days)"), workers: 1)
    }

    private func price(_ fixture: BackfillFixture, _ job: Job, days: Int) async throws -> PlanPrice {
        let backfill = try fixture.backfill(job)
        let request = try request(days)
        return try #require(try await backfill.price(backfill.plan(request), request))
    }

    /// Writes a Hive table in which each day has ten rows more than the one before, from a hundred on.
    private func makeParquet(_ fixture: BackfillFixture, days: Int) async throws {
        let maker = Job(
            "maker", version: "1", target: .hive(fixture.folder.appending("bronze"), partitionedBy: "day")
        ) { partition in
            let rows = 90 + 10 * (Int(partition.key.description.suffix(2)) ?? 0)
            try await partition.overwrite("SELECT range AS id FROM range(\(rows))")
        }
        #expect(try await fixture.backfill(maker).planAndRun(try request(days)).complete == days)
    }

    private func parquet(_ fixture: BackfillFixture) -> Source {
        Source(path: fixture.folder.appending("bronze/day=%Y-%m-%d/*.parquet"), format: .parquet)
    }

    @Test func `Footers tell the rows of Parquet sources, whatever an attempt wrote`() async throws {
        let fixture = try await BackfillFixture()
        try await makeParquet(fixture, days: 3)
        let first = try await price(fixture, job(fixture, parquet(fixture)), days: 3)
        #expect(first.rows == PlanPrice.Total(sum: 330, known: 3) && first.rowsBasis == .counted, "\(first)")
        #expect(first.footersRead == 3 && first.footers == 3 && first.unseen == 0)
        #expect(Set(first.heaviest.map(\.price.rows)) == [100, 110, 120])
        // Attempts that wrote three rows each change nothing.
        #expect(
            try await fixture.backfill(job(fixture, parquet(fixture))).planAndRun(request(3)).complete == 3)
        let second = try await price(fixture, job(fixture, parquet(fixture), version: "2"), days: 3)
        #expect(second.rows?.sum == 330 && second.rowsBasis == .counted, "\(second)")
    }

    @Test func `Of many files some are looked into, and the plan says so`() async throws {
        let fixture = try await BackfillFixture()
        try await makeParquet(fixture, days: 9)
        // Two hundred of each day, one like the other: the estimate is exact.
        let files = FileManager.default
        for day in 1...9 {
            let folder = fixture.folder.appending("bronze/day=2024-01-0\(day)")
            let file = try #require(try files.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".parquet") })
            for copy in 1..<200 { try files.linkItem(atPath: "\(folder)/\(file)", toPath: "\(folder)/\(copy).parquet") }
        }
        let price = try await price(fixture, job(fixture, parquet(fixture)), days: 9)
        #expect(price.footers == 1_800 && price.footersRead == 9 * SourceFiles.most, "\(price)")
        #expect(
            price.rows == PlanPrice.Total(sum: 200 * 9 * 140, known: 9) && price.rowsBasis == .estimated, "\(price)")
    }

    @Test func `A file that is no Parquet is estimated like the others, and one that is gone is told of`() async throws
    {
        let fixture = try await BackfillFixture()
        try await makeParquet(fixture, days: 2)
        let folder = fixture.folder.appending("bronze/day=2024-01-02")
        let files = FileManager.default
        for file in try files.contentsOfDirectory(atPath: folder) { try files.removeItem(atPath: "\(folder)/\(file)") }
        try String(repeating: "no footer here\n", count: 100)
            .write(toFile: "\(folder)/a.parquet", atomically: true, encoding: .utf8)
        let price = try await price(fixture, job(fixture, parquet(fixture)), days: 2)
        #expect(price.rows?.known == 2 && price.rowsBasis == .estimated && price.unseen == 0, "\(price)")
        try files.removeItem(atPath: "\(folder)/a.parquet")
        try files.createSymbolicLink(atPath: "\(folder)/b.parquet", withDestinationPath: "\(folder)/b.parquet")
        let broken = try await self.price(fixture, job(fixture, parquet(fixture)), days: 2)
        #expect(broken.unseen == 1 && broken.problem?.contains("b.parquet") == true, "\(broken)")
    }

    @Test func `A text has the rows that the ledger knows of, read or written`() async throws {
        let fixture = try await BackfillFixture()
        let files = FileManager.default
        try files.createDirectory(atPath: fixture.folder.appending("raw"), withIntermediateDirectories: true)
        for day in 1...3 {
            try ("id\n" + String(repeating: "1\n", count: 100 * day)).write(
                toFile: fixture.folder.appending("raw/2024-01-0\(day).csv"), atomically: true, encoding: .utf8)
        }
        let source = Source(path: fixture.folder.appending("raw/%Y-%m-%d.csv"), format: .csv)
        #expect(try await price(fixture, job(fixture, source), days: 3).rows == nil)
        #expect(try await fixture.backfill(job(fixture, source)).planAndRun(request(2)).complete == 2)
        // Neither tells what was read: it is what they wrote.
        try await record(fixture, rows: "NULL")
        let written = try await price(fixture, job(fixture, source, version: "2"), days: 3)
        #expect(written.rowsBasis == .lastAttempt && written.rows?.known == 2, "\(written)")
        // Four bytes a row, as attempts have read them.
        try await record(fixture, rows: "bytes_read / 4")
        let read = try await price(fixture, job(fixture, source, version: "2"), days: 3)
        let sizes = 3 * 3 + 2 * 600
        #expect(read.rowsBasis == .estimated && read.rows?.known == 3, "\(read)")
        #expect(abs((read.rows?.sum ?? 0) - Int64(sizes / 4)) <= 3, "\(read)")
    }

    @Test func `Files that hold rows of other partitions are not taken for those of one`() async throws {
        let fixture = try await BackfillFixture()
        let maker = Job(
            "maker", version: "1", target: .delta(fixture.folder.appending("bronze"), partitionedBy: "day")
        ) { partition in
            try await partition.overwrite(
                "SELECT range AS id, DATE '2024-01-01' + (range % 2)::INTEGER AS booked FROM range(1000)")
        }
        #expect(try await fixture.backfill(maker).planAndRun(request(1)).complete == 1)
        let source = Source(
            path: fixture.folder.appending("bronze"), format: .delta, rows: .ofPartition(column: "booked"))
        #expect(try await price(fixture, job(fixture, source), days: 2).rows == nil)
        #expect(try await fixture.backfill(job(fixture, source)).planAndRun(request(2)).complete == 2)
        // Each attempt has read the whole file.
        try await record(fixture, rows: "1000")
        let price = try await price(fixture, job(fixture, source, version: "2"), days: 2)
        #expect(price.rows?.sum == 3 && price.rowsBasis == .lastAttempt, "\(price)")
    }

    /// Lets the ledger say how many rows attempts have read.
    private func record(_ fixture: BackfillFixture, rows: String) async throws {
        try await fixture.cluster.execute(
            """
            ALTER TABLE \(fixture.schema).attempt DISABLE TRIGGER guard_ended;
            UPDATE \(fixture.schema).attempt SET rows_read = \(rows);
            ALTER TABLE \(fixture.schema).attempt ENABLE TRIGGER guard_ended
            """)
    }
}
