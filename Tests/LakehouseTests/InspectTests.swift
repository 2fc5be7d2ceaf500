import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// What a look at a partition tells, without opening a file.
@Suite struct InspectTests {
    private let sample: Sample
    init() throws { sample = try Sample() }

    private var problems: [PartitionInspection.Problem]? {
        get throws { try sample.table().inspect(Sample.key)?.problems }
    }

    private func name(_ fence: Int64, _ number: Int = 0) -> String {
        "part-\(Writer.attempt(fence).text)-0000\(number).parquet"
    }

    private func publishTwoFiles(_ fence: Int64) throws {
        let table = try sample.table()
        let staging = try table.begin(Sample.key, writer: .attempt(fence))
        try Sample.stage(staging, as: "a.parquet")
        try Sample.stage(staging, as: "b.parquet")
        _ = try table.publish(staging, rows: 6)
    }

    @Test func `A partition that is not there, and one that is whole`() throws {
        #expect(try sample.table().inspect(Sample.key) == nil)
        try sample.publish(1)
        let inspection = try #require(try sample.table().inspect(Sample.key))
        #expect(inspection.writer == .attempt(1))
        #expect(inspection.version == Writer.attempt(1).text)
        #expect(try sample.table().writer(ofVersion: Writer.attempt(1).text) == .attempt(1))
        #expect(inspection.files.map(\.path) == [sample.partition + "/" + name(1)])
        #expect(inspection.recordedRows == 3)
        #expect(inspection.problems.isEmpty)
    }

    @Test func `A file that is missing is named`() throws {
        try publishTwoFiles(1)
        try FileManager.default.removeItem(atPath: sample.partition + "/" + name(1, 1))
        #expect(try problems == [.filesMissing([name(1, 1)], of: 2)])
    }

    @Test func `Files of others and of other attempts are named, also hidden ones that patterns find`() throws {
        try sample.publish(1)
        for file in ["foreign.parquet", name(9), "_hidden.parquet", "_SUCCESS"] { try sample.writeForeign(file) }
        // The highest fence names the generation, and its file was never published here.
        let inspection = try #require(try sample.table().inspect(Sample.key))
        #expect(inspection.writer == .attempt(9))
        try FileManager.default.removeItem(atPath: sample.partition + "/" + name(9))
        #expect(try problems == [.extraFiles(["_hidden.parquet", "foreign.parquet"])])
    }

    @Test func `A copy under a further number is one too many`() throws {
        try sample.publish(1)
        try sample.writeForeign(name(1, 4))
        #expect(try problems == [.extraFiles([name(1, 4)])])
    }

    @Test func `A size that differs is told with the recorded one`() throws {
        try sample.publish(1)
        let file = try #require(FileHandle(forWritingAtPath: sample.partition + "/" + name(1)))
        try file.seekToEnd()
        try file.write(contentsOf: Data("x".utf8))
        let size = Int64(try #require(Sample.parquet).count)
        #expect(try problems == [.size(found: size + 1, recorded: size)])
    }

    @Test func `Folders and links are not files`() throws {
        try sample.publish(1)
        try FileManager.default.createDirectory(
            atPath: sample.partition + "/hour=1", withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(
            atPath: sample.partition + "/link.parquet", withDestinationPath: "/dev/null")
        #expect(try problems == [.notFiles(["hour=1", "link.parquet"])])
    }

    @Test func `Foreign files alone are nobody's generation`() throws {
        try sample.publish(1)
        try FileManager.default.removeItem(atPath: sample.partition)
        try sample.writeForeign()
        let inspection = try #require(try sample.table().inspect(Sample.key))
        #expect(inspection.writer == nil && inspection.version == nil)
        #expect(inspection.files.map(\.path) == [sample.partition + "/foreign.parquet"])
    }
}
