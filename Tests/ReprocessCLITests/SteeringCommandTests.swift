import Foundation
import PartitionBackfill
import Partitions
import ProgressStore
import Testing
import Transforms

@testable import ReprocessCLI

@Suite struct SteeringCommandTests {
    private static let configuration = """
        jobs:
          orders:
            partition: { column: order_date, every: day }
            target: { path: lake/orders }
            transform: orders.sql
            run: { rate: 30/min, max_running: 10, window: "22:00-06:00 Europe/Berlin", breaker: 3 }

        """

    private func program(_ configuration: String = Self.configuration) throws -> CapturedProgram {
        let program = try CapturedProgram()
        try program.write(configuration, to: "reprocess.yaml")
        try program.write("SELECT 1", to: "orders.sql")
        return program
    }

    @Test(arguments: [
        (["set"], "Nothing is to be set: write NAME=VALUE, such as workers=4."),
        (["set", "orders"], "Nothing is to be set"),
        (["set", "workers=0"], "workers is '0', but must be a whole number, 1 to 256."),
        (
            ["set", "worker=2"],
            "'worker=2' sets nothing: write NAME=VALUE with one of workers, rate, order, window, max-running. Did you mean 'workers'?"
        ),
        (["set", "orders", "workers"], "'workers' sets nothing"),
        (
            ["set", "rate=fast"],
            "rate is 'fast', but must be a number of partitions in a time, such as 30/min, or none."
        ),
        (["set", "window=night"], "window is 'night', but must be hours and a time zone"),
        (["pause", "--run", "0"], "--run is '0', but must be a whole number, 1 or more."),
        (["pause", "nonsense"], "There is no job 'nonsense'."),
        (["run", "--from", "2024-01-01", "--to", "2024-01-02", "--rate", "x"], "--rate is 'x', but must be a number"),
        (["run", "--from", "2024-01-01", "--to", "2024-01-02", "--window", "x"], "--window is 'x', but must be hours"),
        (["run", "--from", "2024-01-01", "--to", "2024-01-02", "--on-breaker", "x"], "--on-breaker is 'x'"),
    ])
    func `What cannot be asked is said before the ledger is looked for`(words: [String], message: String) async throws {
        let result = try await program().run(words)
        #expect(result.code == .usage)
        #expect(result.messages.contains(message), "\(result.messages)")
    }

