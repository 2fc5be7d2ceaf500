import Foundation
import Lakehouse
import Partitions
import TestSupport
import Testing

/// Real readers of a table whose partitions are being replaced.
@Suite struct ReaderTests {
    private static let days = 182
    private static let rounds = 3

    @Test(.timeLimit(.minutes(3)))
    func `Readers never see a mix or a wrong sum while 182 days are replaced three times`() async throws {
        let sample = try Sample()
        let files = sample.folder.appending("files")
        let maker = try Python.start("make_generations.py", [files, "\(Self.days)", "\(Self.rounds + 1)"])
        try #require(try await maker.wait() == .exited(0), "\(maker.errorOutput)")
        let table = try sample.table()
        try await replaceAll(of: table, from: files, round: 0) {}

        let readers = [
            try await ReadLoop("duckdb", table: sample.root, days: Self.days),
            try await ReadLoop("pyarrow", table: sample.root, days: Self.days),
        ]
        for round in 1...Self.rounds {
            // The readers go on all the time. The writer waits now and then for two reads, of which the second one
            // began after the wait did and sees a table that is half replaced.
            try await replaceAll(of: table, from: files, round: round) {
                for reader in readers { try await reader.waitForReads(2) }
            }
        }
        for reader in readers { try await reader.waitForReads(3) }
        for reader in readers {
            let answers = try await reader.finish()
            let wrong = answers.filter { $0.hasPrefix("wrong") }
            #expect(wrong.isEmpty, "\(reader.engine)")
            // What failed says so, and is the missing file of a listing that is out of date.
            let errors = answers.filter { $0.hasPrefix("error") }
            #expect(errors.allSatisfy { $0.contains("No such file") || $0.contains("No files found") }, "\(errors)")
            #expect(answers.last == "right", "\(reader.engine)")
            #expect(answers.count { $0 == "between" } > 0, "\(reader.engine) never read while days were replaced")
            let kinds = Dictionary(grouping: answers) { $0.prefix { $0 != " " && $0 != ":" } }
            let counts = kinds.map { "\($1.count) \($0)" }.sorted().joined(separator: ", ")
            print("\(reader.engine): \(answers.count) reads: \(counts)")
        }
    }

    private func replaceAll(
        of table: HiveTable, from files: String, round: Int, afterSome wait: () async throws -> Void
    ) async throws {
        for number in 0..<Self.days {
            let key = Sample.key.advanced(by: number)
            let staging = try table.begin(key, writer: .attempt(Int64(round * Self.days + number + 1)))
            try FileManager.default.copyItem(
                atPath: "\(files)/\(round)/\(key).parquet", toPath: staging.directory + "/data.parquet")
            guard case .published = try table.publish(staging, rows: 60) else {
                Issue.record("\(key) was fenced")
                return
            }
            if number % 20 == 0 { try await wait() }
        }
    }
}

/// The scripts beside these tests.
private enum Python {
    static func start(_ script: String, _ arguments: [String]) throws -> RunningProcess {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Readers")
        return try RunningProcess(
            PythonEnvironment.interpreter, [folder.appending(path: script).path(percentEncoded: false)] + arguments)
    }
}

/// A reader in a process of its own, which answers line by line.
private final class ReadLoop: Sendable {
    let engine: String
    private let process: RunningProcess

    init(_ engine: String, table: String, days: Int) async throws {
        self.engine = engine
        process = try Python.start("read_loop.py", [engine, table, "\(days)"])
        try await waitForReads(1)
    }

    private var answers: [String] { process.output.split(separator: "\n").map(String.init) }

    /// Waits until the reader has given so many more answers.
    func waitForReads(_ count: Int) async throws {
        try await process.wait(untilOutputHasLines: answers.count + count)
    }

    /// Ends the reader and returns all of its answers.
    func finish() async throws -> [String] {
        try process.closeInput()
        try await process.wait()
        return answers
    }
}
