import FaultPoints
import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// What is found out before any work.
@Suite struct DeltaCheckTests {
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    @Test func `A table that does not exist yet passes, and nothing is made`() throws {
        try sample.table().check()
        #expect(DeltaSample.paths(below: sample.folder.path).isEmpty)
    }

    @Test func `A table of ours passes, and nothing is left behind`() throws {
        try sample.publish(1)
        let before = DeltaSample.paths(below: sample.folder.path)
        try sample.table().check()
        #expect(DeltaSample.paths(below: sample.folder.path) == before)
    }

    @Test func `A table of another program passes`() async throws {
        try await sample.other("create")
        try sample.table().check()
    }

    @Test(arguments: [
        (SampleLog.metadata(properties: #"{"delta.appendOnly":"true"}"#), "delta.appendOnly = true"),
        (SampleLog.metadata(columns: "[]"), "is not partitioned"),
        (SampleLog.metadata(columns: #"["v"]"#), "is partitioned by v"),
        (
            SampleLog.metadata(schema: SampleLog.schema.replacing("\"date\"", with: "\"integer\"")),
            "cannot hold a key for every day"
        ),
        (
            SampleLog.metadata(
                schema: SampleLog.schema.replacing("\"long\"", with: "\"double\""), columns: #"["order_date","v"]"#),
            "partitioned by v of type double"
        ),
    ])
    func `A table that cannot be written is refused with what stands in the way`(metadata: String, reason: String)
        throws
    {
        let log = SampleLog(sample.root)
        try log.write([SampleLog.protocolLine, metadata], version: 0)
        for attempt in [
            { try sample.table().check() }, { _ = try sample.table().begin(DeltaSample.key, writer: .attempt(1)) },
        ] {
            let error = #expect(throws: TableError.self) { try attempt() }
            #expect(error?.code == .refused)
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
            #expect(error?.message.contains(sample.root) == true)
        }
        #expect(sample.versions == [0])
    }

    @Test func `A value that is none of the column's type is refused`() throws {
        let log = SampleLog(sample.root)
        try log.create()
        try log.write([log.add("a", "1st of May")], version: 1)
        let error = #expect(throws: TableError.self) { try sample.table().check() }
        #expect(error?.message.contains("is missing, or is no date") == true)
        #expect(error?.message.contains("May") == false)
    }

    @Test func `A folder with other files is not made a table`() throws {
        try FileManager.default.createDirectory(atPath: sample.root, withIntermediateDirectories: true)
        try Data().write(to: URL(filePath: sample.root + "/data.parquet"))
        let error = #expect(throws: TableError.self) { try sample.table().check() }
        #expect(error?.message.contains("data.parquet") == true)
    }

    @Test(arguments: ["order_date=2024-01-01/data.parquet", "order_date=2024-01-01/region=x/data.parquet"])
    func `A table without a log is not made one with a log`(path: String) throws {
        let file = URL(filePath: sample.root + "/" + path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data().write(to: file)
        for check in [{ try sample.table().check() }, { try sample.table().checkSuitability() }] {
            let error = #expect(throws: TableError.self) { try check() }
            #expect(error?.code == .refused && error?.message.contains("order_date=2024-01-01/") == true)
        }
    }

    @Test func `What an attempt left that died before it could make the table is no other table`() throws {
        let table = try sample.table { point in
            if point == .filesMoved { throw DeadAttempt() }
        }
        #expect(throws: DeadAttempt.self) { try sample.publish(1, of: table) }
        #expect(sample.dataFiles.count == 1)
        try sample.table().check()
        // Another attempt's file is there beside it, of which nothing is known here.
        let name = sample.root + "/order_date=2024-01-01/part-\(Writer.attempt(7).text)-00000.parquet"
        try Data().write(to: URL(filePath: name))
        #expect(throws: TableError.self) { try sample.table().check() }
    }

    private struct DeadAttempt: Error {}

    @Test func `A file in the table's place is refused`() throws {
        try Data().write(to: URL(filePath: sample.root))
        let error = #expect(throws: TableError.self) { try sample.table().check() }
        #expect(error?.code == .refused)
    }

    @Test func `One table has one identity, whatever path it is given`() throws {
        try sample.publish(1)
        let link = sample.folder.appending("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: sample.root)
        let table = try DeltaTable(path: link + "/../orders/.", column: "order_date", every: .day)
        #expect(table.identity == "delta:" + sample.root)
        #expect(try DeltaTable(path: link, column: "order_date", every: .day).identity == table.identity)
    }
}
