import FaultPoints
import Foundation
import Partitions
import TestSupport
import Testing

@testable import Lakehouse

/// Checkpoints of large tables, by several processes, and what they are made of.
@Suite(.serialized) struct CheckpointFormTests {
    private struct SchemaDifferences: Decodable, Equatable {
        let different: [String]
        let ours: [String]
        let others: [String]
    }

    @Test func `The columns are those of deltalake's checkpoints`() async throws {
        let sample = try DeltaSample()
        let table = try sample.table()
        for fence in 1...11 { try sample.publish(Int64(fence), of: table, DeltaSample.key.advanced(by: fence % 2)) }
        try sample.publish(12, of: table)
        try await sample.other("checkpoint")
        let names = sample.checkpoints.map { sample.log + String(format: "/%020lld.checkpoint.parquet", $0) }
        #expect(sample.checkpoints == [10, 11])
        let output = try await Python.run("checkpoint_schema.py", names)
        let differences = try JSONDecoder().decode(SchemaDifferences.self, from: output)
        #expect(differences.different.isEmpty)
        #expect(differences.ours == ["add.deletionVector.maxRowIndex", "remove.deletionVector.maxRowIndex"])
        // Tombstones need no statistics, and a checkpoint in one piece has no parts.
        #expect(
            differences.others.allSatisfy {
                $0.hasPrefix("sidecar.") || $0.hasPrefix("remove.tags.") || $0 == "remove.stats"
            }, "\(differences.others)")
    }

    @Test func `Two spellings of a path are one file, and a deletion vector makes it another`() throws {
        let sample = try DeltaSample()
        let log = SampleLog(sample.root)
        let properties = #"{"delta.checkpointInterval":"2"}"#
        try log.write([SampleLog.protocolLine, SampleLog.metadata(properties: properties)], version: 0)
        func add(_ path: String, _ vector: String) -> String {
            """
            {"add":{"path":"\(path)","partitionValues":{"order_date":"2024-01-02"},"size":5,"modificationTime":0,\
            "dataChange":true,"deletionVector":{"storageType":"u","pathOrInlineDv":"\(vector)","offset":4,\
            "sizeInBytes":40,"cardinality":6}}}
            """
        }
        let days = ["a%3Ab", "c%20d"].map { log.add($0, "2024-01-02") }
        try log.write(days + [add("e", "one"), log.add("file:///far/f", "2024-01-02")], version: 1)
        let table = try sample.table()
        try sample.publish(1, of: table, rows: 1, query: "SELECT 1::BIGINT AS v")
        #expect(sample.checkpoints == [2])
        // Once against entries, once against the checkpoint.
        try log.write([log.remove("a:b", "2024-01-02"), log.remove("file:/far/f", "2024-01-02")], version: 3)
        try log.write([log.remove("e", "2024-01-02"), add("e", "two")], version: 4)
        try sample.publish(2, of: table, rows: 1, query: "SELECT 1::BIGINT AS v")
        #expect(table.takeNotices().isEmpty)
        #expect(sample.checkpoints == [2, 4])
        // c d, both of e, and ours.
        #expect(try CheckpointContents(sample.log + "/00000000000000000004.checkpoint.parquet").adds == 4)
    }

    @Test func `A checkpoint that contradicts the log is not added`() throws {
        let sample = try DeltaSample()
        let log = SampleLog(sample.root)
        try log.create()
        try log.write([log.add("order_date=2024-01-01/a", "2024-01-01")], version: 1)
        let followed = DeltaLog(root: sample.root, column: "order_date")
        let target = try #require(try followed.withLatest { $0.flatMap { CheckpointTarget($0) } })
        // A program that replaces entries: the replay has seen another one than there is now.
        try log.write(
            [log.add("order_date=2024-01-01/b", "2024-01-01"), log.add("order_date=2024-01-01/c", "2024-01-01")],
            version: 1)
        let plan = try #require(try followed.plan(through: 1))
        let folder = sample.folder.appending("checkpoint")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let writer = CheckpointWriter(folder: folder, log: sample.log, faults: .none)
        let error = #expect(throws: TableError.self) { try writer.write(target, from: plan, now: 0) }
        #expect(error?.message.contains("2 files instead of 1") == true, "\(error?.message ?? "")")
        #expect(sample.checkpoints.isEmpty && LastCheckpoint.read(in: sample.log) == nil)
    }

    @Test(.timeLimit(.minutes(5)))
    func `Several processes of ours and deltalake make checkpoints, and each says what the entries say`() async throws {
        let sample = try DeltaSample()
        try SampleLog(sample.root).write(
            [
                SampleLog.protocolLine,
                SampleLog.metadata(properties: #"{"delta.checkpointInterval":"2"}"#),
            ], version: 0)
        let file = sample.folder.appending("day.parquet")
        try DeltaSample.write("SELECT i AS v FROM range(3) t(i)", to: file)
        let days = 8
        let processes = try (0..<3).map { number in
            let first = DeltaSample.key.advanced(by: number * days)
            return try RunningProcess(
                RunningProcess.built("DeltaProbe"),
                ["backfill", sample.root, first.description, "\(days)", "\(100 * (number + 1))", file, "3"])
        }
        for _ in 0..<3 { try await sample.other("checkpoint") }
        for process in processes {
            #expect(try await process.wait(timeout: .seconds(240)) == .exited(0))
            #expect(process.output.hasPrefix("published \(days)"), "\(process.output)")
        }
        #expect(sample.checkpoints.count > 1)
        // Each one alone, against the entries up to it.
        for version in sample.checkpoints {
            let name = String(format: "%020lld.checkpoint.parquet", version)
            let copies = ["entries", "checkpoint"].map { sample.folder.appending("\($0)\(version)/_delta_log") }
            for copy in copies {
                try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
            }
            for entry in 0..<version + 1 {
                let name = LogFileName.ofEntry(entry)
                try FileManager.default.copyItem(atPath: sample.log + "/" + name, toPath: copies[0] + "/" + name)
            }
            try FileManager.default.copyItem(atPath: sample.log + "/" + name, toPath: copies[1] + "/" + name)
            let states = try copies.map { copy in
                try DeltaLog(root: Path.parent(of: copy), column: "order_date").withLatest { replay in
                    let replay = try #require(replay)
                    #expect(replay.version == version)
                    return (Set(replay.files.all.map(\.key)), replay.allTransactions)
                }
            }
            #expect(states[0] == states[1], "version \(version)")
        }
        let read = try await ReadTable.read(sample)
        #expect(read.deltalake.count == 3 * days * 3 && read.duckdb == read.deltalake)
    }

    @Test(.timeLimit(.minutes(5))) func `A checkpoint of 300,000 files is written in bounded memory`() async throws {
        let sample = try DeltaSample()
        _ = try await Python.run("big_checkpoint.py", [sample.root, "300000", "order_date"])
        let file = sample.folder.appending("day.parquet")
        try DeltaSample.write("SELECT 1::BIGINT AS v", to: file)
        let answer = try await publish(file, fence: 1, to: sample)
        #expect(sample.checkpoints == [0, 1])
        let last = try #require(LastCheckpoint.read(in: sample.log))
        #expect(last.version == 1 && last.numOfAddFiles == 299_911 || last.numOfAddFiles ?? 0 > 299_000)
        let times = try ["json", "checkpoint.parquet"].map { end in
            let path = sample.log + "/00000000000000000001." + end
            return try #require(try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date)
        }
        print("300,000 files: \(answer), the checkpoint took \(times[1].timeIntervalSince(times[0])) s")
    }

    @Test(.timeLimit(.minutes(5))) func `A log of 5,000 entries gets a checkpoint, and is opened by it`() async throws {
        let sample = try DeltaSample()
        let log = SampleLog(sample.root)
        try log.create()
        for version in 1..<5000 {
            let day = SampleLog.day(1 + version % 365)
            try log.write(
                [log.transaction(day, Int64(version)), log.add("order_date=\(day)/part-\(version).parquet", day)]
                    + (version > 365 ? [log.remove("order_date=\(day)/part-\(version - 365).parquet", day)] : []),
                version: Int64(version))
        }
        let file = sample.folder.appending("day.parquet")
        try DeltaSample.write("SELECT 1::BIGINT AS v", to: file)
        print("5,000 entries: before \(try await open(sample))")
        print("5,000 entries: publish and checkpoint, \(try await publish(file, fence: 1, to: sample))")
        #expect(sample.checkpoints == [5000])
        let answer = try await open(sample)
        #expect(answer.contains("version 5000 files 366"))
        print("5,000 entries: after \(answer)")
        let contents = try CheckpointContents(sample.log + "/00000000000000005000.checkpoint.parquet")
        // The removals have a time that is long past.
        #expect(contents.adds == 366 && contents.removes == 0 && contents.transactions == 366)
    }

    private func open(_ sample: DeltaSample) async throws -> String {
        let probe = try RunningProcess(RunningProcess.built("DeltaProbe"), ["read", sample.root, "order_date"])
        try #require(try await probe.wait(timeout: .seconds(240)) == .exited(0), "\(probe.errorOutput)")
        return probe.output.split(separator: "\n").joined(separator: ", ")
    }

    private func publish(_ file: String, fence: Int64, to sample: DeltaSample) async throws -> String {
        let probe = try RunningProcess(
            RunningProcess.built("DeltaProbe"),
            ["publish", sample.root, "2024-01-01", "\(fence)", Writer.attempt(fence).claimID.uuidString, file, "1"])
        try #require(try await probe.wait(timeout: .seconds(240)) == .exited(0), "\(probe.errorOutput)")
        let output = probe.output
        #expect(output.hasPrefix("published"), "\(output)")
        let peak = try #require(output.split(separator: "peak ").last.flatMap { Int($0.split(separator: "\n")[0]) })
        // Generous: DuckDB's own limit is 1 GB.
        #expect(peak < 1_700_000, "\(output)")
        return output.split(separator: "\n").joined(separator: ", ")
    }
}
