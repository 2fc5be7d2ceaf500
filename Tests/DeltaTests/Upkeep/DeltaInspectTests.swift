import FaultPoints
import Foundation
import Partitions
import TestSupport
import Testing

@testable import Lakehouse

/// What a verification sees of a partition after others have been at it.
@Suite struct DeltaInspectTests {
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    private func inspect(_ key: PartitionKey = DeltaSample.key) throws -> PartitionInspection? {
        try sample.table().inspect(key)
    }

    @Test func `What was published is seen as it was`() throws {
        #expect(try inspect() == nil)
        let generation = try #require(try sample.publish(1).generation)
        let found = try #require(try inspect())
        #expect(found.writer == .attempt(1) && found.version == generation.version)
        #expect(found.files.map(\.path) == generation.files && found.bytes == generation.bytes)
        #expect(found.recordedRows == 3 && found.problems.isEmpty && !found.isRearranged)
        #expect(try sample.table().writer(ofVersion: generation.version) == .attempt(1))
        #expect(try inspect(DeltaSample.key.next) == nil)
    }

    @Test func `A file that is missing, or of another size`() throws {
        let generation = try #require(try publishTwoFiles(1).generation)
        try Data("more".utf8).append(to: generation.files[1])
        #expect(
            try inspect()?.problems == [.size(found: generation.bytes + 4, recorded: generation.bytes)])
        try FileManager.default.removeItem(atPath: generation.files[1])
        let name = Path.name(of: generation.files[1])
        #expect(try inspect()?.problems == [.filesMissing([name], of: 2)])
        #expect(try inspect()?.writer == .attempt(1))
        try FileManager.default.createDirectory(atPath: generation.files[1], withIntermediateDirectories: false)
        #expect(try inspect()?.problems.contains(.notFiles([name])) == true)
    }

    @Test func `A file that somebody took out of the table`() throws {
        let generation = try #require(try publishTwoFiles(1).generation)
        let path = "order_date=2024-01-01/" + Path.name(of: generation.files[0])
        try SampleLog(sample.root).write([SampleLog(sample.root).remove(path, "2024-01-01")], version: 1)
        let found = try #require(try inspect())
        #expect(found.problems == [.filesMissing([Path.name(of: generation.files[0])], of: 2)])
        #expect(found.files.map(\.path) == [generation.files[1]])
    }

    @Test func `Rows that others appended`() async throws {
        let generation = try #require(try sample.publish(1).generation)
        try await sample.other("append", "2024-01-01")
        let found = try #require(try inspect())
        #expect(found.version == generation.version && found.files.map(\.path) == generation.files)
        guard case .extraFiles(let names) = found.problems.first else { return #expect(Bool(false), "\(found)") }
        #expect(names.count == 1 && !names[0].contains(Writer.attempt(1).text))
    }

    @Test(arguments: ["overwrite", "rows"])
    func `Rows that others wrote or removed are in files of theirs`(action: String) async throws {
        try sample.publish(1, query: "SELECT i + 99 AS v, 'n' || i AS name FROM range(3) t(i)")
        try await sample.other(action, "2024-01-01")
        let found = try #require(try inspect())
        #expect(found.writer == nil && found.version == nil && !found.isRearranged)
        #expect(found.files.count == 1)
    }

    @Test func `Rows that others deleted`() async throws {
        try sample.publish(1)
        try await sample.other("delete", "2024-01-01")
        #expect(try inspect() == nil)
    }

    @Test func `Rows that a deletion vector hides`() throws {
        let generation = try #require(try sample.publish(1).generation)
        let log = SampleLog(sample.root)
        let path = "order_date=2024-01-01/" + Path.name(of: generation.files[0])
        let vector = #"{"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","sizeInBytes":40,"cardinality":2}"#
        try log.write(
            [
                log.remove(path, "2024-01-01"),
                """
                {"add":{"path":"\(path)","partitionValues":{"order_date":"2024-01-01"},"size":\(generation.bytes),\
                "modificationTime":0,"dataChange":true,"tags":{"reprocess.files":"1"},"deletionVector":\(vector)}}
                """,
            ], version: 1)
        let found = try #require(try inspect())
        #expect(found.version == generation.version)
        #expect(found.problems == [.rowsDeleted([Path.name(of: path)], rows: 2)])
        #expect(!found.isRearranged)
    }

    @Test func `An older version that another program restored`() async throws {
        try sample.publish(1)
        try sample.publish(2)
        let later = try #require(try sample.publish(3, DeltaSample.key.next).generation)
        try await sample.other("restore", "0")
        let found = try #require(try inspect())
        #expect(found.writer == .attempt(1) && found.problems.isEmpty)
        // The partition was not there at that version.
        #expect(try inspect(DeltaSample.key.next) == nil)
        try await sample.other("restore", "2")
        #expect(try inspect()?.writer == .attempt(2))
        #expect(try inspect(DeltaSample.key.next)?.version == later.version)
        // The next attempt replaces whatever there is.
        #expect(try sample.publish(9).generation?.writer == .attempt(9))
        #expect(try inspect()?.writer == .attempt(9))
    }

    @Test func `A restore after which the older files are gone`() async throws {
        try sample.publish(1)
        try sample.publish(2)
        try await sample.other("restore", "0")
        let name = "part-\(Writer.attempt(1).text)-00000.parquet"
        try FileManager.default.removeItem(atPath: sample.root + "/order_date=2024-01-01/" + name)
        #expect(try inspect()?.problems == [.filesMissing([name], of: 1)])
    }

    @Test func `The same rows in other files are the same generation, also behind a checkpoint`() async throws {
        let generation = try #require(try publishTwoFiles(1).generation)
        try sample.publish(2, DeltaSample.key.next)
        try await sample.other("optimize")
        let table = try sample.table()
        let found = try #require(try table.inspect(DeltaSample.key))
        #expect(found.isRearranged && found.version == generation.version && found.writer == .attempt(1))
        #expect(found.files.count == 1 && found.files != generation.files.map { .init(path: $0, bytes: 0) })
        #expect(found.problems.isEmpty && found.recordedRows == 6)
        #expect(try table.inspect(DeltaSample.key.next)?.isRearranged == false)
        try await sample.other("checkpoint")
        #expect(try inspect()?.isRearranged == true)
        // Rows that were written behind it are noticed by the same table, and by a new one.
        try await sample.other("append", "2024-01-01")
        for table in [table, try sample.table()] {
            let changed = try #require(try table.inspect(DeltaSample.key))
            #expect(!changed.isRearranged && changed.writer == nil && changed.files.count == 2)
        }
    }

    @Test func `Where the entries do not reach back, nobody can tell a rearrangement`() async throws {
        try publishTwoFiles(1)
        try await sample.other("optimize")
        try await sample.other("checkpoint")
        for version in 0...1 {
            try FileManager.default.removeItem(atPath: SampleLog(sample.root).path(Int64(version)))
        }
        let found = try #require(try inspect())
        #expect(!found.isRearranged && found.writer == nil)
    }

    @discardableResult
    private func publishTwoFiles(_ fence: Int64) throws -> PublishOutcome {
        let table = try sample.table()
        let staging = try table.begin(DeltaSample.key, writer: .attempt(fence))
        try DeltaSample.stage(staging)
        try DeltaSample.stage(staging, as: "more.parquet")
        return try table.publish(staging, rows: 6)
    }
}

extension Data {
    fileprivate func append(to path: String) throws {
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: self)
    }
}
