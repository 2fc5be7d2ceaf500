import Foundation
import Glibc
import PartitionBackfill
import Partitions
import Testing
import TestSupport

@testable import ReprocessCLI

@Suite struct RunReporterTests {
    private let key = PartitionKey(granularity: .day, ordinal: 19_723)

    /// What a reporter writes to standard output and error for some inputs.
    private func written(
        _ mode: RunReporter.Mode, _ inputs: [RunReporter.Input], at seconds: Int = 2
    ) async throws -> (output: String, messages: String) {
        let directory = try TemporaryDirectory()
        let paths = [directory.appending("output"), directory.appending("messages")]
        let descriptors = paths.map { open($0, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600) }
        defer { for descriptor in descriptors { close(descriptor) } }
        let console = Console(
            output: FileOutput(descriptor: descriptors[0]), messages: FileOutput(descriptor: descriptors[1]))
        let reporter = RunReporter(
            mode: mode, display: ProgressDisplay(job: "orders", total: 2), console: console
        ) { .seconds(seconds) }
        let (stream, continuation) = AsyncStream.makeStream(of: RunReporter.Input.self)
        for input in inputs { continuation.yield(input) }
        continuation.finish()
        try await reporter.show(stream)
        let texts = try paths.map { String(decoding: try Data(contentsOf: URL(filePath: $0)), as: UTF8.self) }
        return (texts[0], texts[1])
    }

    @Test func `A log gets failures at once and a line when it is due`() async throws {
        let written = try await written(.lines, [.event(.failed(key, attempt: 1, error: "x")), .tick, .tick])
        #expect(written.output.isEmpty)
        #expect(written.messages == "2024-01-01 FAILED: x\norders: 1/2 50%, 1 failed, 1 left\n")
    }

    @Test func `JSON goes to standard output, and nothing goes to standard error`() async throws {
        let written = try await written(.json, [.event(.lost(key)), .tick, .event(.ledgerAvailable)])
        #expect(
            written.output == "{\"event\":\"lost\",\"partition\":\"2024-01-01\"}\n{\"event\":\"ledger_available\"}\n")
        #expect(written.messages.isEmpty)
    }

    @Test func `Quiet is quiet`() async throws {
        let written = try await written(.quiet, [.event(.failed(key, attempt: 1, error: "x")), .tick])
        #expect(written.output.isEmpty)
        #expect(written.messages.isEmpty)
    }

    @Test func `The live display is drawn over itself, failures stay above it, and the cursor comes back`() async throws
    {
        let text = try await written(.live, [.tick, .event(.failed(key, attempt: 1, error: "x")), .tick]).messages
        #expect(text.hasPrefix(Terminal.hideCursor))
        #expect(text.hasSuffix(Terminal.showCursor))
        let failure = try #require(text.firstRange(of: "2024-01-01 FAILED: x\n"))
        let erasure = Terminal.up(1) + Terminal.eraseBelow
        #expect(text[..<failure.lowerBound].hasSuffix(erasure))
        #expect(text.ranges(of: erasure).count == 3)
    }

    @Test func `A reader that went away ends the output and not the run`() async throws {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        let output = FileOutput(descriptor: ends[1])
        let console = Console(output: output, messages: output)
        let reporter = RunReporter(mode: .json, display: ProgressDisplay(job: "j", total: 1), console: console) {
            .zero
        }
        let (stream, continuation) = AsyncStream.makeStream(of: RunReporter.Input.self)
        for _ in 0..<3 { continuation.yield(.event(.lost(key))) }
        continuation.finish()
        try await reporter.show(stream)
        try output.write("more")
        #expect(throws: OutputClosed.self) { try output.flush() }
    }

    @Test func `A full disk behind standard output is an error with the reason`() throws {
        let descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let output = FileOutput(descriptor: descriptor)
        try output.write("text")
        let error = #expect(throws: OutputError.self) { try output.flush() }
        #expect(error?.message == "The output cannot be written: No space left on device.")
    }
}

@Suite struct TerminalTextTests {
    @Test(arguments: [
        ("", 0), ("plain", 5), ("\u{1B}[32m██\u{1B}[0m\u{1B}[2m░\u{1B}[0m  4/10", 9), ("a\u{1B}[1mm\u{1B}[0m", 2),
    ])
    func `Colours take no room on the screen`(text: String, count: Int) {
        #expect(Terminal.visibleCount(text) == count)
    }
}
