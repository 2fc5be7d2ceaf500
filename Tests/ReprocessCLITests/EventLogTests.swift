import Foundation
import Glibc
import PartitionBackfill
import Partitions
import TestSupport
import Testing

@testable import ReprocessCLI

@Suite struct EventLogTests {
    private static let key = PartitionKey(granularity: .day, ordinal: 19_723)
    private static let moment = Date(timeIntervalSince1970: 1_704_067_200.25)

    /// What a console with a log writes to standard error.
    private func written(_ threshold: LogLevel, _ body: (Console) async throws -> Void) async throws -> [String] {
        let directory = try TemporaryDirectory()
        let path = directory.appending("messages")
        let descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let output = FileOutput(descriptor: descriptor)
        let log = EventLog(threshold: threshold) { Self.moment }
        try await body(Console(output: output, messages: output, log: log))
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test func `A sentence has its time and level, and is one line however many it has`() async throws {
        let lines = try await written(.debug) { console in
            console.say("first\nsecond\n")
            console.alert("look")
            console.error("It \"failed\".")
        }
        let time = "\"time\":\"2024-01-01T00:00:00.250Z\""
        #expect(
            lines == [
                "{\"event\":\"message\",\"level\":\"info\",\"message\":\"first\\nsecond\",\(time)}",
                "{\"event\":\"message\",\"level\":\"warning\",\"message\":\"look\",\(time)}",
                "{\"event\":\"message\",\"level\":\"error\",\"message\":\"It \\\"failed\\\".\",\(time)}",
            ])
    }

    @Test(
        arguments: [
            (.debug, ["started", "claimed", "retrying", "failed"]), (.info, ["started", "retrying", "failed"]),
            (.warning, ["retrying", "failed"]), (.error, ["failed"]),
        ] as [(LogLevel, [String])])
    func `Events of a run are told from their level on, with the job and the number of the run`(
        threshold: LogLevel, expected: [String]
    ) async throws {
        let range = PartitionRange(granularity: .day, ordinals: 19_723..<19_724)
        let plan = BackfillPlan(
            job: "orders", range: range, segments: [.init(range: range, reason: .failed)], fence: 0)
        let events: [BackfillEvent] = [
            .started(run: 7, plan: plan, workers: 2), .claimed(Self.key, attempt: 1, takenOver: false),
            .retrying(Self.key, attempt: 1, error: "x", after: .seconds(1)),
            .failed(Self.key, attempt: 2, error: "x"),
        ]
        let lines = try await written(threshold) { console in
            let reporter = RunReporter(
                mode: .log, display: ProgressDisplay(job: "orders", total: 1), console: console
            ) { .zero }
            let (stream, continuation) = AsyncStream.makeStream(of: RunReporter.Input.self)
            for event in events { continuation.yield(.event(event)) }
            continuation.finish()
            try await reporter.show(stream)
        }
        let told = try lines.map { line -> String in
            let members = try #require(
                JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(members["job"] as? String == "orders")
            #expect(members["run"] as? Int == 7)
            #expect(members["time"] as? String == "2024-01-01T00:00:00.250Z")
            return try #require(members["event"] as? String)
        }
        #expect(told == expected)
    }

    @Test func `A run that goes on tells how far it is, when that is due`() async throws {
        let lines = try await written(.info) { console in
            let reporter = RunReporter(
                mode: .log, display: ProgressDisplay(job: "orders", total: 2), console: console
            ) { .seconds(60) }
            let (stream, continuation) = AsyncStream.makeStream(of: RunReporter.Input.self)
            for _ in 1...3 { continuation.yield(.tick) }
            continuation.finish()
            try await reporter.show(stream)
        }
        #expect(lines.count == 1)
        #expect(lines.first?.contains("\"event\":\"progress\"") == true, "\(lines)")
    }

    @Test func `An error of a command is a line of the log, and standard output stays as it is`() async throws {
        let program = try CapturedProgram()
        let result = try await program.run("status", "--log-format", "json", "--color", "always", "--json")
        #expect(result.code == .refused)
        #expect(result.output.isEmpty)
        let members = try #require(
            JSONSerialization.jsonObject(with: Data(result.messages.utf8)) as? [String: Any])
        #expect(members["level"] as? String == "error")
        #expect((members["message"] as? String)?.hasPrefix("There is no reprocess.yaml") == true)
    }
}
