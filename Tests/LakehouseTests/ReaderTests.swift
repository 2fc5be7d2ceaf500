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
    func `Readers never see a mix or a wrong sum while 182 days are replaced three times`() throws {
        let sample = try Sample()
        let files = sample.folder.appending("files")
        try Python.run("make_generations.py", [files, "\(Self.days)", "\(Self.rounds + 1)"])
        let table = try sample.table()
        try replaceAll(of: table, from: files, round: 0) {}

        let readers = try ["duckdb", "pyarrow"].map { try ReadLoop($0, table: sample.root, days: Self.days) }
        for round in 1...Self.rounds {
            // The readers go on all the time. The writer waits now and then for two reads, of which the second one
            // began after the wait did and sees a table that is half replaced.
            try replaceAll(of: table, from: files, round: round) { try readers.forEach { try $0.waitForReads(2) } }
        }
        try readers.forEach { try $0.waitForReads(3) }
        for reader in readers {
            let answers = try reader.finish()
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
        of table: HiveTable, from files: String, round: Int, afterSome wait: () throws -> Void
    ) throws {
        for number in 0..<Self.days {
            let key = Sample.key.advanced(by: number)
            let staging = try table.begin(key, writer: .attempt(Int64(round * Self.days + number + 1)))
            try FileManager.default.copyItem(
                atPath: "\(files)/\(round)/\(key).parquet", toPath: staging.directory + "/data.parquet")
            guard case .published = try table.publish(staging, rows: 60) else {
                Issue.record("\(key) was fenced")
                return
            }
            if number % 20 == 0 { try wait() }
        }
    }
}

/// The Python with the readers that `scripts/setup --tests` installs.
private enum Python {
    static var executable: URL {
        let environment = ProcessInfo.processInfo.environment
        let data = environment["XDG_DATA_HOME"] ?? (environment["HOME"] ?? "") + "/.local/share"
        return URL(filePath: data + "/reprocess/test-venv/bin/python")
    }

    static func process(_ script: String, _ arguments: [String]) throws -> Process {
        try #require(
            FileManager.default.isExecutableFile(atPath: executable.path),
            "\(executable.path) is missing: run scripts/setup --tests")
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Readers")
        let process = Process()
        process.executableURL = executable
        process.arguments = [folder.appending(path: script).path] + arguments
        return process
    }

    static func run(_ script: String, _ arguments: [String]) throws {
        let process = try process(script, arguments)
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}

/// A reader in a process of its own, whose answers are collected line by line.
private final class ReadLoop {
    let engine: String
    private let process: Process
    private let input = Pipe()
    private let output = Pipe()
    private var pending = ""
    private var answers: [String] = []

    init(_ engine: String, table: String, days: Int) throws {
        self.engine = engine
        process = try Python.process("read_loop.py", [engine, table, "\(days)"])
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try waitForReads(1)
    }

    /// Waits until the reader has given so many more answers.
    func waitForReads(_ count: Int) throws {
        let wanted = answers.count + count
        while answers.count < wanted { try #require(readSome(), "\(engine) ended by itself") }
    }

    /// Ends the reader and returns all of its answers.
    func finish() throws -> [String] {
        try input.fileHandleForWriting.close()
        while readSome() {}
        process.waitUntilExit()
        return answers
    }

    private func readSome() -> Bool {
        let data = output.fileHandleForReading.availableData
        pending += String(decoding: data, as: UTF8.self)
        let lines = pending.split(separator: "\n", omittingEmptySubsequences: false)
        answers += lines.dropLast().map(String.init)
        pending = lines.last.map(String.init) ?? ""
        return !data.isEmpty
    }
}
