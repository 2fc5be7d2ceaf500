import Foundation
import TestSupport
import Testing

@testable import Lakehouse

/// Entries that are whole, torn or empty.
@Suite struct LogEntryTests {
    private let folder: TemporaryDirectory
    private let sample: SampleLog

    init() throws {
        folder = try TemporaryDirectory()
        sample = SampleLog(folder.appending("orders"))
        try sample.create()
    }

    @Test(arguments: ["", "\n", "  \n\n"])
    func `An empty newest entry is never taken for a commit without changes`(text: String) throws {
        try sample.write([sample.add("a", "2024-01-01")], version: 1)
        try Data(text.utf8).write(to: URL(filePath: sample.path(2)))
        let error = #expect(throws: TableError.self) { try version() }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("00000000000000000002.json is empty") == true, "\(error?.message ?? "")")
    }

    @Test func `A torn entry is noticed wherever it was torn`() throws {
        let line = sample.add("part-1.parquet", "2024-01-01")
        for length in stride(from: 1, to: line.utf8.count, by: 7) {
            try Data(line.utf8.prefix(length)).write(to: URL(filePath: sample.path(1)))
            let error = #expect(throws: TableError.self, "\(length) bytes") { try version() }
            #expect(error?.message.contains("Line 1 of") == true)
            // What the line says is nobody's business.
            #expect(error?.message.contains("part-1") == false)
        }
    }

    @Test func `Zeros, as some file systems leave them after a power cut, are noticed`() throws {
        try Data(repeating: 0, count: 4096).write(to: URL(filePath: sample.path(1)))
        #expect(throws: TableError.self) { try version() }
    }

    @Test func `A log that was followed notices a torn entry, and goes on where it has been restored`() throws {
        let log = DeltaLog(root: sample.root, column: "order_date")
        #expect(try log.withLatest { $0?.version } == 0)
        try Data(#"{"add":{"pa"#.utf8).write(to: URL(filePath: sample.path(1)))
        #expect(throws: TableError.self) { try log.withLatest { $0?.version } }
        try sample.write([sample.add("a", "2024-01-01")], version: 1)
        #expect(try log.withLatest { $0?.version } == 1)
        #expect(try log.withLatest { $0?.files.count } == 1)
    }

    @Test func `Actions and fields that are not known are skipped`() throws {
        try sample.write(
            [
                #"{"cdc":{"path":"_change_data/x","partitionValues":{},"size":1,"dataChange":false}}"#,
                #"{"somethingNew":{"path":1}}"#,
                #"{"commitInfo":{"txnId":7,"operation":["x"],"operationParameters":{"a":{"b":null}}}}"#,
                #"{"add":{"path":"a","partitionValues":{"order_date":null},"size":1,"dataChange":true,"new":{"x":[]}}}"#,
            ], version: 1)
        let values = try DeltaLog(root: sample.root, column: "order_date").withLatest { replay in
            try #require(replay).files.all.map(\.partitionValues)
        }
        let null: String? = nil
        #expect(values == [["order_date": null]])
    }

    @Test func `The last line needs no end, and a line may be longer than a buffer`() throws {
        let path = String(repeating: "x", count: 300_000)
        let lines = [sample.add("a", "2024-01-01"), sample.add(path, "2024-01-01"), sample.add("b", "2024-01-01")]
        try Data(lines.joined(separator: "\r\n").utf8).write(to: URL(filePath: sample.path(1)))
        let paths = try DeltaLog(root: sample.root, column: "order_date").withLatest { replay in
            try #require(replay).files.all.map(\.path)
        }
        #expect(Set(paths) == ["a", "b", path])
    }

    @Test func `One file with another deletion vector is another file`() throws {
        let vector =
            #","deletionVector":{"storageType":"u","pathOrInlineDv":"abc","offset":1,"sizeInBytes":34,"cardinality":2}"#
        let withVector = sample.add("a", "2024-01-01").replacing("}}\"}}", with: "}}\"\(vector)}}")
        try #require(withVector.contains("deletionVector"))
        try sample.write([sample.add("a", "2024-01-01"), sample.add("b", "2024-01-01")], version: 1)
        try sample.write([withVector, sample.remove("a", "2024-01-01")], version: 2)
        let keys = try DeltaLog(root: sample.root, column: "order_date").withLatest { replay in
            try #require(replay).files.all.map(\.key.deletionVector)
        }
        #expect(Set(keys) == ["uabc@1", nil] && keys.count == 2)
    }

    @Test func `A remove in another spelling of the path removes the file`() throws {
        try sample.write([sample.add("order_date=2024-01-01/a%20b", "2024-01-01")], version: 1)
        try sample.write([sample.remove("order_date=2024-01-01/%61%20b", "2024-01-01")], version: 2)
        #expect(try DeltaLog(root: sample.root, column: "order_date").withLatest { $0?.files.count } == 0)
    }

    private func version() throws -> Int64? {
        try DeltaLog(root: sample.root, column: "order_date").withLatest { $0?.version }
    }
}
