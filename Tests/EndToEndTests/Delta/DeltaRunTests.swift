import Foundation
import Partitions
import TestSupport
import Testing

/// What a user does with a job whose target is a Delta table.
@Suite struct DeltaRunTests {
    private static let days = "2024-01-01"..."2024-01-04"
    private let range = ["--from", "2024-01-01", "--to", "2024-01-04"]

    @Test func `A range is planned, run, read by others, and skipped the second time`() async throws {
        let project = try await Project(days: Self.days, format: .delta)
        let plan = try await project.run("plan", "--from", "2024-01-01", "--to", "2024-01-04", "--json")
        #expect(plan.code == 0, "\(plan)")
        #expect(plan.output.components(separatedBy: "\"action\":\"run\"").count == 5, "\(plan)")
        #expect(!FileManager.default.fileExists(atPath: project.directory.appending("lake")))

        let first = try await project.run("run", "--from", "2024-01-01", "--to", "2024-01-04", "--json")
        #expect(first.code == 0, "\(first)")
        try await project.expect(try Project.keys(Self.days).map(\.description), sum: "60.50")
        // Each partition's event names the version that the ledger has, and that is the attempt in its file's name.
        let rows = try await project.query(
            "SELECT partition_key, table_version FROM \(project.schema).partition_progress ORDER BY 1")
        #expect(rows.count == 4)
        for row in rows {
            let (key, version) = (try #require(row[0]), try #require(row[1]))
            let event = first.output.split(separator: "\n").first {
                $0.contains("\"completed\"") && $0.contains("\"\(key)\"")
            }
            #expect(event?.contains("\"table_version\":\"\(version)\"") == true, "\(first)")
            #expect(project.partitionFiles(key).allSatisfy { $0.hasPrefix("part-\(version)-") })
        }
        let versions = project.logVersions

        let second = try await project.run("run", "--from", "2024-01-01", "--to", "2024-01-04", "--json")
        #expect(second.code == 0, "\(second)")
        #expect(second.output.contains("\"skipped\":4"), "\(second)")
        #expect(project.logVersions == versions)

        try project.write("transforms/orders.sql", Project.fixedTransform.replacing("1.10", with: "9.99"))
        let third = try await project.run("--from", "2024-01-01", "--to", "2024-01-04")
        #expect(third.code == 0, "\(third)")
        try await project.expect(try Project.keys(Self.days).map(\.description), sum: "549.45")
        #expect(project.logVersions == Array(0..<project.logVersions.count))
    }

    @Test(arguments: [
        (Granularity.hour, ["2024-01-01T22", "2024-01-01T23", "2024-01-02T00"]), (.month, ["2023-12", "2024-01"]),
    ])
    func `Hours and months are partitions as days are`(every: Granularity, keys: [String]) async throws {
        let project = try await Project(days: Self.days, format: .delta)
        try project.write(
            "reprocess.yaml",
            Project.configuration(schema: project.schema, format: .delta, every: every.rawValue)
                .replacing("%Y-%m-%d.csv", with: "2024-01-01.csv"))
        try project.write(
            "transforms/orders.sql", Project.fixedTransform.replacing("order_date::DATE AS order_date, ", with: ""))
        for _ in 1...2 {
            let run = try await project.run("run", "--from", keys[0], "--to", keys[keys.count - 1], "--only", "all")
            #expect(run.code == 0, "\(run)")
        }
        try await project.expect(keys, sum: "60.50")
    }

    @Test func `A result without rows replaces none, unless the job says so`() async throws {
        let project = try await Project(days: Self.days, format: .delta)
        #expect(try await project.run("--from", "2024-01-01", "--to", "2024-01-04").code == 0)
        let versions = project.logVersions
        try project.write("bronze/2024-01-02.csv", "order_date,order_id,amount\n")
        let refused = try await project.run("run", "--dates", "2024-01-02", "--only", "all")
        #expect(refused.code == 1, "\(refused)")
        #expect(refused.errors.contains("allow_empty"), "\(refused)")
        #expect(project.logVersions == versions)
        #expect(try await project.ledger().contains("2024-01-02 HELD"))

        try project.write(
            "reprocess.yaml",
            Project.configuration(schema: project.schema, format: .delta, target: ", allow_empty: true"))
        // What another version left held is made anew.
        try project.write("transforms/orders.sql", Project.fixedTransform + "-- may be empty\n")
        let allowed = try await project.run("run", "--dates", "2024-01-02")
        #expect(allowed.code == 0, "\(allowed)")
        try await project.expect(["2024-01-01", "2024-01-03", "2024-01-04"], sum: "60.50")
        #expect(project.logVersions.count == versions.count + 1)
    }

    @Test func `A row of another day publishes nothing`() async throws {
        let project = try await Project(days: Self.days, format: .delta)
        #expect(try await project.run("--from", "2024-01-01", "--to", "2024-01-04").code == 0)
        let keys = try Project.keys("2024-01-01"..."2024-01-02")
        try project.writeBronze(keys[keys.startIndex], day: keys[keys.startIndex].next)
        let versions = project.logVersions
        let finished = try await project.run("run", "--dates", "2024-01-01", "--only", "all", "--rewrite")
        #expect(finished.code == 1, "\(finished)")
        #expect(finished.errors.contains("lie outside of the partition"), "\(finished)")
        #expect(project.logVersions == versions)
        #expect(project.files(below: "lake/orders.reprocess").allSatisfy { $0.hasSuffix(".ended") })
    }

    @Test func `What failed is explained, retried, and seen in the status`() async throws {
        let project = try await Project(days: Self.days, format: .delta)
        try project.remove("bronze/2024-01-03.csv")
        #expect(try await project.run("--from", "2024-01-01", "--to", "2024-01-04").code == 1)
        for key in try Project.keys("2024-01-03"..."2024-01-03") { try project.writeBronze(key) }
        let retry = try await project.run("retry", "--from", "2024-01-01", "--to", "2024-01-04")
        #expect(retry.code == 0, "\(retry)")
        let explained = try await project.run("explain", "2024-01-03")
        #expect(explained.output.contains("FAILED") && explained.output.contains("COMPLETE"), "\(explained)")
        #expect(explained.output.contains("table: "), "\(explained)")
        let status = try await project.run("status")
        #expect(status.code == 0 && status.output.contains("4"), "\(status)")
        let split = try await project.run("split", "2", "--from", "2024-01-01", "--to", "2024-01-04")
        #expect(split.output.split(separator: "\n").count == 2, "\(split)")
        try await project.expect(try Project.keys(Self.days).map(\.description), sum: "60.50")
    }

    @Test func `Files are written as the target says, also where the table divides them anew`() async throws {
        let project = try await Project(days: Self.days, format: .delta)
        try project.write(
            "reprocess.yaml",
            Project.configuration(
                schema: project.schema, format: .delta, target: ", compression: gzip, row_group_size: 2048"))
        try project.write(
            "transforms/orders.sql",
            """
            SELECT order_date::DATE AS order_date, i AS order_id, amount::DECIMAL(12, 2) AS amount_usd,
                CASE WHEN i % 2 = 0 THEN 'even' ELSE 'odd' END AS region
            FROM source, range(5000) AS numbers (i) WHERE order_id = 1
            """)
        try await DeltaReader.other(
            """
            from decimal import Decimal
            write_deltalake(path, pa.table({
                "order_id": pa.array([1], pa.int64()), "amount_usd": pa.array([Decimal("1.00")], pa.decimal128(12, 2)),
                "region": pa.array(["even"]), "order_date": pa.array([datetime.date(2024, 1, 1)], pa.date32())}),
                partition_by=["order_date", "region"])
            """, on: project.table)
        let run = try await project.run("--from", "2024-01-01", "--to", "2024-01-02")
        #expect(run.code == 0, "\(run)")
        let read = try await DeltaReader.read(project.table)
        #expect(read.deltalake.map(\.count) == [5000, 5000] && read.duckdb == read.deltalake)
        let files = project.files(below: "lake/orders").filter { $0.contains("/part-00000000") }
        #expect(files.count == 4, "\(files)")
        for file in files {
            let facts = try ParquetFacts.read(project.table + "/" + file)
            #expect(facts.codecs == ["GZIP"] && facts.rowGroups > 1 && facts.provenance.contains("reprocess.fence"))
        }
    }

    @Test(
        arguments: [
            "compression: zstd, compression_level: 9", "compression: snappy", "compression: gzip", "compression: lz4",
            "compression: uncompressed", "parquet_version: v2",
        ])
    func `Other readers take every way of writing files`(keys: String) async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-02", format: .delta)
        try project.write(
            "reprocess.yaml", Project.configuration(schema: project.schema, format: .delta, target: ", " + keys))
        let run = try await project.run("--from", "2024-01-01", "--to", "2024-01-02")
        #expect(run.code == 0, "\(run)")
        try await project.expect(["2024-01-01", "2024-01-02"], sum: "60.50")
    }

