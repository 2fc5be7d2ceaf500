import FaultPoints
import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// What other programs commit while an attempt is at work.
@Suite struct DeltaConflictTests {
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    @Test(arguments: ["append", "overwrite", "delete", "rows"])
    func `Rows that others wrote to or removed from the partition are not replaced unseen`(action: String) async throws
    {
        try await sample.other("create-plain")
        let table = try sample.table()
        let staging = try table.begin(DeltaSample.key, writer: .attempt(1))
        try DeltaSample.stage(staging)
        try await sample.other(action, "2024-01-01")
        let before = try await ReadTable.read(sample)
        let error = #expect(throws: TableError.self) { try table.publish(staging, rows: 3) }
        #expect(error?.code == .damaged)
        let after = try await ReadTable.read(sample)
        #expect(after.deltalake == before.deltalake && after.version == before.version)
        // The next attempt has seen it, and replaces it.
        try table.discard(staging)
        #expect(try sample.publish(2).generation != nil)
        #expect(try await ReadTable.read(sample).values("v", where: "order_date", is: "2024-01-01") == ["0", "1", "2"])
    }

    @Test(arguments: ["append", "overwrite", "delete", "rows"])
    func `What happens to other partitions is no conflict`(action: String) async throws {
        try await sample.other("create-plain")
        let table = try sample.table()
        let staging = try table.begin(DeltaSample.key, writer: .attempt(1))
        try DeltaSample.stage(staging)
        try await sample.other(action, "2024-01-02")
        #expect(try table.publish(staging, rows: 3).generation?.writer == .attempt(1))
        let read = try await ReadTable.read(sample)
        #expect(read.values("v", where: "order_date", is: "2024-01-01") == ["0", "1", "2"])
        let count = ["append": 6, "overwrite": 3, "delete": 0, "rows": 2][action]
        #expect(read.values("v", where: "order_date", is: "2024-01-02").count == count)
        #expect(read.duckdb == read.deltalake)
    }

    @Test func `The same rows in other files are replaced`() async throws {
        try await sample.other("create-plain")
        try await sample.other("append", "2024-01-01")
        let table = try sample.table()
        let staging = try table.begin(DeltaSample.key, writer: .attempt(1))
        try DeltaSample.stage(staging)
        try await sample.other("optimize")
        #expect(try table.publish(staging, rows: 3).generation != nil)
        let read = try await ReadTable.read(sample)
        #expect(read.values("v", where: "order_date", is: "2024-01-01") == ["0", "1", "2"])
        #expect(read.duckdb == read.deltalake)
    }

    @Test func `A property that changes nothing for us is no conflict`() async throws {
        try await sample.other("create-plain")
        let table = try sample.table()
        let staging = try table.begin(DeltaSample.key, writer: .attempt(1))
        try DeltaSample.stage(staging)
        try await sample.other("property")
        #expect(try table.publish(staging, rows: 3).generation != nil)
        #expect(try await ReadTable.read(sample).values("v", where: "order_date", is: "2024-01-01") == ["0", "1", "2"])
    }

    @Test func `A property or a schema that forbids the commit is noticed however late it comes`() throws {
        let forbidding = [
            SampleLog.metadata(properties: #"{"delta.appendOnly":"true"}"#),
            SampleLog.metadata(schema: SampleLog.schema.replacing("\"long\"", with: "\"integer\"")),
            SampleLog.metadata(columns: #"["order_date","v"]"#),
            #"{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["new"],"writerFeatures":["new"]}}"#,
        ]
        for line in forbidding {
            let sample = try DeltaSample()
            let log = SampleLog(sample.root)
            try log.create()
            let table = try sample.table { reached in
                if reached == .entryWritten, sample.versions == [0] { try log.write([line], version: 1) }
            }
            let error = #expect(throws: TableError.self, "\(line)") {
                try sample.publish(1, of: table, rows: 1, query: "SELECT 1::BIGINT AS v")
            }
            #expect(error?.code == .refused)
            #expect(sample.versions == [0, 1])
        }
    }

    @Test func `Two overwrites of an empty partition do not both land`() throws {
        let log = SampleLog(sample.root)
        try log.create()
        // Nothing is removed by either, so only their adds can tell.
        let table = try sample.table { [sample] reached in
            guard reached == .aboutToCommit, sample.versions == [0] else { return }
            try log.write([log.add("order_date=2024-01-01/other.parquet", "2024-01-01")], version: 1)
        }
        let error = #expect(throws: TableError.self) {
            try sample.publish(1, of: table, rows: 1, query: "SELECT 1::BIGINT AS v")
        }
        #expect(error?.code == .damaged)
        #expect(sample.versions == [0, 1])
    }

