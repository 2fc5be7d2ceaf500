import Foundation
import Glibc
import PartitionBackfill
import Testing
import TestSupport

@testable import ReprocessCLI

/// Runs command lines in this process, in a folder of their own, with real files as standard output and error.
final class CapturedProgram {
    struct Result {
        let code: ExitCode
        let output: String
        let messages: String
    }

    let directory: TemporaryDirectory
    var environment: [String: String] = [:]
    var origin = JobOrigin.configuration

    init() throws { directory = try TemporaryDirectory() }

    func write(_ text: String, to name: String) throws {
        let url = URL(filePath: directory.appending(name))
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: directory.appending(name)) }

    /// Everything below the folder, to see that nothing changed.
    func listing() throws -> [String] { try FileManager.default.subpathsOfDirectory(atPath: directory.path).sorted() }

    func run(_ words: String...) async throws -> Result { try await run(words) }

    func run(_ words: [String]) async throws -> Result {
        try await Self.run(words, in: directory.path, environment: environment, origin: origin)
    }

    /// Runs a command line; `stop` and `terminal` stand for signals and for a terminal where a test has such.
    static func run(
        _ words: [String], in folder: String, environment: [String: String], origin: JobOrigin = .configuration,
        stop: StopSignal = StopSignal(), terminal: Int32? = nil
    ) async throws -> Result {
        let captured = try TemporaryDirectory()
        let paths = [captured.appending("output"), captured.appending("messages")]
        let descriptors = paths.map { open($0, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600) }
        defer { for descriptor in descriptors { close(descriptor) } }
        let program = CommandLineProgram(
            program: "reprocess", origin: origin, environment: environment, workingDirectory: folder,
            output: FileOutput(descriptor: descriptors[0]),
            messages: FileOutput(descriptor: terminal ?? descriptors[1]),
            input: TerminalInput(descriptor: terminal ?? 0))
        let code = await program.run(words, stop: stop) { nil }
        let texts = try paths.map { String(decoding: try Data(contentsOf: URL(filePath: $0)), as: UTF8.self) }
        return Result(code: code, output: texts[0], messages: texts[1])
    }
}
