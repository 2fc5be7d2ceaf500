import FaultPoints
import Foundation
import Partitions
import TestSupport
import Testing

@testable import Lakehouse

/// Results with columns that the table does not have, where a job says that they are to be added.
@Suite struct SchemaEvolutionTests {
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    private static let wider =
        "SELECT i AS v, 'n' || i AS name, i * 1.5::DOUBLE AS price, [i] AS list FROM range(3) t(i)"

    @Test func `New columns come behind the others, in the commit that brings their rows`() async throws {
        try sample.publish(1)
        let table = try sample.table(DeltaOptions(addsColumns: true))
        try sample.publish(2, of: table, DeltaSample.key.next, query: Self.wider)
        #expect(sample.versions == [0, 1])
        let read = try await ReadTable.read(sample)
        #expect(read.columns == ["list", "name", "order_date", "price", "v"])
        #expect(read.duckdb == read.deltalake)
        #expect(read.values("price", where: "order_date", is: "2024-01-01") == [nil, nil, nil])
        #expect(read.values("price", where: "order_date", is: "2024-01-02") == ["0.0", "1.5", "3.0"])
        // In the table's order: behind what was there.
        let schema = try #require(try schema(of: 1))
        #expect(schema.fields.map(\.name) == ["v", "name", "order_date", "price", "list"])
        #expect(schema.fields.suffix(2).map(\.isNullable) == [true, true])
        // The old partition with the new columns; and again, where nothing is to be added.
        try sample.publish(3, of: table, query: Self.wider)
        #expect(try self.schema(of: 2) == nil)
        #expect(try await ReadTable.read(sample).values("price", where: "order_date", is: "2024-01-01").last == "3.0")
    }

    @Test func `Without being allowed they are refused`() throws {
        try sample.publish(1)
        let error = #expect(throws: TableError.self) { try sample.publish(2, query: Self.wider) }
        #expect(error?.message.contains("price (double) is not in the table") == true)
        #expect(sample.versions == [0])
    }

    @Test(arguments: [
        ("SELECT 1 AS v, 'x' AS name, 2 AS extra", "v is integer, the table has long"),
        ("SELECT 1::BIGINT AS v, 2 AS extra", "name (string) is missing"),
        ("SELECT 1::BIGINT AS V, 'x' AS name, 2 AS extra", "V is spelled v in the table"),
        (
            "SELECT 1::BIGINT AS v, 'x' AS name, DATE '2024-01-01' AS order_date",
            "order_date (date) is not in the table"
        ),
        (
            "SELECT 1::BIGINT AS v, 'x' AS name, DATE '2024-01-01' AS Order_Date",
            "Order_Date (date) is not in the table"
        ),
        (
            "SELECT 1::BIGINT AS v, 'x' AS name, TIMESTAMP '2024-01-01' AS at",
            "at is timestamp_ntz, for which the table would need the feature timestampNtz"
        ),
    ])
    func `What is there keeps its name and type`(query: String, difference: String) throws {
        try sample.publish(1)
        let table = try sample.table(DeltaOptions(addsColumns: true))
        let error = #expect(throws: TableError.self) { try sample.publish(2, of: table, rows: 1, query: query) }
        #expect(error?.code == .refused)
        #expect(error?.message.contains(difference) == true, "\(error?.message ?? "")")
        #expect(sample.versions == [0])
        #expect(sample.dataFiles.count == 1)
    }

    @Test func `Several files of one result agree on what they add`() throws {
        try sample.publish(1)
        let table = try sample.table(DeltaOptions(addsColumns: true))
        for (fence, other, word) in [
            (2, "'x' AS extra", "extra is string, and integer"), (3, "2 AS Extra", "spelled extra"),
        ] {
            let staging = try table.begin(DeltaSample.key, writer: .attempt(Int64(fence)))
            try DeltaSample.stage(staging, "SELECT 1::BIGINT AS v, 'x' AS name, 1 AS extra", as: "a.parquet")
            try DeltaSample.stage(staging, "SELECT 1::BIGINT AS v, 'x' AS name, \(other)", as: "b.parquet")
            let error = #expect(throws: TableError.self) { try table.publish(staging, rows: 2) }
            #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
        }
        #expect(sample.versions == [0])
    }

    @Test func `Everything else that the metadata says stays as it is, to the letter`() throws {
        let schema =
            #"{ "fields" : [{"name":"order_date","type":"date","nullable":true,"metadata":{"comment":"the [day] \"fields\":[]"}}, {"metadata":{"x.y":[1,{"fields":[]}]},"nullable":false,"type":"long","name":"v"}] , "type" : "struct"}"#
        let log = SampleLog(sample.root)
        let quoted = schema.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let metadata = """
            {"metaData":{"id":"i","name":"the name","description":"what it is","format":{"provider":"parquet","options":{"a":"b"}},\
            "schemaString":"\(quoted)","partitionColumns":["order_date"],"configuration":{"mine":"1","delta.x":"y"},"createdTime":77}}
            """
        try log.write([SampleLog.protocolLine, metadata], version: 0)
        let table = try sample.table(DeltaOptions(addsColumns: true))
        try sample.publish(1, of: table, rows: 1, query: "SELECT 1::BIGINT AS v, 'é\"' AS \"a \"\"b\"")
        let before = try #require(try sample.actions(of: 0)[1]["metaData"] as? [String: Any])
        var after = try #require(try sample.actions(of: 1).compactMap { $0["metaData"] as? [String: Any] }.first)
        let text = try #require(after["schemaString"] as? String)
        let added = #",{"metadata":{},"name":"a \"b","nullable":true,"type":"string"}"#
        #expect(text == schema.replacing("] , \"type\"", with: added + "] , \"type\""))
        after["schemaString"] = schema
        #expect(NSDictionary(dictionary: after) == NSDictionary(dictionary: before))
    }

