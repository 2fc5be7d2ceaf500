import DuckDBEngine
import FaultPoints
import Foundation
import Partitions
import TestSupport
import Testing

@testable import Lakehouse

/// Checkpoints that publishing writes by the way.
@Suite struct CheckpointTests {
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    @Test func `Every tenth version has a checkpoint, which others read without the entries before it`() async throws {
        let table = try sample.table()
        for fence in 1...12 { try sample.publish(Int64(fence), of: table, DeltaSample.key.advanced(by: fence % 4)) }
        #expect(checkpoints == [10])
        #expect(table.takeNotices().isEmpty)
        let last = try #require(LastCheckpoint.read(in: sample.log))
        // Protocol and metadata, four partitions, as many counts, and the tombstones of seven files.
        #expect(last == LastCheckpoint(version: 10, size: 17, sizeInBytes: last.sizeInBytes, numOfAddFiles: 4))
        #expect(last.sizeInBytes == DeltaSample.size(of: path(10)))
        let before = try await ReadTable.read(sample)
        let generations = try (0..<4).map { try table.current(DeltaSample.key.advanced(by: $0)) }
        for version in 0..<10 { try remove(version) }
        let after = try await ReadTable.read(sample)
        #expect(after.deltalake == before.deltalake && after.duckdb == before.deltalake && after.version == 11)
        let fresh = try sample.table()
        #expect(try (0..<4).map { try fresh.current(DeltaSample.key.advanced(by: $0)) } == generations)
        // The fences are in the checkpoint as well.
        let error = #expect(throws: TableError.self) { try fresh.begin(DeltaSample.key.next, writer: .attempt(4)) }
        #expect(error?.code == .fenced)
        #expect(DeltaSample.names(in: sample.sibling + "/checkpoint").isEmpty)
    }

    @Test func `A folder whose name reads like a pattern is none`() throws {
        let odd = sample.folder.appending("a [b]*? c")
        try FileManager.default.createDirectory(atPath: odd, withIntermediateDirectories: true)
        let sample = try DeltaSample(in: odd)
        let table = try sample.table()
        for fence in 1...11 { try sample.publish(Int64(fence), of: table) }
        #expect(table.takeNotices().isEmpty)
        for version in 0..<10 { try FileManager.default.removeItem(atPath: table.log.path(of: Int64(version))) }
        #expect(try sample.table().current(DeltaSample.key)?.writer == .attempt(11))
    }

    @Test func `The table says how often`() throws {
        try create(["delta.checkpointInterval": "3"])
        let table = try sample.table()
        for fence in 1...7 { try publish(Int64(fence), of: table) }
        #expect(checkpoints == [3, 6])
        // Another process goes by what lies there.
        let other = try sample.table()
        for fence in 8...9 { try publish(Int64(fence), of: other) }
        #expect(checkpoints == [3, 6, 9])
    }

    @Test func `The checkpoint of another program counts, and is built upon`() async throws {
        try await sample.other("create")
        try await sample.other("overwrite", "2024-01-02")
        try await sample.other("checkpoint")
        let before = try await ReadTable.read(sample)
        let table = try sample.table()
        for fence in 1...10 {
            try sample.publish(
                Int64(fence), of: table, DeltaSample.key.advanced(by: 3), rows: 3,
                query: "SELECT i AS v, 'n' || i AS name, 'é/' || i AS region FROM range(3) t(i)")
        }
        #expect(table.takeNotices().isEmpty)
        #expect(checkpoints == [3, 13])
        for version in 0..<13 { try remove(version) }
        try FileManager.default.removeItem(atPath: path(3))
        let after = try await ReadTable.read(sample)
        #expect(after.deltalake.filter { !($0[1] ?? "").hasPrefix("2024-01-04") } == before.deltalake)
        #expect(after.deltalake.count == before.deltalake.count + 3)
        #expect(after.duckdb == after.deltalake)
    }