    @Test(arguments: TableFormat.allCases)
    func `A large partition is cut into files of about a size`(format: TableFormat) async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-01", format: format)
        try project.write(
            "reprocess.yaml",
            Project.configuration(
                schema: project.schema, format: format, target: ", file_size: 1MB, row_group_size: 20480"))
        try project.write(
            "transforms/orders.sql",
            """
            SELECT order_date::DATE AS order_date, hash(i)::VARCHAR AS noise, i AS order_id,
                amount::DECIMAL(12, 2) AS amount_usd
            FROM source, range(300000) AS numbers (i) WHERE order_id = 1
            """)
        for _ in 1...2 {
            let run = try await project.run("run", "--dates", "2024-01-01", "--only", "all", "--rewrite")
            #expect(run.code == 0, "\(run)")
        }
        let rows = try await project.query(
            "SELECT rows_written, bytes_written, table_version FROM \(project.schema).partition_progress")
        let version = try #require(rows.first?[2])
        let live = project.partitionFiles("2024-01-01").filter { $0.contains(version) }
        #expect(live.count > 1)
        #expect(rows.first?[0] == "300000")
        let folder = project.table + "/order_date=2024-01-01/"
        let sizes = try live.map {
            try FileManager.default.attributesOfItem(atPath: folder + $0)[.size] as? Int64 ?? 0
        }
        #expect(rows.first?[1] == String(sizes.reduce(0, +)))
        if format == .delta {
            let read = try await DeltaReader.read(project.table)
            #expect(read.files.count == live.count)
            #expect(read.deltalake.map(\.count) == [300_000] && read.duckdb == read.deltalake)
        } else {
            #expect(project.partitionFiles("2024-01-01").count == live.count)
        }
    }
}

extension Project {
    /// The names of the data files in a partition's folder.
    func partitionFiles(_ key: String) -> [String] {
        let folder = table + "/order_date=" + key.replacing(":", with: "%3A")
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    /// Checks that the table holds these partitions, of ten orders each, for every reader.
    func expect(
        _ keys: [String], sum: String, _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let expected = keys.map { DeltaReader.Partition(key: $0, count: 10, sum: sum) }
        let read = try await DeltaReader.read(table)
        #expect(read.deltalake == expected, sourceLocation: location)
        #expect(read.duckdb == expected, sourceLocation: location)
        #expect(logVersions == Array(0..<logVersions.count), sourceLocation: location)
    }
}