    @Test func `Two attempts that add different columns at the same time both do`() async throws {
        try sample.publish(1)
        let other = try sample.table(DeltaOptions(addsColumns: true))
        for point in [FaultPoint.filesMoved, .entryWritten, .aboutToCommit] {
            let day = DeltaSample.key.advanced(by: point == .filesMoved ? 1 : point == .entryWritten ? 3 : 5)
            let name = "\(point)"
            let table = try sample.table(DeltaOptions(addsColumns: true)) { [sample] reached in
                // Only once: the entry is written anew.
                guard reached == point, try other.current(day.next) == nil else { return }
                let columns = try sample.columns().filter { $0 != "v" && $0 != "name" && $0 != "order_date" }
                let more = columns.map { ", 'x' AS \($0)" }.joined()
                try sample.publish(
                    100 + Int64(day.ordinal), of: other, day.next, rows: 1,
                    query: "SELECT 1::BIGINT AS v, 'x' AS name\(more), 'o' AS other_\(name)")
            }
            let columns = try sample.columns().filter { $0 != "v" && $0 != "name" && $0 != "order_date" }
            let more = columns.map { ", 'x' AS \($0)" }.joined()
            try sample.publish(
                200 + Int64(day.ordinal), of: table, day, rows: 1,
                query: "SELECT 1::BIGINT AS v, 'x' AS name\(more), 'm' AS mine_\(name)")
            let read = try await ReadTable.read(sample)
            #expect(read.columns.contains("other_\(name)") && read.columns.contains("mine_\(name)"), "\(point)")
            #expect(read.values("mine_\(name)", where: "order_date", is: "\(day)") == ["m"], "\(point)")
            #expect(read.values("other_\(name)", where: "order_date", is: "\(day)") == [nil], "\(point)")
            #expect(read.values("other_\(name)", where: "order_date", is: "\(day.next)") == ["o"], "\(point)")
            #expect(read.duckdb == read.deltalake, "\(point)")
        }
    }

    @Test func `A column that another attempt adds meanwhile with another type is refused`() throws {
        try sample.publish(1)
        let options = DeltaOptions(addsColumns: true)
        let other = try sample.table(options)
        let table = try sample.table(options) { [sample] reached in
            guard reached == .entryWritten, sample.versions == [0] else { return }
            try sample.publish(
                2, of: other, DeltaSample.key.next, rows: 1,
                query: "SELECT 1::BIGINT AS v, 'x' AS name, 'text' AS extra")
        }
        let error = #expect(throws: TableError.self) {
            try sample.publish(3, of: table, rows: 1, query: "SELECT 1::BIGINT AS v, 'x' AS name, 7 AS extra")
        }
        #expect(error?.message.contains("extra is integer, the table has string") == true, "\(error?.message ?? "")")
        #expect(sample.versions == [0, 1])
    }

    @Test(arguments: [
        ("{}", nil), ("[]", nil), ("", nil), (#"{"type":"struct","fields":[]}"#, #"{"type":"struct","fields":[+]}"#),
        (#"{"type":"struct","fields":[ ]}"#, #"{"type":"struct","fields":[ +]}"#),
        (#"{"other":[],"fields":[{"a":["]\""]}]}"#, #"{"other":[],"fields":[{"a":["]\""]},+]}"#),
        (#"{"type":"fields","x":[1],"fields":[2]}"#, #"{"type":"fields","x":[1],"fields":[2,+]}"#),
        (#"{"fields":[1"#, nil), (#"{"fields":"[1]"}"#, nil),
    ])
    func `Columns are put behind the others in the schema's text`(text: String, expected: String?) throws {
        let field = DeltaField(name: "n", type: .primitive("long"))
        let result = try SchemaText.appending([field], to: text)
        #expect(result == expected?.replacing("+", with: #"{"metadata":{},"name":"n","nullable":true,"type":"long"}"#))
    }

    private func schema(of version: Int) throws -> DeltaSchema? {
        let metadata = try sample.actions(of: version).compactMap { $0["metaData"] as? [String: Any] }.first
        return try (metadata?["schemaString"] as? String).map(DeltaSchema.init(json:))
    }
}

extension DeltaSample {
    /// A table with options, and something that happens at its fault points.
    func table(
        _ options: DeltaOptions, now: Int64 = 1_700_000_000_000,
        _ body: @escaping @Sendable (FaultPoint) throws -> Void = { _ in }
    ) throws -> DeltaTable {
        try DeltaTable(
            path: root, column: "order_date", every: .day, options: options, faults: FaultInjector(body), clock: { now }
        )
    }

    /// The names of the table's columns, as the log has them now.
    func columns() throws -> [String] {
        try DeltaLog(root: root, column: "order_date").withLatest { $0?.schema?.fields.map(\.name) ?? [] }
    }
}
