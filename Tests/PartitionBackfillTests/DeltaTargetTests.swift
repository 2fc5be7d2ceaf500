import Foundation
import Lakehouse
import Partitions
import ProgressStore
import TestSupport
import Testing

@testable import PartitionBackfill

/// Jobs in Swift that write a Delta table.
@Suite struct DeltaTargetTests {
    private func job(_ fixture: BackfillFixture, _ target: PartitionedTarget, rows: Int = 3) -> Job {
        Job("orders", version: "1", target: target) { partition in
            try await partition.append(
                columns: [ValueColumn("id", .integer), ValueColumn("day", .date)],
                rows: (0..<rows).map { [.integer(Int64($0)), .date(partition.start.date)] })
        }
    }

    @Test func `Rows that a closure appends become a partition, and its version is the attempt`() async throws {
        let fixture = try await BackfillFixture()
        let target = PartitionedTarget.delta(fixture.folder.appending("orders"), partitionedBy: "day")
        let backfill = try fixture.backfill(job(fixture, target))
        let request = BackfillRequest(partitions: try BackfillFixture.days("2024-01-01", "2024-01-03"))
        let report = try await backfill.planAndRun(request)
        #expect(report.complete == 3 && report.failed.isEmpty && report.rows == 9)
        #expect(backfill.table?.identity == "delta:" + fixture.folder.appending("orders"))
        let table = try DeltaTable(path: fixture.folder.appending("orders"), column: "day", every: .day)
        let row = try #require(
            try await fixture.ledger.rows(job: "orders", keys: [BackfillFixture.day("2024-01-02")]).first)
        let current = try #require(try table.current(BackfillFixture.day("2024-01-02")))
        #expect(current.version == row.tableVersion && current.rows == 3 && row.rowsWritten == 3)
    }

    @Test(arguments: [DeltaRules(schema: .evolve), DeltaRules(concurrentWrites: .supersede)])
    func `Rules of Delta tables are refused where there are only folders`(rules: DeltaRules) async throws {
        let fixture = try await BackfillFixture()
        let path = fixture.folder.appending("orders")
        let target = PartitionedTarget(target: Target(path: path, format: .hive, delta: rules), column: "day")
        let error = #expect(throws: TableError.self) { try fixture.backfill(job(fixture, target)) }
        #expect(error?.code == .refused && error?.message.contains(path) == true)
    }

    @Test func `A target's rules reach its table`() throws {
        let parquet = ParquetOptions(compression: .lz4, version: .v2, rowGroupSize: 10, fileSize: 1_000_000)
        let target = PartitionedTarget.delta(
            "/x", partitionedBy: "day", schema: .evolve, concurrentWrites: .supersede, parquet: parquet,
            allowsEmpty: true)
        #expect(target.target.allowsEmpty && target.target.parquet == parquet)
        let expected = ParquetEncoding(
            codec: "lz4_raw", level: nil, version: "v2", rowGroupSize: 10, fileSize: 1_000_000)
        #expect(
            DeltaOptions(target.target) == DeltaOptions(addsColumns: true, supersedes: true, encoding: expected))
        let plain = PartitionedTarget.delta("/x", partitionedBy: "day")
        #expect(DeltaOptions(plain.target) == DeltaOptions())
    }
}