    @Test func `A deltalake that goes on from our checkpoint loses nothing`() async throws {
        let table = try sample.table()
        for fence in 1...11 { try sample.publish(Int64(fence), of: table, DeltaSample.key.advanced(by: fence % 2)) }
        for version in 0..<10 { try remove(version) }
        try await sample.other("append", "2024-01-03")
        try await sample.other("optimize")
        try await sample.other("checkpoint")
        try await sample.other("rows", "2024-01-03")
        let read = try await ReadTable.read(sample)
        #expect(read.deltalake.count == 8 && read.duckdb == read.deltalake)
        #expect(try sample.publish(20, of: table).generation?.writer == .attempt(20))
        #expect(try await ReadTable.read(sample).deltalake.count == 8)
    }

    @Test func `Tombstones are kept until they have expired, and transactions where the table lets them expire`() throws
    {
        for (retention, files, transactions) in [("interval 1 weeks", 4, 2), ("interval 0 days", 0, 0)] {
            let sample = try DeltaSample()
            try SampleLog(sample.root).write(
                [
                    SampleLog.protocolLine,
                    SampleLog.metadata(
                        properties: """
                            {"delta.checkpointInterval":"5","delta.deletedFileRetentionDuration":"\(retention)",\
                            "delta.setTransactionRetentionDuration":"\(retention)"}
                            """),
                ], version: 0)
            let table = try sample.table()
            // Times only grow, so by then all of these are in the past.
            for fence in 1...5 {
                try sample.publish(Int64(fence), of: table, rows: 1, query: "SELECT 1::BIGINT AS v")
                if fence == 3 {
                    try sample.publish(99, of: table, DeltaSample.key.next, rows: 1, query: "SELECT 1::BIGINT AS v")
                }
                if fence == 4 { try DeltaSample.waitForNextMillisecond() }
            }
            let counts = try CheckpointContents(sample.log + "/00000000000000000005.checkpoint.parquet")
            #expect(counts.adds == 2)
            #expect(counts.removes == min(files, 3))
            #expect(counts.transactions == transactions || retention.contains("0") && counts.transactions < 2)
        }
    }

