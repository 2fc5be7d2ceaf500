import Foundation
import Lakehouse
import PartitionBackfill
import TestSupport
import Testing
import Transforms

/// Every golden table as a source: its rows, or why it is not read.
@Suite(.enabled(if: SharedData.path != nil, "the golden tables are not there"))
struct GoldenSourceTests {
    private let reader = SourceReader()

    @Test(arguments: GoldenTables.oracle.keys.sorted())
    func `A golden table is read with the rows that deltalake finds, or refused`(name: String) async throws {
        let source = Source.whole(GoldenTables.path(name))
        if let reason = GoldenSourceTests.refused[name] {
            let error = await #expect(throws: TableError.self) { try await reader.read(source) }
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
            return
        }
        if GoldenSourceTests.withoutFiles.contains(name) {
            await #expect(throws: TransformError.self) { try await reader.read(source) }
            return
        }
        let rows = try await reader.read(source, "SELECT count(*) FROM source")
        if let expected = GoldenTables.oracle[name]?.rows { #expect(rows == [["integer(\(expected))"]]) }
    }

    /// The same rows, to the value, as those that another implementation reads.
    @Test(
        arguments: GoldenTables.oracle.keys.sorted().filter {
            refused[$0] == nil && !withoutFiles.contains($0) && $0 != brokenElsewhere
        })
    func `A golden table has the values that DuckDB's own reader finds`(name: String) async throws {
        let source = Source.whole(GoldenTables.path(name))
        let other = "FROM delta_scan('\(GoldenTables.path(name))')"
        for (left, right) in [("FROM source", other), (other, "FROM source")] {
            let rows = try await reader.read(source, "SELECT count(*) FROM (\(left) EXCEPT ALL \(right))")
            #expect(rows == [["integer(0)"]], "\(left) EXCEPT ALL \(right)")
        }
    }

    @Test func `Tables whose log is damaged are no sources`() throws {
        for name in ["versions-not-contiguous", "no-delta-log-folder", "deltalog-invalid-protocol-version"] {
            let source = Source.whole(GoldenTables.path(name))
            #expect(throws: TableError.self, "\(name)") {
                try reader.sources.examine(source, key: SourceReader.day, column: "x")
            }
        }
    }

    @Test(arguments: ["dv-partitioned-with-checkpoint", "dv-with-columnmapping"])
    func `A partition with deletion vectors or other names of columns is read by the extension`(name: String)
        async throws
    {
        // Its partition column counts to nine, and is no date: what is tried is the filter on rows.
        let path = GoldenTables.path(name)
        let all = try await reader.read(.whole(path), "SELECT count(*), count(DISTINCT part) FROM source")
        #expect(all == [["integer(35)", "integer(10)"]])
        let snapshot = try reader.sources.examine(.whole(path), key: SourceReader.day, column: "x")
        #expect(!snapshot.features.isEmpty)
    }

    /// Tables that are not read, and a word of the reason.
    private static let refused = [
        "data-reader-partition-values": "do not say their time zone",
        "kernel-timestamp-INT96": "do not say their time zone", "kernel-timestamp-PST": "do not say their time zone",
        "kernel-timestamp-TIMESTAMP_MICROS": "do not say their time zone",
        "kernel-timestamp-TIMESTAMP_MILLIS": "do not say their time zone",
        "spark-variant-checkpoint": "variantType-preview",
        "type-widening": "typeWidening-preview", "type-widening-nested": "typeWidening-preview",
    ]

    /// A map of lists in an old encoding, at which the extension (of DuckDB 1.5.5) breaks and takes the engine with it.
    private static let brokenElsewhere = "parquet-all-types-legacy-format"

    /// Fixtures of logs whose data files never were.
    private static let withoutFiles: Set<String> = [
        "checkpoint", "delete-re-add-same-file-different-transactions", "log-replay-special-characters-b",
        "parquet-decimal-dictionaries-v1",
    ]
}