    @Test func `What is to be set is one word each`() throws {
        let words = ["workers=8", "rate=none", "window=22:00-06:00 Europe/Berlin"]
        #expect(
            try SetCommand.settings(words[...], SetCommand.command)
                == ["workers": "8", "rate": "none", "window": "22:00-06:00 Europe/Berlin"])
    }

    @Test func `The job says how its runs run, and the command line says it again`() throws {
        let decoder = ConfigurationDecoder(file: "/project/reprocess.yaml", environment: [:])
        let job = try #require(try decoder.decode(Self.configuration).jobs.first)
        #expect(job.defaults.rate == Rate(count: 30, per: .minute))
        #expect(job.defaults.maxRunning == 10 && job.defaults.breaker == 3)
        #expect(job.defaults.window == TimeWindow(parsing: "22:00-06:00 Europe/Berlin"))
        for (text, message) in [
            ("rate: fast", "must be a number of partitions in a time"),
            ("window: night", "must be hours and a time zone"),
            ("max_running: 0", "must be a whole number"), ("breaker: -1", "must be a whole number"),
        ] {
            let wrong = Self.configuration.replacing("rate: 30/min, max_running: 10", with: text)
                .replacing("breaker: 3 ", with: "").replacing(", window: \"22:00-06:00 Europe/Berlin\", ", with: " ")
            let error = #expect(throws: ConfigurationError.self) { try decoder.decode(wrong) }
            #expect(error?.message.contains(message) == true, "\(String(describing: error))")
        }
    }

    @Test func `A run that was stopped by somebody ends with code 3, whatever failed`() {
        var report = BackfillReport(
            run: 1, complete: 1, completedElsewhere: 0, failed: [:], held: 0, skipped: 0, cancelled: 0, remaining: 0,
            wasStopped: true, rows: 0, bytes: 0, duration: .zero)
        let key = PartitionKey(granularity: .day, ordinal: 0)
        report.failed = [key: "x"]
        #expect(RunExit.code(for: report, heldByPlan: 0, limit: nil) == .incomplete)
        for end in [
            EarlyEnd.breaker(reason: "x"), .drained(by: nil, reason: nil), .cancelled(by: "ann", reason: "x"),
        ] {
            report.earlyEnd = end
            #expect(RunExit.code(for: report, heldByPlan: 0, limit: nil) == .stopped)
        }
    }

    @Test func `Every event and every end has words, for people and for programs`() throws {
        let window = try #require(TimeWindow(parsing: "22:00-06:00"))
        let settings = RunSettings(workers: 8, rate: Rate(count: 30, per: .minute))
        let events: [SteeringEvent] = [
            .paused(by: "ann@alpha", reason: "month-end"), .paused(by: nil, reason: nil), .resumed(by: "ann@alpha"),
            .draining(by: "ann@alpha", reason: nil), .cancelling(by: "ann@alpha", reason: "wrong month"),
            .breakerTripped(reason: "5 partitions in a row failed with the same error: x"),
            .settings(settings, by: "ann@alpha"), .windowClosed(window: window), .windowOpened, .crew(workers: 1),
        ]
        let ends: [EarlyEnd] = [
            .breaker(reason: "5 in a row"), .drained(by: "ann", reason: nil), .cancelled(by: "ann", reason: "x"),
        ]
        let text =
            events.map { SteeringText.sentence(for: $0) }
            + ends.map { "\(SteeringText.word(for: $0)): \(SteeringText.sentence(for: $0))" }
            + events.map { RunEventJSON.line(for: .steered($0)) } + ends.map { SteeringJSON.value(of: $0).text }
        try GoldenFile.expect(
            text.map { $0.hasSuffix("\n") ? $0 : $0 + "\n" }.joined(), equals: "steering.txt")
    }

    @Test func `A status tells of the runs of which something was asked`() throws {
        let now = Date(timeIntervalSince1970: 1_719_835_203)
        var run = LiveRun(id: 7, worker: "alpha:1:x", control: .run, startedAt: now.addingTimeInterval(-3600))
        #expect(SteeringText.line(for: run, at: now) == nil)
        run.control = .pause
        run.settings = ["workers": "2", "rate": "1/s"]
        run.askedBy = "ann@alpha"
        run.askedAt = now.addingTimeInterval(-180)
        run.reason = "month-end"
        #expect(
            SteeringText.line(for: run, at: now)
                == "run 7 by alpha:1:x: paused, rate=1/s workers=2 by ann@alpha, 3m 00s ago: month-end")
        let report = StatusReport(
            job: "orders", range: nil, counts: [.pending: 1], perMinute: nil, running: [], failed: [], held: [],
            now: now, runs: [run])
        #expect(StatusText(report: report).text.contains("  run 7 by alpha:1:x: paused"))
        #expect(StatusJSON.line(for: report).contains("\"control\":\"PAUSE\""))
    }

    @Test func `A display says why nothing is started`() {
        var display = ProgressDisplay(job: "orders", total: 10)
        for number in 0..<4 {
            let key = PartitionKey(granularity: .day, ordinal: number)
            _ = display.apply(.finishedElsewhere(key, wasComplete: true), at: .zero)
        }
        #expect(display.line(at: .seconds(1)).contains("to go"))
        #expect(
            display.apply(.steered(.paused(by: "ann", reason: nil)), at: .zero).first?.hasPrefix("Paused by ann")
                == true)
        #expect(display.line(at: .seconds(1)).hasSuffix("paused by ann"))
        // Nobody knows when it goes on, and so when it is done.
        #expect(!display.line(at: .seconds(1)).contains("to go"))
        #expect(display.frame(at: .seconds(1), width: 80).contains("  paused by ann"))
        _ = display.apply(.steered(.resumed(by: "ann")), at: .zero)
        #expect(!display.line(at: .seconds(1)).contains("paused") && display.line(at: .seconds(1)).contains("to go"))
    }
}
