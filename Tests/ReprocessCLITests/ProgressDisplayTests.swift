import PartitionBackfill
import Partitions
import Testing

@testable import ReprocessCLI

@Suite struct ProgressDisplayTests {
    private func key(_ number: Int) -> PartitionKey { PartitionKey(granularity: .day, ordinal: 19_723 + number) }

    private func completed(_ number: Int) -> BackfillEvent {
        .completed(key(number), rows: 600, bytes: 1000, duration: .seconds(1), wasAdopted: false, tableVersion: "v")
    }

    @Test func `Progress counts what comes to an end`() {
        var display = ProgressDisplay(job: "orders", total: 10)
        #expect(display.line(at: .zero) == "orders: 0/10 0%, 10 left")
        for number in 0..<4 {
            #expect(display.apply(.claimed(key(number), attempt: 1, takenOver: false), at: .seconds(number)).isEmpty)
            #expect(display.apply(completed(number), at: .seconds(number + 1)).isEmpty)
        }
        _ = display.apply(.finishedElsewhere(key(4), wasComplete: true), at: .seconds(5))
        _ = display.apply(.claimed(key(6), attempt: 1, takenOver: false), at: .seconds(5))
        let failure = display.apply(.failed(key(5), attempt: 1, error: "No file.\nLook."), at: .seconds(6))
        #expect(failure == ["2024-01-06 FAILED: No file.\n    Look."])
        #expect(display.line(at: .seconds(6)) == "orders: 6/10 60%, 1 failed, 4 left, 1.0/s, about 4s to go, 1 running")
    }

