import FaultPoints
import Foundation
import Partitions
import Synchronization
import TestSupport
import Testing

@testable import Lakehouse

/// The files of finished batches: kept from one attempt to the next.
@Suite struct BatchFileTests {
    private func begin(_ table: any Table, _ fence: Int64) throws -> Staging {
        try table.begin(Sample.key, writer: .attempt(fence))
    }

    /// Stages a file with a text in it, and keeps it as a batch.
    private func keep(_ table: any Table, _ number: Int, _ text: String, _ staging: Staging) throws -> KeptBatch {
        let file = staging.directory + "/part-0.parquet"
        try Sample.write(text, to: file)
        return KeptBatch(
            writer: staging.writer, files: try table.keepBatch([file], number: number, of: staging))
    }

    @Test func `Batches outlive the revocation of their attempt, and are published by the next one`() throws {
        let sample = try Sample()
        let table = try sample.table()
        let first = try begin(table, 5)
        let kept = [try keep(table, 0, "zero", first), try keep(table, 1, "ones", first)]
        #expect(kept.map(\.files) == [["batch-000000-0.parquet"], ["batch-000001-0.parquet"]])
        #expect(try table.bytes(of: kept[0], Sample.key) == 12)
        let second = try begin(table, 6)
        let all = kept + [try keep(table, 2, "twos", second)]
        try table.stageBatches(all, into: second)
        guard case .published(let generation) = try table.publish(second, rows: 3) else {
            Issue.record("not published")
            return
        }
        #expect(try generation.files.map { try Sample.text($0) } == ["PAR1zeroPAR1", "PAR1onesPAR1", "PAR1twosPAR1"])
        try table.dropBatches(Sample.key, through: 6)
        #expect(try table.bytes(of: kept[0], Sample.key) == nil)
        #expect(try generation.files.map { try Sample.text($0) }.count == 3, "published files have names of their own")
        #expect(!FileManager.default.fileExists(atPath: sample.sibling + "/batches/2024-01-01"))
    }

    @Test func `An attempt that was overtaken neither keeps a batch nor takes one away from its successor`() throws {
        let sample = try Sample()
        let table = try sample.table()
        let first = try begin(table, 5)
        let kept = try keep(table, 0, "zero", first)
        try Sample.write("late", to: first.directory + "/part-0.parquet")
        let second = try begin(table, 6)
        let later = try keep(table, 1, "ones", second)
        #expect(throws: TableError.self) {
            try table.keepBatch([first.directory + "/part-0.parquet"], number: 1, of: first)
        }
        #expect(throws: TableError.self) { try table.stageBatches([kept], into: first) }
        try table.dropBatches(Sample.key, through: 5)
        #expect(try table.bytes(of: later, Sample.key) == 12)
        try table.stageBatches([later], into: second)
        guard case .published = try table.publish(second, rows: 1) else {
            Issue.record("not published")
            return
        }
    }

    @Test func `A batch that is not whole, or is missing, is not published`() throws {
        let sample = try Sample()
        let table = try sample.table()
        let staging = try begin(table, 5)
        try Data("PAR1torn".utf8).write(to: URL(filePath: staging.directory + "/part-0.parquet"))
        #expect(throws: TableError.self) {
            try table.keepBatch([staging.directory + "/part-0.parquet"], number: 0, of: staging)
        }
        let missing = KeptBatch(writer: staging.writer, files: ["batch-000007-0.parquet"])
        let error = try #require(
            #expect(throws: TableError.self) { try table.stageBatches([missing], into: staging) })
        #expect(error.code == .missing)
    }

    @Test func `The files and their folders are on the disk before a batch counts as kept`() throws {
        let sample = try Sample()
        let calls = Mutex<[String]>([])
        let table = try sample.table { point in
            if point == .batchSynced { calls.withLock { $0.append("kept") } }
        }
        let staging = try begin(table, 5)
        let file = staging.directory + "/part-0.parquet"
        try Sample.write("zero", to: file)
        try SystemCallTrace.$observer.withValue({ call, path in calls.withLock { $0.append("\(call) \(path)") } }) {
            _ = try table.keepBatch([file], number: 0, of: staging)
        }
        let batches = sample.sibling + "/batches"
        let folder = batches + "/2024-01-01/" + (staging.directory as NSString).lastPathComponent
        let kept = folder + "/batch-000000-0.parquet"
        let found = calls.withLock { $0 }.filter { !$0.hasPrefix("open ") }.drop { $0 != "fsync \(file)" }
        #expect(
            Array(found) == [
                "fsync \(file)", "renameat2(RENAME_NOREPLACE) \(kept)", "fsync \(folder)",
                "fsync \(batches)/2024-01-01", "fsync \(batches)", "kept",
            ])
    }
}