    @Test func `A remove that does not say where the file was is taken for one of ours`() throws {
        let log = SampleLog(sample.root)
        try log.create()
        try log.write(
            [log.add("order_date=2024-01-01/a", "2024-01-01"), log.add("order_date=2024-01-01/b", "2024-01-01")],
            version: 1)
        let table = try sample.table { [sample] reached in
            guard reached == .entryWritten, sample.versions == [0, 1] else { return }
            try log.write([#"{"remove":{"path":"order_date=2024-01-01/b","dataChange":true}}"#], version: 2)
        }
        let error = #expect(throws: TableError.self) {
            try sample.publish(1, of: table, rows: 1, query: "SELECT 1::BIGINT AS v")
        }
        #expect(error?.code == .damaged)
    }

    @Test func `A deletion vector goes into the remove as it was`() throws {
        let log = SampleLog(sample.root)
        try log.create()
        let vector =
            #"{"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":4,"sizeInBytes":40,"cardinality":6}"#
        let add = """
            {"add":{"path":"order_date=2024-01-01/a%20b.parquet","partitionValues":{"order_date":"2024-01-01"},"size":5,\
            "modificationTime":0,"dataChange":true,"deletionVector":\(vector)}}
            """
        try log.write([add], version: 1)
        #expect(try sample.table().current(DeltaSample.key)?.writer == nil)
        try sample.publish(1, rows: 1, query: "SELECT 1::BIGINT AS v")
        let remove = try #require(try sample.actions(of: 2).compactMap { $0["remove"] as? [String: Any] }.first)
        #expect(remove["path"] as? String == "order_date=2024-01-01/a%20b.parquet")
        let copied = try #require(remove["deletionVector"] as? NSDictionary)
        let original = try #require(try JSONSerialization.jsonObject(with: Data(vector.utf8)) as? NSDictionary)
        #expect(copied == original)
        #expect(try sample.table().current(DeltaSample.key)?.files.count == 1)
    }

    @Test func `Values are matched by what they mean`() throws {
        // An hour as a timestamp, in the two spellings that writers use.
        let schema =
            #"{"type":"struct","fields":[{"name":"order_date","type":"timestamp_ntz","nullable":true,"metadata":{}},{"name":"v","type":"long","nullable":true,"metadata":{}}]}"#
        let log = SampleLog(sample.root)
        try log.write([SampleLog.protocolLine, SampleLog.metadata(schema: schema)], version: 0)
        try log.write(
            [
                log.add("a", "2024-01-01 05:00:00"), log.add("b", "2024-01-01T05:00:00.000000"),
                log.add("c", "2024-01-01 06:00:00"),
            ], version: 1)
        let table = try sample.table(every: .hour)
        let key = PartitionKey(granularity: .hour, ordinal: 19_723 * 24 + 5)
        try sample.publish(1, of: table, key, rows: 1, query: "SELECT 1::BIGINT AS v")
        let removed = try sample.actions(of: 2).compactMap { ($0["remove"] as? [String: Any])?["path"] as? String }
        #expect(removed.sorted() == ["a", "b"])
        let added = try sample.actions(of: 2).compactMap {
            ($0["add"] as? [String: Any])?["partitionValues"] as? [String: String]
        }
        #expect(added == [["order_date": "2024-01-01 05:00:00"]])
    }

    @Test func `A table of finer partitions than the job's is refused`() throws {
        let log = SampleLog(sample.root)
        try log.create()
        try log.write([log.add("a", "2024-01-01")], version: 1)
        let table = try sample.table(every: .month)
        let month = PartitionKey(granularity: .month, ordinal: 648)
        #expect(try table.current(month)?.files.count == 1)
        try log.write([log.add("b", "2024-01-02")], version: 2)
        let error = #expect(throws: TableError.self) { try table.begin(month, writer: .attempt(1)) }
        #expect(error?.message.contains("more finely than every month") == true)
        #expect(DeltaSample.names(in: sample.sibling + "/staging/2024-01").isEmpty)
    }
}