    @Test func `An error is told in full once, and then by the partition that had it first`() {
        var display = ProgressDisplay(job: "orders", total: 10)
        func error(_ number: Int) -> String { "No file 'in/01-0\(number + 1)-2024.csv' of 3.\nLook." }
        let events: [BackfillEvent] = [
            .retrying(key(0), attempt: 1, error: error(0), after: .seconds(2)),
            .failed(key(0), attempt: 2, error: error(0)), .failed(key(1), attempt: 1, error: error(1)),
            .failed(key(2), attempt: 1, error: "Something else."),
        ]
        #expect(
            events.flatMap { display.apply($0, at: .zero) } == [
                "2024-01-01 attempt 1 failed, again in 2s: No file 'in/01-01-2024.csv' of 3.\n    Look.",
                "2024-01-01 FAILED: the same error again", "2024-01-02 FAILED: the same error as 2024-01-01",
                "2024-01-03 FAILED: Something else.",
            ])
        #expect(display.toldFailures.count == 2)
    }

    @Test func `A number in the path of the project is no part of a date`() {
        var display = ProgressDisplay(
            job: "orders", total: 10, paths: MessagePaths(workingDirectory: "/data/02-shop"))
        let told = (0..<2).flatMap { number in
            display.apply(
                .failed(key(number), attempt: 1, error: "No file '/data/02-shop/in/2024-01-0\(number + 1).csv'."),
                at: .zero)
        }
        #expect(
            told == [
                "2024-01-01 FAILED: No file 'in/2024-01-01.csv'.", "2024-01-02 FAILED: the same error as 2024-01-01",
            ])
    }

    @Test func `Of what was claimed ahead, as many run as there are workers`() {
        let plan = BackfillPlan(
            job: "orders", range: PartitionRange(granularity: .day, ordinals: 0..<1), segments: [], fence: 0)
        var display = ProgressDisplay(job: "orders", total: 10)
        _ = display.apply(.started(run: 1, plan: plan, workers: 2), at: .zero)
        for number in 0..<4 {
            _ = display.apply(.claimed(key(number), attempt: 1, takenOver: false), at: .seconds(1))
        }
        #expect(display.running == [key(0): .seconds(1), key(1): .seconds(1)])
        _ = display.apply(completed(0), at: .seconds(5))
        #expect(display.running == [key(1): .seconds(1), key(2): .seconds(5)])
        _ = display.apply(.released(key(3)), at: .seconds(6))
        _ = display.apply(completed(1), at: .seconds(7))
        #expect(display.running == [key(2): .seconds(5)])
    }

    @Test(arguments: [
        (StopSignal.Level.none, 2, "Stopping after a failure: 2 running partitions will be finished first."),
        (.drain, 1, "Stopping: 1 running partition will be finished first. Ctrl-C again stops at once."),
        (.drain, 0, "Stopping. Ctrl-C again stops at once."),
        (.abort, 2, "Stopping at once; what was running is given back. Ctrl-C again ends the process."),
    ])
    func `A stop says what it means and what comes next`(level: StopSignal.Level, count: Int, text: String) {
        var display = ProgressDisplay(job: "orders", total: 10)
        display.stopLevel = { level }
        #expect(display.apply(.stopping(running: count), at: .zero) == [text])
    }

    @Test func `Nothing is foretold before three partitions are done`() {
        var display = ProgressDisplay(job: "orders", total: 10)
        for number in 0..<2 { _ = display.apply(completed(number), at: .seconds(1)) }
        #expect(display.line(at: .seconds(2)) == "orders: 2/10 20%, 8 left")
    }

    @Test func `A retried, lost or released partition is not running and not done`() {
        var display = ProgressDisplay(job: "orders", total: 3)
        let endings: [BackfillEvent] = [
            .retrying(key(0), attempt: 1, error: "x", after: .seconds(2)), .lost(key(0)), .released(key(0)),
        ]
        for ending in endings {
            _ = display.apply(.claimed(key(0), attempt: 1, takenOver: false), at: .zero)
            #expect(display.running.count == 1)
            _ = display.apply(ending, at: .seconds(1))
            #expect(display.running.isEmpty)
            #expect(display.done == 0)
        }
    }

    @Test func `The rate is that of the last minute`() {
        var rate = ProgressRate()
        for second in 0..<100 { rate.finish(at: .seconds(second)) }
        for number in 0..<600 { rate.finish(at: .milliseconds(100_000 + number * 100)) }
        let perSecond = rate.perSecond(at: .seconds(160)) ?? 0
        #expect((9.5...10.5).contains(perSecond))
        // Long after the last end the pace of the whole run is all that is known.
        #expect(abs((rate.perSecond(at: .seconds(1000)) ?? 0) - 0.7) < 0.01)
    }

    @Test(arguments: [20, 40, 60, 80, 200])
    func `No line of the display is wider than the terminal`(width: Int) {
        var display = ProgressDisplay(job: "a_job_with_a_rather_long_name", total: 1_000_000)
        for number in 0..<20 {
            _ = display.apply(.claimed(key(number), attempt: 1, takenOver: false), at: .seconds(number))
        }
        for number in 0..<5 { _ = display.apply(completed(number), at: .seconds(30)) }
        _ = display.apply(.ledgerUnavailable(message: String(repeating: "long ", count: 60)), at: .seconds(31))
        let frame = display.frame(at: .seconds(40), width: width)
        #expect(frame.count == 3)
        for line in frame { #expect(line.count <= width) }
    }

    @Test func `The display shows a bar and the longest running partitions`() throws {
        var display = ProgressDisplay(job: "orders", total: 10)
        for number in 0..<6 {
            _ = display.apply(.claimed(key(number), attempt: 1, takenOver: false), at: .seconds(number))
        }
        for number in 6..<10 { _ = display.apply(completed(number), at: .seconds(8)) }
        let text = display.frame(at: .seconds(10), width: 100).joined(separator: "\n") + "\n"
        try GoldenFile.expect(text, equals: "progress.txt")
    }

    @Test func `A lost ledger is told once and stays on the display until it is back`() {
        var display = ProgressDisplay(job: "orders", total: 10)
        #expect(display.apply(.ledgerUnavailable(message: "gone"), at: .zero).count == 1)
        #expect(display.frame(at: .zero, width: 80).contains { $0.contains("waiting for the ledger: gone") })
        #expect(display.apply(.ledgerAvailable, at: .zero) == ["The ledger answers again."])
        #expect(display.frame(at: .zero, width: 80).count == 1)
    }

    @Test func `Lines in a log come soon, then less and less often`() {
        var schedule = LineSchedule()
        let due = (0...300).filter { schedule.isDue(at: .seconds($0)) }
        #expect(due.first == 1)
        #expect(due.count == 30)
        #expect(zip(due, due.dropFirst()).map { $1 - $0 }.max() == 30)
    }
}
