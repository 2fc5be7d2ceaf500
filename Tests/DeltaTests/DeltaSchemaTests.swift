import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// Columns of every type, and columns that do not fit.
@Suite struct DeltaSchemaTests {
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    private static let everyType = """
        SELECT true AS bo, 1::TINYINT AS ti, 2::SMALLINT AS si, 3::INTEGER AS i, 4::BIGINT AS bi, 1.5::FLOAT AS f,
        2.5::DOUBLE AS d, 12.34::DECIMAL(10,2) AS de, 'text' AS s, 'ab'::BLOB AS b, DATE '2024-02-29' AS da,
        TIMESTAMP '2024-01-01 01:02:03.456789' AS ts, TIMESTAMPTZ '2024-01-01 01:02:03.456789+00' AS tz,
        [1, 2] AS l, {'a': 1, 'b c': ['x']} AS st, MAP {'k': 1} AS m
        """

    @Test func `Every type that Delta has makes a table that others read`() async throws {
        try sample.publish(1, rows: 1, query: Self.everyType)
        try sample.publish(2, DeltaSample.key.next, rows: 1, query: Self.everyType)
        let read = try await ReadTable.read(sample)
        #expect(read.deltalake.count == 2 && read.duckdb.count == 2)
        #expect(read.values("de", where: "order_date", is: "2024-01-02") == ["12.34"])
        #expect(read.values("ts", where: "order_date", is: "2024-01-02") == ["2024-01-01 01:02:03.456789"])
        let metadata = try #require(try sample.actions(of: 0).compactMap { $0["metaData"] as? [String: Any] }.first)
        let schema = try #require(metadata["schemaString"] as? String)
        for type in [
            "byte", "short", "integer", "long", "float", "double", "decimal(10,2)", "string", "binary", "date",
            "timestamp_ntz", "timestamp", "boolean",
        ] {
            #expect(schema.contains("\"type\":\"\(type)\""), "\(type)")
        }
        let first = try #require(try sample.actions(of: 0).compactMap { $0["protocol"] as? [String: Any] }.first)
        #expect(first["readerFeatures"] as? [String] == ["timestampNtz"])
    }

    @Test(arguments: ["1::UINTEGER", "TIME '01:02:03'", "uuid()", "TIMESTAMP_NS '2024-01-01'", "INTERVAL 1 DAY"])
    func `A type that Delta does not have is refused with its column`(expression: String) throws {
        let error = #expect(throws: TableError.self) {
            try sample.publish(1, rows: 1, query: "SELECT \(expression) AS odd")
        }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("\"odd\"") == true)
        #expect(sample.versions.isEmpty && sample.dataFiles.isEmpty)
    }

    @Test(arguments: [
        ("SELECT 1 AS v, 'x' AS name", "v is integer, the table has long"),
        ("SELECT 1::BIGINT AS v", "name (string) is missing"),
        ("SELECT 1::BIGINT AS v, 'x' AS name, 2 AS extra", "extra (integer) is not in the table"),
        ("SELECT 1::BIGINT AS V, 'x' AS name", "V is spelled v in the table"),
        (
            "SELECT 1::BIGINT AS v, 'x' AS name, DATE '2024-01-01' AS order_date",
            "order_date (date) is not in the table"
        ),
    ])
    func `Columns that are not the table's are refused, each by its name`(query: String, difference: String) throws {
        let before = try sample.publish(1).generation
        let error = #expect(throws: TableError.self) { try sample.publish(2, rows: 1, query: query) }
        #expect(error?.code == .refused)
        #expect(error?.message.contains(difference) == true, "\(error?.message ?? "")")
        #expect(try sample.table().current(DeltaSample.key) == before)
        #expect(sample.versions == [0])
    }

    @Test func `The order of columns does not matter`() async throws {
        try sample.publish(1)
        try sample.publish(2, rows: 1, query: "SELECT 'x' AS name, 9::BIGINT AS v")
        #expect(try await ReadTable.read(sample).deltalake == [["x", "2024-01-01", "9"]])
    }

    @Test func `A new table's files do not hold the partition column`() throws {
        let error = #expect(throws: TableError.self) {
            try sample.publish(1, rows: 1, query: "SELECT 1 AS v, DATE '2024-01-01' AS order_date")
        }
        #expect(error?.message.contains("order_date is the partition column") == true)
        #expect(sample.versions.isEmpty)
    }

    @Test func `Nulls are refused where the table forbids them`() throws {
        let log = SampleLog(sample.root)
        let schema = SampleLog.schema.replacing(
            #""name":"v","type":"long","nullable":true"#, with: #""name":"v","type":"long","nullable":false"#)
        try log.write([SampleLog.protocolLine, SampleLog.metadata(schema: schema)], version: 0)
        let query = "SELECT * FROM (VALUES (1::BIGINT), (NULL)) t(v)"
        let error = #expect(throws: TableError.self) { try sample.publish(1, rows: 2, query: query) }
        #expect(error?.message.contains("v must not be null, and 1 staged rows") == true, "\(error?.message ?? "")")
        #expect(try sample.publish(2, rows: 1, query: "SELECT 1::BIGINT AS v").generation != nil)
    }

    @Test func `A column that forbids nothing may be null`() async throws {
        try sample.publish(1, rows: 2, query: "SELECT * FROM (VALUES (1::BIGINT, 'x'), (NULL, NULL)) t(v, name)")
        #expect(try await ReadTable.read(sample).deltalake.count == 2)
    }
}
