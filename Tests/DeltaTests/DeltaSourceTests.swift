import Foundation
import PartitionBackfill
import Partitions
import TestSupport
import Testing
import Transforms

@testable import Lakehouse

/// Delta tables that other programs wrote, as the sources of a job.
@Suite struct DeltaSourceTests {
    private let folder: TemporaryDirectory
    private let reader = SourceReader()
    private var root: String { folder.appending("my table") }
    init() throws { folder = try TemporaryDirectory() }

    private func make(_ kind: String) async throws {
        _ = try await Python.run("source_table.py", [root, kind])
    }

    @Test func `A partition is read as deletes, updates and a later column have left it`() async throws {
        try await make("days")
        let ids = try await reader.read(.delta(root), "SELECT id, name, price FROM source ORDER BY id")
        #expect(
            ids == [
                ["integer(0)", "text(\"n0\")", "null"], ["integer(1)", "text(\"n1\")", "null"],
                ["integer(2)", "text(\"n2\")", "null"], ["integer(10)", "text(\"updated\")", "null"],
                ["integer(11)", "text(\"n11\")", "null"], ["integer(12)", "text(\"n12\")", "null"],
                ["integer(13)", "text(\"n13\")", "null"], ["integer(20)", "text(\"n20\")", "null"],
                ["integer(21)", "text(\"n21\")", "null"], ["integer(22)", "text(\"n22\")", "null"],
                ["integer(23)", "text(\"n23\")", "null"], ["integer(100)", "text(\"n100\")", "double(1.5)"],
                ["integer(101)", "text(\"n101\")", "double(2.5)"],
            ])
        // Compacted into one file, with the same rows.
        let next = SourceReader.day.next
        #expect(try reader.sources.examine(.delta(root), key: next, column: "order_date").files.count == 1)
        let sums = try await reader.read(.delta(root), "SELECT count(*), sum(id)::BIGINT FROM source", key: next)
        #expect(sums == [["integer(12)", "integer(138)"]])
    }

    @Test func `The columns are the table's, in its order and of its types`() async throws {
        try await make("days")
        // The second day has no file with the column that came later.
        for key in [SourceReader.day, SourceReader.day.next] {
            let columns = try await reader.read(
                .delta(root), "SELECT column_name, column_type FROM (DESCRIBE FROM source)", key: key)
            #expect(
                columns.map { $0.joined(separator: " ") } == [
                    "text(\"id\") text(\"BIGINT\")", "text(\"name\") text(\"VARCHAR\")",
                    "text(\"order_date\") text(\"DATE\")", "text(\"price\") text(\"DOUBLE\")",
                ])
        }
    }

    @Test func `A partition without files fails, as a missing file does`() async throws {
        try await make("days")
        let error = #expect(throws: TableError.self) {
            try reader.sources.examine(.delta(root), key: SourceReader.day.advanced(by: 2), column: "order_date")
        }
        #expect(error?.message.contains("has no files where order_date is 2024-01-03") == true)
    }

    @Test func `Files of other partition columns have their values, however these are spelled in paths`() async throws {
        try await make("regions")
        let rows = try await reader.read(
            .delta(root),
            "SELECT region, order_date = $partition_start, count(*), min(id) FROM source GROUP BY ALL ORDER BY 4")
        #expect(
            rows == [
                ["text(\"a\")", "boolean(true)", "integer(2)", "integer(0)"],
                ["text(\"b/c d\")", "boolean(true)", "integer(2)", "integer(10)"],
                ["text(\"x=y%z\")", "boolean(true)", "integer(2)", "integer(20)"],
                ["text(\"é:1\")", "boolean(true)", "integer(2)", "integer(30)"],
                ["text(\"it\\'s ?*[x]\")", "boolean(true)", "integer(2)", "integer(40)"],
                ["null", "boolean(true)", "integer(2)", "integer(50)"],
            ])
        // By another column, which the job does not know by its own name.
        let snapshot = try reader.sources.examine(.delta(root), key: SourceReader.day, column: "order_date")
        #expect(snapshot.files.count == 6)
    }

    @Test func `A column that is none of the partition columns tells rows apart`() async throws {
        try await make("plain")
        let count = try await reader.read(.delta(root), "SELECT count(*), min(order_date) FROM source")
        #expect(count.first?.first == "integer(3)")
        let month = PartitionKey(granularity: .month, ordinal: 648)
        #expect(try await reader.read(.delta(root), "SELECT count(*) FROM source", key: month) == [["integer(9)"]])
        let none = try await reader.read(
            .delta(root), "SELECT count(*) FROM source", key: SourceReader.day.advanced(by: 100))
        #expect(none == [["integer(0)"]])
        // By its name, and by text.
        #expect(
            try await reader.read(.delta(root, column: "ORDER_DATE"), "SELECT count(*) FROM source", column: "x")
                == [["integer(3)"]])
        #expect(
            try await reader.read(.delta(root, column: "name"), "SELECT count(*) FROM source", column: "x")
                == [["integer(0)"]])
    }

    @Test func `All rows are read where that is said, and never by mistake`() async throws {
        try await make("days")
        #expect(try await reader.read(.whole(root), "SELECT count(*) FROM source", column: "x") == [["integer(25)"]])
        let error = #expect(throws: TableError.self) {
            try reader.sources.examine(.delta(root), key: SourceReader.day, column: "report_date")
        }
        #expect(error?.message.contains("no column \"report_date\"") == true)
        #expect(error?.message.contains("'rows: all'") == true)
    }

    @Test(arguments: [("id", "of type long"), ("price", "of type double")])
    func `A column in which no partition can be told is refused`(column: String, reason: String) async throws {
        try await make("days")
        let error = #expect(throws: TableError.self) {
            try reader.sources.examine(.delta(root), key: SourceReader.day, column: column)
        }
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        let hour = PartitionKey(granularity: .hour, ordinal: 19_723 * 24)
        let other = #expect(throws: TableError.self) {
            try reader.sources.examine(.delta(root), key: hour, column: "order_date")
        }
        #expect(other?.message.contains("hours cannot be told apart") == true)
    }

    @Test func `Partition values of every type arrive as such, and null as null`() async throws {
        try await make("values")
        let rows = try await reader.read(
            .whole(root),
            """
            SELECT v_long, v_byte, v_bool, v_text, v_date::VARCHAR, v_decimal::VARCHAR, v_double, v_time::VARCHAR
            FROM source ORDER BY id
            """)
        #expect(
            rows == [
                [
                    "integer(7)", "integer(-3)", "boolean(true)", "text(\"a b\")", "text(\"2024-01-01\")",
                    "text(\"12.34\")", "double(1.5)", "text(\"2024-01-01 05:06:07.00008\")",
                ], Array(repeating: "null", count: 8),
            ])
    }

    @Test func `What one attempt reads of a table is of one version, while others write to it`() async throws {
        let sample = try DeltaSample()
        try sample.publish(1)
        let before = try reader.sources.examine(.delta(sample.root), key: SourceReader.day, column: "order_date")
        try sample.publish(2, query: "SELECT 5::BIGINT AS v, 'later' AS name FROM range(3)")
        let rows = try await reader.rows(
            Query("SELECT sum(v)::BIGINT FROM source", sources: [.delta(sample.root)]), ["source": before])
        #expect(rows == [["integer(3)"]])
        let after = try reader.sources.examine(.delta(sample.root), key: SourceReader.day, column: "order_date")
        #expect(after.version == before.version + 1)
        #expect(try await reader.read(.delta(sample.root), "SELECT sum(v)::BIGINT FROM source") == [["integer(15)"]])
    }

    @Test func `A table of this program's own is a source, partition by partition`() async throws {
        let sample = try DeltaSample()
        try sample.publish(1)
        try sample.publish(2, SourceReader.day.next, rows: 1, query: "SELECT 9::BIGINT AS v, NULL::VARCHAR AS name")
        // A result without rows is one, and not a missing partition.
        try sample.publish(
            3, SourceReader.day.advanced(by: 2), rows: 0, query: "SELECT 9::BIGINT AS v, 'x' AS name LIMIT 0")
        let sql = "SELECT v, name, order_date::VARCHAR FROM source ORDER BY v DESC LIMIT 1"
        #expect(
            try await reader.read(.delta(sample.root), sql) == [["integer(2)", "text(\"n2\")", "text(\"2024-01-01\")"]])
        #expect(
            try await reader.read(.delta(sample.root), sql, key: SourceReader.day.next)
                == [["integer(9)", "null", "text(\"2024-01-02\")"]])
        #expect(try await reader.read(.delta(sample.root), sql, key: SourceReader.day.advanced(by: 2)).isEmpty)
    }

    @Test func `A folder that is no table, and a file that has gone, are told`() async throws {
        let error = #expect(throws: TableError.self) {
            try reader.sources.examine(.delta(root), key: SourceReader.day, column: "order_date")
        }
        #expect(error?.message.contains("is no Delta table") == true)
        let sample = try DeltaSample()
        try sample.publish(1)
        try FileManager.default.removeItem(atPath: sample.root + "/" + (try #require(sample.dataFiles.first)))
        let missing = await #expect(throws: TransformError.self) { try await reader.read(.delta(sample.root)) }
        #expect(missing?.message.contains("part-") == true, "\(missing?.message ?? "")")
    }
}

