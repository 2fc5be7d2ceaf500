import FaultPoints
import Foundation
import Lakehouse
import TestSupport
import Testing

@testable import Lakehouse

/// Checkpoints of tables that others made, in every form.
@Suite(.serialized) struct GoldenCheckpointTests {
    private struct Files: Decodable, Equatable {
        let version: Int64?
        let files: [String]?
        let error: String?
    }

    @Test(.timeLimit(.minutes(10)), .enabled(if: GoldenTables.folder != nil))
    func `Of every golden table that can be read, a checkpoint says the same as its log`() async throws {
        let folder = try TemporaryDirectory()
        var copies: [String] = []
        for (number, name) in GoldenTables.oracle.keys.sorted().enumerated() {
            let copy = folder.appending("table\(number)")
            try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: GoldenTables.path(name) + "/_delta_log", toPath: copy + "/_delta_log")
            copies.append(copy)
        }
        let before = try await files(copies)
        var written = 0
        for copy in copies where try write(copy) { written += 1 }
        // Most have entries behind their checkpoint.
        #expect(written > 60, "\(written)")
        let after = try await files(copies)
        for copy in copies { #expect(after[copy] == before[copy], "\(copy)") }
    }

    @Test(.timeLimit(.minutes(5)), arguments: 1...4)
    func `Whatever deltalake did to a table, a checkpoint of every version says the same as its log`(
        seed: Int
    ) async throws {
        let folder = try TemporaryDirectory()
        let root = folder.appending("orders")
        _ = try await Python.run("random_log.py", [root, "\(seed)", "25"])
        let all = try JSONDecoder().decode([[String]].self, from: await Python.run("live_files.py", ["--all", root]))
        var copies: [String] = []
        for version in all.indices where version % 4 == seed % 4 {
            // The table as it was at that version, with the checkpoints that there were.
            let copy = folder.appending("at\(version)")
            try FileManager.default.createDirectory(atPath: copy + "/_delta_log", withIntermediateDirectories: true)
            for name in DeltaSample.names(in: root + "/_delta_log") {
                guard let found = Int(name.prefix(20)), name.contains("checkpoint") ? found < version : found <= version
                else { continue }
                try FileManager.default.copyItem(
                    atPath: root + "/_delta_log/" + name, toPath: copy + "/_delta_log/" + name)
            }
            #expect(try write(copy, column: "d"))
            copies.append(copy)
        }
        let after = try await files(copies)
        for copy in copies {
            let version = Int(copy.split(separator: "at").last ?? "") ?? -1
            #expect(after[copy]?.files == all[version], "\(copy)")
        }
    }

    /// Writes a checkpoint of the newest version, and takes every entry before it away; false where there is one.
    private func write(_ root: String, column: String = "none") throws -> Bool {
        let log = DeltaLog(root: root, column: column)
        guard let before = try state(of: log) else { return false }
        let plan = try #require(try log.plan(through: before.target.version))
        guard plan.entries != nil else { return false }
        let folder = root + ".checkpoint"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let writer = CheckpointWriter(folder: folder, log: log.folder, faults: .none)
        guard try writer.write(before.target, from: plan, now: 0) else { return false }
        let checkpoint = LogFileName.ofEntry(before.target.version).dropLast(4) + "checkpoint.parquet"
        for name in DeltaSample.names(in: log.folder) where LogFileName(name) != nil && name != checkpoint {
            try FileManager.default.removeItem(atPath: log.folder + "/" + name)
        }
        #expect(try state(of: DeltaLog(root: root, column: column)) == before, "\(root)")
        return true
    }

    private struct State: Equatable {
        let target: CheckpointTarget
        let files: Set<LiveFile>
        let transactions: [String: Int64]
        let domains: [String: DomainMetadata]
        let `protocol`: DeltaProtocol?
        let configuration: [String: String?]?
    }

    private func state(of log: DeltaLog) throws -> State? {
        try log.withLatest { replay in
            guard let replay, let target = CheckpointTarget(replay) else { return nil }
            // With column mapping, values stand under other names than the columns have; such tables are not written.
            let mapping = replay.metadata?.property("delta.columnMapping.mode") ?? "none"
            let files = replay.files.all.map { file in
                LiveFile(
                    path: file.path, partitionValues: mapping == "none" ? file.partitionValues : [:], size: file.size,
                    deletionVector: file.deletionVector, rows: nil, publishedFiles: file.publishedFiles)
            }
            return State(
                target: target, files: Set(files), transactions: replay.allTransactions, domains: replay.domains,
                protocol: replay.protocol, configuration: replay.metadata?.configuration ?? [:])
        }
    }

    private func files(_ tables: [String]) async throws -> [String: Files] {
        try JSONDecoder().decode([String: Files].self, from: await Python.run("live_files.py", tables))
    }
}
