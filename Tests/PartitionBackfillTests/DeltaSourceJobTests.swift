import Foundation
import Lakehouse
import PartitionBackfill
import Partitions
import ProgressStore
import TestSupport
import Testing
import Transforms

/// Jobs in Swift that read a Delta table.
@Suite struct DeltaSourceJobTests {
    /// Replaces a day of a Delta table by rows with the numbers of a range.
    private func publish(_ fixture: BackfillFixture, _ day: String, rows: Int, fence: Int64) async throws {
        let table = try DeltaTable(path: fixture.folder.appending("bronze"), column: "day", every: .day)
        let key = try BackfillFixture.day(day)
        let staging = try table.begin(key, writer: Writer(fence: fence, claimID: UUID()))
        let session = try await DuckDBSQLEngine().openSession()
        let staged = try await session.stage(
            StageRequest(
                query: Query("SELECT range AS id FROM range(\(rows))"), key: key, column: "day",
                directory: staging.directory, parquet: ParquetOptions(), provenance: [:]))
        await session.close()
        guard case .published = try table.publish(staging, rows: staged.rows) else {
            throw TestSupportError("the source was not published")
        }
    }

    private func versions(_ fixture: BackfillFixture) async throws -> [[String?]] {
        try await fixture.cluster.execute(
            """
            SELECT partition_key, (SELECT string_agg(regexp_replace(v.key, '.*/', '') || ' ' || v.value, ', ')
                FROM jsonb_each(source_versions) v)
            FROM \(fixture.schema).attempt ORDER BY partition_key
            """)
    }

    @Test func `Queries of a closure read the partition, and the attempt says of which version`() async throws {
        let fixture = try await BackfillFixture()
        try await publish(fixture, "2024-01-01", rows: 5, fence: 1)
        try await publish(fixture, "2024-01-02", rows: 7, fence: 2)
        let source = Source(path: fixture.folder.appending("bronze"), format: .delta)
        let job = Job("orders", version: "1", target: .hive(fixture.folder.appending("orders"), partitionedBy: "day")) {
            partition in
            let counted = try await partition.query(Query("SELECT count(*) AS rows FROM source", sources: [source]))
            guard case .integer(let count)? = counted.first?.values.first else { throw TestSupportError("no count") }
            try await partition.overwrite(
                Query("SELECT id, day, \(count) AS rows, day = $partition_start AS fits FROM source", sources: [source])
            )
        }
        let days = try BackfillFixture.days("2024-01-01", "2024-01-02")
        let report = try await fixture.backfill(job).planAndRun(BackfillRequest(partitions: days, workers: 2))
        #expect(report.complete == 2 && report.rows == 12)
        #expect(try await versions(fixture) == [["2024-01-01", "bronze 1"], ["2024-01-02", "bronze 1"]])

        let file = try #require(try fixture.table().current(BackfillFixture.day("2024-01-02"))?.files.first)
        let session = try await DuckDBSQLEngine().openSession()
        let key = try BackfillFixture.day("2024-01-02")
        let made = try await session.rows(
            of: Query("SELECT min(rows), bool_and(fits) FROM '\(file)'"), key: key, column: "day")
        #expect(made.first?.values == [.integer(7), .boolean(true)])
        let footer = try await session.rows(
            of: Query(
                "SELECT decode(value) FROM parquet_kv_metadata('\(file)') "
                    + "WHERE decode(key) = 'reprocess.source_version.source'"), key: key, column: "day")
        #expect(footer.first?.values == [.text("1")])
        await session.close()
    }

    @Test func `A job without a target names the versions, too`() async throws {
        let fixture = try await BackfillFixture()
        try await publish(fixture, "2024-01-01", rows: 5, fence: 1)
        let source = Source(path: fixture.folder.appending("bronze"), format: .delta, rows: .all)
        let job = Job("orders", version: "1") { partition in
            _ = try await partition.query(Query("SELECT count(*) FROM source", sources: [source]))
        }
        let days = try BackfillFixture.days("2024-01-01", "2024-01-01")
        #expect(try await fixture.backfill(job).planAndRun(BackfillRequest(partitions: days)).complete == 1)
        #expect(try await versions(fixture) == [["2024-01-01", "bronze 0"]])
    }

    @Test func `Nothing is asked of a source where nothing would run`() async throws {
        let fixture = try await BackfillFixture()
        let query = Query("SELECT * FROM source", sources: [Source(path: "/nowhere/at all", format: .delta)])
        let job = Job(
            "orders", target: .hive(fixture.folder.appending("orders"), partitionedBy: "day"), query: query)
        let days = try BackfillFixture.days("2024-01-01", "2024-01-01")
        let backfill = try fixture.backfill(job)
        let error = await #expect(throws: TableError.self) {
            try await backfill.plan(BackfillRequest(partitions: days))
        }
        #expect(error?.message.contains("/nowhere/at all is no Delta table") == true)
        _ = try await fixture.ledger.mark(
            job: "orders", Mark(key: BackfillFixture.day("2024-01-01"), status: .complete))
        #expect(try await backfill.plan(BackfillRequest(partitions: days)).runCount == 0)
    }
}