/// What a log may say of a source's files, line by line.
@Suite struct DeltaSelectionTests {
    private let folder: TemporaryDirectory
    private var root: String { folder.appending("t") }
    private var log: SampleLog { SampleLog(root) }
    init() throws { folder = try TemporaryDirectory() }

    private func part(_ column: String?, _ key: PartitionKey = DeltaSample.key) throws -> DeltaSnapshot.Part {
        let table = DeltaSourceTable(root: root, column: "order_date")
        return try table.snapshot([DeltaSelection(column: column, key: key)]).parts[0]
    }

    private func create(_ type: String, _ values: [String]) throws {
        let schema = SampleLog.schema.replacing("\"date\"", with: "\"\(type)\"")
        try log.write([SampleLog.protocolLine, SampleLog.metadata(schema: schema)], version: 0)
        try log.write(values.enumerated().map { log.add("f\($0)", $1) }, version: 1)
    }

    private func names(_ part: DeltaSnapshot.Part) -> [String] { part.files.map { String($0.path.suffix(2)) } }

    @Test func `A month takes the days of a table of days`() throws {
        try create("date", ["2023-12-31", "2024-01-01", "2024-01-31", "2024-02-01", ""])
        let month = PartitionKey(granularity: .month, ordinal: 648)
        #expect(try names(part("order_date", month)) == ["f1", "f2"])
        #expect(try names(part("order_date")) == ["f1"])
        // The empty text is null, which lies in no partition.
        #expect(try names(part(nil)).count == 5)
    }

