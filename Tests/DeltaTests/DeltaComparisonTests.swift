import Foundation
import Lakehouse
import PartitionBackfill
import ProgressStore
import TestSupport
import Testing

/// Two generations of a day, row by row, in a table with another partition column.
@Suite(.timeLimit(.minutes(3))) struct DeltaComparisonTests {
    @Test func `Columns that no file holds are compared with what was replaced`() async throws {
        let sample = try DeltaSample()
        try await sample.other("create")
        let cluster = try await TestCluster.shared()
        let options = LedgerOptions(schema: cluster.freshSchema(), worker: "test:comparison")
        let ledger = try await Ledger.open(.server(conninfo: cluster.conninfo), options: options)
        func backfill(_ version: String, _ rows: String) throws -> Backfill {
            let target = PartitionedTarget.delta(sample.root, partitionedBy: "order_date")
            let job = Job("orders", version: version, target: target) { partition in
                try await partition.overwrite(
                    "SELECT v::BIGINT AS v, name, region::VARCHAR AS region FROM (VALUES \(rows)) t (v, name, region)")
            }
            return try Backfill(job: job, ledger: ledger, engine: DuckDBSQLEngine())
        }
        let request = BackfillRequest(partitions: PartitionSet(granularity: .day, keys: [DeltaSample.key]))
        func run(_ backfill: Backfill) async throws {
            let report = try await backfill.run(backfill.plan(request), request, stop: StopSignal()) { _ in }
            try #require(report.complete == 1, "\(report)")
        }
        let first = try backfill("1", "(1, 'a', 'x'), (2, 'b', 'y/z'), (3, 'c', NULL), (4, 'd', 'x')")
        try await run(first)
        let foreign = try await first.compareRows(of: DeltaSample.key, keyColumns: ["v"], sampleSize: 5)
        #expect(foreign.added == 4 && foreign.removed == 3 && foreign.changed == 0 && foreign.unchanged == 0)
        #expect(
            Set(foreign.removedSample.flatMap { $0 }.filter { $0.column == "region" }.map(\.old)) == [
                "a", "b/c d", "x=y%z",
            ])

        // Of two rows the region has changed, of another nothing, and one is new.
        let second = try backfill("2", "(1, 'a', 'x'), (2, 'b', 'x'), (3, 'c', 'w'), (4, 'd', 'x'), (5, 'e', 'x')")
        try await run(second)
        let own = try await second.compareRows(of: DeltaSample.key, keyColumns: ["v"], sampleSize: 5)
        #expect(own.added == 1 && own.removed == 0 && own.changed == 2 && own.unchanged == 2, "\(own)")
        #expect(own.onlyNew.isEmpty && own.onlyOld.isEmpty, "\(own)")
        let regions = own.changedSample.flatMap { $0 }.filter { $0.column == "region" }
        #expect(Set(regions.map { "\($0.old ?? "none") to \($0.new ?? "none")" }) == ["y/z to x", "none to w"])
        await ledger.close()
    }
}
