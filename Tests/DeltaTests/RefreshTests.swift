import Foundation
import TestSupport
import Testing

@testable import Lakehouse

/// Following a log and reading it anew give the same table, wherever checkpoints are.
@Suite struct RefreshTests {
    private struct Version: Decodable {
        let files: [String]
        let one: Int64?
        let two: Int64?
    }

    @Test(arguments: 1...6)
    func `Following a random log gives what deltalake sees at each version`(seed: UInt64) async throws {
        let folder = try TemporaryDirectory()
        let (made, copy) = (folder.appending("made"), folder.appending("copy"))
        let output = try await Python.run("random_log.py", [made, "\(seed)", "40"])
        let versions = try JSONDecoder().decode([Version].self, from: output)
        try FileManager.default.createDirectory(atPath: copy + "/_delta_log", withIntermediateDirectories: true)

        var random = SeededGenerator(seed: seed)
        var waiting = try FileManager.default.contentsOfDirectory(atPath: made + "/_delta_log")
            .filter { $0.contains(".checkpoint.") }
        #expect(!waiting.isEmpty)
        let followed = DeltaLog(root: copy, column: "d")
        var fromCheckpoints = 0
        for (version, expected) in versions.enumerated() {
            try reveal(LogFileName.ofEntry(Int64(version)), from: made, to: copy)
            // A checkpoint may come at any time after its version, and old entries may go once it is there.
            for name in waiting where name < String(format: "%020d/", version) && Bool.random(using: &random) {
                try reveal(name, from: made, to: copy)
                waiting.removeAll { $0 == name }
                if Bool.random(using: &random) { try removeEntries(upTo: name, in: copy, using: &random) }
            }
            // Not at each version, so that there is more than one entry to catch up with.
            guard Int.random(in: 0..<3, using: &random) == 0 || version == versions.count - 1 else { continue }
            try expectState(of: followed, version, expected)
            let anew = DeltaLog(root: copy, column: "d")
            try expectState(of: anew, version, expected)
            let values = try [followed, anew].map { log in
                try log.withLatest { Set(try #require($0).files.values) }
            }
            #expect(values[0] == values[1])
            if !FileManager.default.fileExists(atPath: copy + "/_delta_log/" + LogFileName.ofEntry(0)) {
                fromCheckpoints += 1
            }
        }
        print("seed \(seed): \(versions.count) versions, \(fromCheckpoints) reads that needed a checkpoint")
    }

    @Test func `What follows is found without listing the folder again`() throws {
        let folder = try TemporaryDirectory()
        let sample = SampleLog(folder.appending("orders"))
        try sample.create()
        let log = DeltaLog(root: sample.root, column: "order_date")
        #expect(try log.withLatest { $0?.version } == 0)
        try sample.write([sample.add("a", "2024-01-01")], version: 1)
        try sample.write([sample.add("b", "2024-01-01")], version: 2)
        let calls = try SystemCalls.of {
            let version = try log.withLatest { $0?.version }
            #expect(version == 2)
        }
        #expect(calls.contains { $0.hasPrefix("open ") })
        #expect(calls.filter { $0.hasPrefix("openat") || $0.hasSuffix("_delta_log") }.isEmpty)
        #expect(try log.withLatest { $0?.files.files(of: .date(19_723)).count } == 2)
    }

    @Test func `A table that was made anew is read anew`() throws {
        let folder = try TemporaryDirectory()
        let sample = SampleLog(folder.appending("orders"))
        try sample.create()
        try sample.write([sample.add("a", "2024-01-01")], version: 1)
        let log = DeltaLog(root: sample.root, column: "order_date")
        #expect(try log.withLatest { $0?.files.count } == 1)
        try FileManager.default.removeItem(atPath: sample.root)
        #expect(try log.withLatest { $0 == nil })
        try sample.create()
        try sample.write([sample.add("b", "2024-01-02"), sample.add("c", "2024-01-02")], version: 1)
        #expect(try log.withLatest { $0?.files.count } == 2)
    }

    @Test func `Other partition columns from some version on are followed`() throws {
        let folder = try TemporaryDirectory()
        let sample = SampleLog(folder.appending("orders"))
        try sample.write([SampleLog.protocolLine, SampleLog.metadata(columns: "[]")], version: 0)
        let log = DeltaLog(root: sample.root, column: "order_date")
        #expect(try log.withLatest { $0?.files.column } == nil)
        try sample.write([sample.add("a", "2024-01-01"), SampleLog.metadata()], version: 1)
        #expect(try log.withLatest { $0?.files.files(of: .date(19_723)).count } == 1)
    }

    private func expectState(of log: DeltaLog, _ version: Int, _ expected: Version) throws {
        try log.withLatest { replay in
            let replay = try #require(replay)
            #expect(replay.version == Int64(version))
            #expect(replay.files.all.map { DeltaPath.canonical($0.path) }.sorted() == expected.files)
            #expect(replay.transaction("one") == expected.one)
            #expect(replay.transaction("two") == expected.two)
            let found = replay.files.values.reduce(0) { $0 + replay.files.files(of: $1).count }
            #expect(found == replay.files.count)
            for file in replay.files.all { #expect(!file.partitionValues.isEmpty) }
        }
    }

    private func reveal(_ name: String, from source: String, to target: String) throws {
        try FileManager.default.copyItem(
            atPath: source + "/_delta_log/" + name, toPath: target + "/_delta_log/" + name)
    }

    /// What a program that cleans up a log does: the oldest entries that a checkpoint stands for go.
    private func removeEntries(
        upTo checkpoint: String, in root: String, using random: inout SeededGenerator
    ) throws {
        let limit = Int64(checkpoint.prefix(20)) ?? 0
        let last = Int64.random(in: 0...limit, using: &random)
        for version in 0...last {
            let path = root + "/_delta_log/" + LogFileName.ofEntry(version)
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        }
    }
}
