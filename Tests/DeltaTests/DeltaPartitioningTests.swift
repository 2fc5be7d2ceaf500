import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// Tables with more partition columns than the one by which they are replaced.
@Suite struct DeltaPartitioningTests {
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    @Test func `Everything of a day is replaced, whatever the other columns say`() async throws {
        try await sample.other("create")
        let before = try await ReadTable.read(sample)
        let query = """
            SELECT * FROM (VALUES (1::BIGINT, 'x', 'a'), (2, 'y', 'new/ =%:é'), (3, 'z', NULL), (4, 'w', ''), (5, 'u', 'a'))
            t(v, name, region)
            """
        let published = try #require(try sample.publish(1, rows: 5, query: query).generation)
        #expect(try sample.table().current(DeltaSample.key) == published)

        let read = try await ReadTable.read(sample)
        #expect(
            read.values("v", where: "order_date", is: "2024-01-01").compactMap(\.self).sorted() == [
                "1", "2", "3", "4", "5",
            ])
        // The empty text is null as a partition value: no writer can keep them apart.
        #expect(Set(read.values("region", where: "order_date", is: "2024-01-01")) == ["a", "new/ =%:é", nil])
        for day in ["2024-01-02", "2024-01-03"] {
            #expect(read.values("v", where: "order_date", is: day) == before.values("v", where: "order_date", is: day))
        }
        #expect(read.duckdb == read.deltalake)

        // The other program can go on with what we wrote, and we with what it did.
        try await sample.other("overwrite", "2024-01-01", "5")
        try sample.publish(2, rows: 1, query: "SELECT 9::BIGINT AS v, 'x' AS name, 'b/c d' AS region")
        let after = try await ReadTable.read(sample)
        #expect(after.values("v", where: "order_date", is: "2024-01-01") == ["9"])
        #expect(after.duckdb == after.deltalake)
    }

    @Test func `No rows replace a day of several partitions`() async throws {
        try await sample.other("create")
        let query = "SELECT 9::BIGINT AS v, 'x' AS name, 'b' AS region LIMIT 0"
        try sample.publish(1, rows: 0, query: query)
        #expect(try sample.table().current(DeltaSample.key)?.writer == .attempt(1))
        let read = try await ReadTable.read(sample)
        #expect(read.values("v", where: "order_date", is: "2024-01-01").isEmpty)
        #expect(read.deltalake.count == 6 && read.duckdb == read.deltalake)
    }

    @Test func `Files that would be too large are several, in tables with other partition columns too`() async throws {
        try await sample.other("create")
        let encoding = ParquetEncoding(rowGroupSize: 2048, fileSize: 40_000)
        let table = try DeltaTable(
            path: sample.root, column: "order_date", every: .day, options: DeltaOptions(encoding: encoding))
        let query = """
            SELECT i AS v, md5(i::VARCHAR) AS name, CASE WHEN i < 10 THEN 'small' ELSE 'la/rge' END AS region
            FROM range(20000) t(i)
            """
        let published = try #require(try sample.publish(1, of: table, rows: 20_000, query: query).generation)
        #expect(published.files.count { $0.contains("region=small") } == 1)
        #expect(published.files.count { $0.contains("region=la") } > 3, "\(published.files)")
        #expect(published.files.count { $0.contains("region=") } == published.files.count)
        let read = try await ReadTable.read(sample)
        #expect(read.values("v", where: "order_date", is: "2024-01-01").count == 20_000)
        #expect(read.values("v", where: "region", is: "small").count == 10)
        #expect(read.duckdb == read.deltalake)
        #expect(try table.current(DeltaSample.key) == published)
    }

    @Test func `A missing partition column is a missing column`() async throws {
        try await sample.other("create")
        let error = #expect(throws: TableError.self) { try sample.publish(1) }
        #expect(error?.message.contains("region (string) is missing") == true)
    }

    @Test(arguments: [Granularity.hour, .month])
    func `Hours and months are text in a new table`(granularity: Granularity) async throws {
        let key = PartitionKey(granularity: granularity, ordinal: granularity == .hour ? 473_357 : 648)
        let table = try sample.table(every: granularity)
        try sample.publish(1, of: table, key)
        try sample.publish(2, of: table, key)
        let read = try await ReadTable.read(sample)
        #expect(Set(read.values("order_date", where: "v", is: "0")) == [key.description])
        #expect(read.deltalake.count == 3 && read.duckdb == read.deltalake)
    }
}