    @Test func `Hours are taken by their start, however they are spelled`() throws {
        try create(
            "timestamp_ntz",
            ["2024-01-01 05:00:00", "2024-01-01T05:59:59.999999", "2024-01-01 06:00:00", "2024-01-01 04:59:59"])
        let hour = PartitionKey(granularity: .hour, ordinal: 19_723 * 24 + 5)
        #expect(try names(part("order_date", hour)) == ["f0", "f1"])
        #expect(try names(part("order_date")).count == 4)
    }

    @Test func `Text is taken as the key is written`() throws {
        try create("string", ["2024-01-01", "2024-01-01T05", "2024-01"])
        #expect(try names(part("order_date")) == ["f0"])
        #expect(try names(part("order_date", PartitionKey(granularity: .month, ordinal: 648))) == ["f2"])
    }

    @Test func `Files are found by a second column as by the first`() throws {
        let schema =
            #"{"type":"struct","fields":[{"name":"order_date","type":"date","nullable":true,"metadata":{}},{"name":"day","type":"date","nullable":true,"metadata":{}},{"name":"v","type":"long","nullable":true,"metadata":{}}]}"#
        try log.write(
            [SampleLog.protocolLine, SampleLog.metadata(schema: schema, columns: #"["order_date","day"]"#)], version: 0)
        let add = { (path: String, one: String, other: String) in
            #"{"add":{"path":"\#(path)","partitionValues":{"order_date":"\#(one)","day":"\#(other)"},"size":1,"modificationTime":0,"dataChange":true}}"#
        }
        try log.write([add("f0", "2024-01-01", "2024-01-02"), add("f1", "2024-01-02", "2024-01-01")], version: 1)
        let table = DeltaSourceTable(root: root, column: "order_date")
        let selections = ["order_date", "day"].map { DeltaSelection(column: $0, key: DeltaSample.key) }
        let parts = try table.snapshot(selections).parts
        #expect(parts.map { names($0) } == [["f0"], ["f1"]])
        #expect(parts[1].files[0].values == ["2024-01-02", "2024-01-01"])
    }

    @Test(arguments: [
        ("date", "2024-13-01", "is no date"), ("timestamp", "2024-01-01 05:00:00", "do not say their time zone"),
        ("long", "seven", "is no long"),
    ])
    func `A value that cannot be read fails whoever would read it`(type: String, value: String, reason: String) throws {
        try create(type, [value])
        let error = #expect(throws: TableError.self) { try part(nil) }
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test func `A file without the partition's value, and one on another machine, are refused`() throws {
        try log.create()
        let add = #"{"add":{"path":"f0","partitionValues":{},"size":1,"modificationTime":0,"dataChange":true}}"#
        try log.write([add], version: 1)
        for column in ["order_date", nil] {
            let error = #expect(throws: TableError.self) { try part(column) }
            #expect(error?.message.contains("is missing") == true)
        }
        try log.write([log.remove("f0", "2024-01-01"), log.add("s3://bucket/t/f1", "2024-01-01")], version: 2)
        let error = #expect(throws: TableError.self) { try part("order_date") }
        #expect(error?.message.contains("not on this machine") == true)
    }

    @Test func `Paths are decoded, and absolute ones are taken as they are`() throws {
        try log.create()
        try log.write(
            [log.add("order_date=2024-01-01/a%20b", "2024-01-01"), log.add("file:///x/c%25d", "2024-01-01")], version: 1
        )
        #expect(try part("order_date").files.map(\.path) == ["/x/c%d", root + "/order_date=2024-01-01/a b"])
    }

    @Test func `A partition without deletion vectors needs none of what reads them`() throws {
        try log.create()
        let vector = #"{"storageType":"u","pathOrInlineDv":"ab","offset":4,"sizeInBytes":40,"cardinality":6}"#
        let add = """
            {"add":{"path":"f1","partitionValues":{"order_date":"2024-01-02"},"size":5,"modificationTime":0,\
            "dataChange":true,"deletionVector":\(vector)}}
            """
        try log.write([log.add("f0", "2024-01-01"), add], version: 1)
        #expect(try part("order_date") == part("order_date"))
        #expect(try part("order_date").features.isEmpty && part("order_date").filterColumn == nil)
        let other = try part("order_date", DeltaSample.key.next)
        #expect(other.features == ["deletion vectors"] && other.filterColumn == "order_date")
        #expect(other.files.map(\.rows) == [nil] && other.files.map(\.deletedRows) == [6])
        // The rows of the file are ten, of which six are deleted; that the engine filters them says nothing against it.
        let told = add.replacing(#""size":5"#, with: #""size":5,"stats":"{\"numRecords\":10}""#)
        try log.write([told], version: 2)
        let counted = try part("order_date", DeltaSample.key.next)
        #expect(counted.files.map(\.rows) == [4] && !counted.hasOtherRows, "\(counted)")
    }
}
