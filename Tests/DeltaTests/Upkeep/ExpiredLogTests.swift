import FaultPoints
import Foundation
import Partitions
import TestSupport
import Testing

@testable import Lakehouse

/// Entries of a log that are older than the table keeps them, and checkpoints that came to nothing.
@Suite struct ExpiredLogTests {
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    /// A table with ten versions; those before the seventh are two months old.
    private func create(_ properties: [String: String] = [:]) throws {
        var all = ["delta.checkpointInterval": "3"]
        all.merge(properties) { $1 }
        let text = all.map { "\"\($0)\":\"\($1)\"" }.sorted().joined(separator: ",")
        try SampleLog(sample.root).write(
            [SampleLog.protocolLine, SampleLog.metadata(properties: "{\(text)}")], version: 0)
        let table = try sample.table()
        for fence in 1...9 {
            try sample.publish(
                Int64(fence), of: table, DeltaSample.key.advanced(by: fence % 3), rows: 1,
                query: "SELECT 1::BIGINT AS v")
        }
        for version in 0..<7 {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -60 * 86_400)],
                ofItemAtPath: SampleLog(sample.root).path(Int64(version)))
        }
    }

    @Test func `Entries that a checkpoint stands for go when they are old enough`() async throws {
        try create()
        #expect(sample.checkpoints == [3, 6, 9])
        let before = try await ReadTable.read(sample)
        let table = try sample.table()
        let found = try #require(try table.tableLeftovers().first)
        // The six entries before version 6, and the checkpoint of version 3.
        #expect(found.kind == .expiredLog && found.files == 7 && found.path == sample.log && found.bytes > 0)
        #expect(sample.versions == Array(0...9))
        #expect(try table.remove(found))
        #expect(sample.versions == [6, 7, 8, 9])
        #expect(sample.checkpoints == [6, 9])
        #expect(try !table.remove(found))
        #expect(try table.tableLeftovers().isEmpty)
        let after = try await ReadTable.read(sample)
        #expect(after.deltalake == before.deltalake && after.duckdb == before.duckdb && after.version == 9)
        // The table that has been open all the time goes on, and so does a new one.
        for (fence, table) in [(20, table), (21, try sample.table())] {
            let outcome = try sample.publish(Int64(fence), of: table, rows: 1, query: "SELECT 1::BIGINT AS v")
            #expect(outcome.generation?.writer == .attempt(Int64(fence)))
        }
    }

    @Test(arguments: [
        ["delta.enableExpiredLogCleanup": "false"], ["delta.logRetentionDuration": "interval 100 days"],
        ["delta.logRetentionDuration": "interval 1 year"], ["delta.checkpointInterval": "100"],
        // The only checkpoints are younger than what may go.
        ["delta.checkpointInterval": "8"],
    ])
    func `Otherwise they stay`(properties: [String: String]) throws {
        try create(properties)
        #expect(try sample.table().tableLeftovers().isEmpty)
        let asked = TableLeftover(kind: .expiredLog, path: sample.log, files: 7, bytes: 1)
        #expect(try !sample.table().remove(asked))
        #expect(sample.versions == Array(0...9))
    }

    @Test func `They stay where the checkpoint that would stand for them cannot be read`() throws {
        try create()
        let checkpoint = sample.log + "/00000000000000000006.checkpoint.parquet"
        try Data("PAR1".utf8).write(to: URL(filePath: checkpoint))
        let table = try sample.table()
        let found = try #require(try table.tableLeftovers().first)
        #expect(throws: TableError.self) { try table.remove(found) }
        #expect(sample.versions == Array(0...9))
    }

    @Test func `They stay where other programs have checkpoints with parts that are shared`() throws {
        try create()
        try FileManager.default.createDirectory(
            atPath: sample.log + "/_sidecars", withIntermediateDirectories: false)
        #expect(try sample.table().tableLeftovers().isEmpty)
    }

    @Test func `A commit is never older than the one before it, and a day is kept whole`() {
        func entries(_ times: [Int64], _ checkpoints: [Int64]) -> [ExpiredLog.Entry] {
            times.enumerated().map {
                ExpiredLog.Entry(name: LogFileName.ofEntry(Int64($0)), size: 1, modified: $1 * 3_600_000)
            }
                + checkpoints.map {
                    let name = LogFileName.ofEntry($0).dropLast(4) + "checkpoint.parquet"
                    return ExpiredLog.Entry(name: String(name), size: 1, modified: 0)
                }
        }
        func expired(_ times: [Int64], _ checkpoints: [Int64], since hour: Int64) -> Int {
            ExpiredLog(entries(times, checkpoints), keepingSince: hour * 3_600_000)?.entries.count ?? 0
        }
        #expect(expired([1, 2, 3, 4], [2], since: 30) == 2)
        #expect(expired([1, 2, 3, 4], [2], since: 23) == 0)
        // Version 1 is of the next day, so 2 and 3 are as well, whatever their files say.
        #expect(expired([1, 30, 3, 4], [2], since: 30) == 0)
        #expect(expired([1, 2, 3, 30], [1, 3], since: 40) == 1)
        // A gap: nothing is tidied up.
        #expect(
            ExpiredLog(entries([1, 2, 3, 4, 5], [3]).filter { !$0.name.hasSuffix("4.json") }, keepingSince: 0) == nil)
    }

    @Test func `A killed process leaves a checkpoint in no reader's way, and it goes`() async throws {
        let file = sample.folder.appending("day.parquet")
        try DeltaSample.write(DeltaSample.query, to: file)
        let probe = try RunningProcess(
            RunningProcess.built("DeltaProbe"), ["backfill", sample.root, "2024-01-01", "20", "1", file, "3"],
            environment: ["REPROCESS_FAULT": "checkpointWritten:kill"])
        #expect(try await probe.wait(timeout: .seconds(120)) == .signalled(SIGKILL))
        #expect(sample.checkpoints.isEmpty && sample.versions.count == 11)
        #expect(try await ReadTable.read(sample).deltalake.count == 33)
        let table = try sample.table()
        let found = try #require(try table.tableLeftovers().first)
        #expect(found.kind == .abandonedCheckpoint && found.files == 1 && found.bytes > 0)
        do {
            let held = try DirectoryHandle(opening: sample.sibling + "/checkpoint")
            #expect(try held.tryLock())
            // Somebody is at it.
            #expect(try table.tableLeftovers().isEmpty)
            #expect(try !table.remove(found))
        }
        #expect(try table.remove(found))
        #expect(try !table.remove(found))
        #expect(try table.tableLeftovers().isEmpty)
    }

    @Test(arguments: FaultPoint.deltaCheckpoint)
    func `After a process was killed at a checkpoint the next one brings it to an end`(point: FaultPoint) async throws {
        let file = sample.folder.appending("day.parquet")
        try DeltaSample.write(DeltaSample.query, to: file)
        let probe = try RunningProcess(
            RunningProcess.built("DeltaProbe"), ["backfill", sample.root, "2024-01-01", "20", "1", file, "3"],
            environment: ["REPROCESS_FAULT": "\(point.rawValue):kill"])
        #expect(try await probe.wait(timeout: .seconds(120)) == .signalled(SIGKILL))
        #expect(sample.checkpoints == (point == .checkpointWritten ? [] : [10]))
        // The commit at which it died is there and stays.
        #expect(try sample.table().current(DeltaSample.key.advanced(by: 10))?.rows == 3)
        let table = try sample.table()
        for fence in 100..<110 { try sample.publish(Int64(fence), of: table, DeltaSample.key.advanced(by: 50)) }
        #expect(sample.checkpoints == (point == .checkpointWritten ? [11] : [10, 20]))
        #expect(LastCheckpoint.read(in: sample.log)?.version == sample.checkpoints.last)
        #expect(DeltaSample.names(in: sample.sibling + "/checkpoint").isEmpty)
        let read = try await ReadTable.read(sample)
        #expect(read.deltalake.count == 36 && read.duckdb == read.deltalake)
    }
}