    @Test(arguments: [FaultPoint.checkpointWritten, .checkpointAdded, .checkpointNoted])
    func `A checkpoint that fails is told of, and the publish stands`(point: FaultPoint) async throws {
        try create(["delta.checkpointInterval": "3"])
        let table = try sample.table { if $0 == point { throw CancellationError() } }
        for fence in 1...5 { #expect(try publish(Int64(fence), of: table)?.writer == .attempt(Int64(fence))) }
        // Once: the next try comes an interval later.
        #expect(table.takeNotices().count == 1)
        #expect(table.takeNotices().isEmpty)
        #expect(checkpoints == (point == .checkpointWritten ? [] : [3]))
        let other = try sample.table()
        try publish(6, of: other)
        #expect(checkpoints == (point == .checkpointWritten ? [6] : [3, 6]))
        #expect(LastCheckpoint.read(in: sample.log)?.version == 6)
        #expect(DeltaSample.names(in: sample.sibling + "/checkpoint").isEmpty)
        #expect(try await ReadTable.read(sample).deltalake.count == 1)
    }

    @Test(arguments: [["writeStatsAsStruct": "true"], ["writeStatsAsJson": "false"]])
    func `Statistics are written in their own types where the table asks for them`(
        properties: [String: String]
    ) async throws {
        var all = ["delta.checkpointInterval": "2"]
        for (name, value) in properties { all["delta.checkpoint." + name] = value }
        try create(all)
        let table = try sample.table()
        let hasJSON = all["delta.checkpoint.writeStatsAsJson"] == nil
        for fence in 1...4 {
            try sample.publish(
                Int64(fence), of: table, DeltaSample.key.advanced(by: fence), rows: 3,
                query: "SELECT i - 7 AS v FROM range(3) t(i)")
        }
        #expect(checkpoints == [2, 4] && table.takeNotices().isEmpty)
        // The second one is built upon the first, of which two files are.
        let query = """
            SELECT count(*), count("add"."stats"), min("add"."stats_parsed"."minValues"."v"),
            sum("add"."stats_parsed"."numRecords"), max("add"."partitionValues_parsed"."order_date")::VARCHAR,
            max("add"."stats_parsed"."nullCount"."v") FROM read_parquet('\(path(4))') WHERE "add"."path" IS NOT NULL
            """
        let database = try Database(
            options: DatabaseOptions(threads: 1), environment: ProcessInfo.processInfo.environment)
        let row = try database.connect().run(query, in: CancellationScope()).rows.first ?? []
        #expect(row.count == 6 && row[0].integer == 4 && row[1].integer == (hasJSON ? 4 : 0))
        #expect(row[2].integer == -7 && row[3].integer == 12 && row[4].text == "2024-01-05" && row[5].integer == 0)
        let before = try await ReadTable.read(sample)
        for version in 0..<4 { try remove(version) }
        let after = try await ReadTable.read(sample)
        #expect(after.deltalake == before.deltalake && after.duckdb == before.deltalake && after.deltalake.count == 12)
        #expect(try sample.table().current(DeltaSample.key.advanced(by: 1))?.rows == 3)
    }

    @Test func `What another process is at is not done twice`() throws {
        try create(["delta.checkpointInterval": "2"])
        let table = try sample.table()
        try publish(1, of: table)
        let folder = sample.sibling + "/checkpoint"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        do {
            let held = try DirectoryHandle(opening: folder)
            #expect(try held.tryLock())
            try publish(2, of: table)
            #expect(checkpoints.isEmpty)
        }
        try publish(3, of: table)
        #expect(checkpoints == [3])
        #expect(table.takeNotices().isEmpty)
    }

    @Test func `A checkpoint that another program has added meanwhile stays as it is`() throws {
        try create(["delta.checkpointInterval": "3"])
        let path = path(3)
        let table = try sample.table { reached in
            guard reached == .checkpointWritten else { return }
            #expect(FileManager.default.createFile(atPath: path, contents: Data("theirs".utf8)))
        }
        for fence in 1...4 { try publish(Int64(fence), of: table) }
        #expect(FileManager.default.contents(atPath: path) == Data("theirs".utf8))
        #expect(table.takeNotices().isEmpty)
        #expect(LastCheckpoint.read(in: sample.log) == nil)
        #expect(DeltaSample.names(in: sample.sibling + "/checkpoint").isEmpty)
    }

    @Test func `The hint never goes back`() throws {
        try create(["delta.checkpointInterval": "2"])
        let hint = #"{"version":7,"size":1}"#
        try hint.write(toFile: sample.log + "/_last_checkpoint", atomically: true, encoding: .utf8)
        let table = try sample.table()
        for fence in 1...2 { try publish(Int64(fence), of: table) }
        #expect(checkpoints == [2])
        #expect(LastCheckpoint.read(in: sample.log)?.version == 7)
    }

    private func create(_ properties: [String: String]) throws {
        let text = properties.map { "\"\($0)\":\"\($1)\"" }.sorted().joined(separator: ",")
        try SampleLog(sample.root).write(
            [SampleLog.protocolLine, SampleLog.metadata(properties: "{\(text)}")], version: 0)
    }

    @discardableResult
    private func publish(_ fence: Int64, of table: DeltaTable) throws -> Generation? {
        try sample.publish(fence, of: table, rows: 1, query: "SELECT 1::BIGINT AS v").generation
    }

    private func path(_ version: Int) -> String { sample.log + String(format: "/%020d.checkpoint.parquet", version) }

    private func remove(_ version: Int) throws {
        try FileManager.default.removeItem(atPath: SampleLog(sample.root).path(Int64(version)))
    }

    private var checkpoints: [Int64] { sample.checkpoints }
}

extension DeltaSample {
    /// The versions that have a checkpoint.
    var checkpoints: [Int64] {
        DeltaSample.names(in: log).compactMap { $0.hasSuffix(".checkpoint.parquet") ? Int64($0.prefix(20)) : nil }
    }

    static func size(of path: String) -> Int64? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int64
    }

    /// Waits until the clock shows another millisecond.
    static func waitForNextMillisecond() throws {
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        while Int64(Date().timeIntervalSince1970 * 1000) == now {}
    }
}
