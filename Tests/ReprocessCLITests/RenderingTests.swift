import Foundation
import PartitionBackfill
import Partitions
import ProgressStore
import Testing

@testable import ReprocessCLI

@Suite struct RenderingTests {
    private static let now = Date(timeIntervalSince1970: 1_719_835_203)

    private func day(_ text: String) throws -> PartitionKey { try PartitionKey(parsing: text, as: .day) }

    private func range(_ first: String, _ last: String) throws -> PartitionRange {
        try PartitionRange(from: day(first), through: day(last))
    }

    private func plan() throws -> BackfillPlan {
        BackfillPlan(
            job: "orders", range: try range("2024-01-01", "2024-06-30"),
            segments: [
                .init(range: try range("2024-01-01", "2024-03-31"), reason: .missing),
                .init(range: try range("2024-04-01", "2024-04-01"), reason: .failed),
                .init(range: try range("2024-04-02", "2024-06-28"), reason: .complete),
                .init(range: try range("2024-06-29", "2024-06-29"), reason: .runningElsewhere),
                .init(range: try range("2024-06-30", "2024-06-30"), reason: .staleTransform),
            ], fence: 7)
    }

    @Test func `A plan is shown as ranges with their reasons`() throws {
        try GoldenFile.expect(PlanText(plan: try plan()).text, equals: "plan.txt")
        try GoldenFile.expect(
            PlanText(plan: try plan(), style: Style(isEnabled: true)).text, equals: "plan-colours.txt")
    }

    @Test func `A plan in many pieces is summed up by reason`() throws {
        let first = try day("2024-01-01")
        let segments = (0..<100).map { number -> BackfillPlan.Segment in
            let key = first.advanced(by: number)
            let range = PartitionRange(granularity: .day, ordinals: key.ordinal..<(key.ordinal + 1))
            return .init(range: range, reason: number.isMultiple(of: 2) ? .missing : .complete)
        }
        let plan = BackfillPlan(
            job: "orders", range: try range("2024-01-01", "2024-04-09"), segments: segments, fence: 0)
        try GoldenFile.expect(PlanText(plan: plan).text, equals: "plan-pieces.txt")
    }

    @Test func `Every partition of a plan has a line where it is asked for`() throws {
        var lines: [String] = []
        try PlanText(plan: try plan()).writePartitions { lines.append($0) }
        #expect(lines.count == 182)
        #expect(lines.first == "2024-01-01  run   missing\n")
        #expect(lines.last == "2024-06-30  run   stale transform\n")
    }

    @Test func `A plan as JSON has the agreed shape`() throws {
        var text = ""
        try PlanJSON(plan: try plan()).write { text += $0 }
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(object.keys.sorted() == ["counts", "from", "job", "partitions", "to"])
        #expect(object["from"] as? String == "2024-01-01")
        #expect(object["to"] as? String == "2024-06-30")
        let partitions = try #require(object["partitions"] as? [[String: String]])
        #expect(partitions.count == 182)
        #expect(partitions.first == ["partition": "2024-01-01", "action": "run", "reason": "missing"])
        #expect(partitions[180] == ["partition": "2024-06-29", "action": "skip", "reason": "running elsewhere"])
        #expect((object["counts"] as? [String: Int])?["complete"] == 88)
    }

    @Test func `A plan of a million partitions is written in small pieces`() throws {
        let hours = PartitionRange(granularity: .hour, ordinals: 0..<1_000_000)
        let plan = BackfillPlan(job: "j", range: hours, segments: [.init(range: hours, reason: .missing)], fence: 0)
        var pieces = 0
        var longest = 0
        try PlanJSON(plan: plan).write { piece in
            pieces += 1
            longest = max(longest, piece.utf8.count)
        }
        #expect(pieces > 1_000_000)
        #expect(longest < 1000)
    }

    private func status() throws -> StatusReport {
        StatusReport(
            job: "orders", range: try range("2024-01-01", "2024-06-30"),
            counts: [.complete: 120, .running: 2, .pending: 48, .failed: 3], perMinute: 12.5,
            running: [
                ProgressRow(
                    key: try day("2024-05-01"), status: .running, attempt: 1, fence: 171, worker: "alpha:41:1f",
                    startedAt: Self.now.addingTimeInterval(-12)),
                ProgressRow(
                    key: try day("2024-05-02"), status: .running, attempt: 1, fence: 172, worker: "beta:7:2e",
                    isLeaseExpired: true, startedAt: Self.now.addingTimeInterval(-4000)),
            ],
            failed: [
                ProgressRow(
                    key: try day("2024-02-03"), status: .failed, attempt: 2, fence: 34, completedAt: Self.now,
                    errorMessage: "No file matches 'data/2024-02-03.csv'.\nMore about it.")
            ], held: [], now: Self.now)
    }

    @Test func `A status tells counts, pace, what runs and what failed`() throws {
        try GoldenFile.expect(StatusText(report: try status()).text, equals: "status.txt")
        try GoldenFile.expect(StatusJSON.line(for: try status()), equals: "status.json")
    }

    @Test func `A status of nothing says so`() {
        let report = StatusReport(
            job: "orders", range: nil, counts: [:], perMinute: nil, running: [], failed: [], held: [], now: Self.now)
        #expect(
            StatusText(report: report).text
                == "orders: the ledger knows no partition of it yet; the first 'run' plans them.\n")
    }

    private func history() throws -> PartitionHistory {
        let attempt = AttemptRow(
            fence: 12, claimID: UUID(), attempt: 1, run: 3, worker: "alpha:41:1f", host: "alpha",
            startedAt: Self.now.addingTimeInterval(-100), endedAt: Self.now.addingTimeInterval(-96.8), outcome: "RETRY",
            errorMessage: "Line 7 of 'data/2024-03-01.csv' has 5 columns.\nExpected: 4", rowsWritten: nil,
            bytesWritten: nil, transformVersion: "a1", tableVersion: nil)
        var second = attempt
        second.fence = 13
        second.attempt = 2
        second.worker = "41:x"
        second.startedAt = Self.now.addingTimeInterval(-60)
        second.endedAt = Self.now.addingTimeInterval(-59)
        second.outcome = "COMPLETE"
        second.errorMessage = nil
        second.rowsWritten = 600
        second.sourceVersions = ["/lake/customers": 3, "/lake/bronze": 12]
        return PartitionHistory(
            job: "orders", key: try day("2024-03-01"), transformVersion: "b2",
            row: ProgressRow(
                key: try day("2024-03-01"), status: .complete, attempt: 2, fence: 13, worker: "41:x",
                completedAt: Self.now.addingTimeInterval(-59), rowsWritten: 600, bytesWritten: 12_345,
                transformVersion: "a1", tableVersion: "13-abc"), attempts: [attempt, second], now: Self.now)
    }

    @Test func `The life of a partition is told from its first attempt`() throws {
        try GoldenFile.expect(ExplainText(history: try history()).text, equals: "explain.txt")
        try GoldenFile.expect(ExplainJSON.line(for: try history()), equals: "explain.json")
    }

    @Test func `A partition that nobody knows has a life too`() throws {
        let history = PartitionHistory(
            job: "orders", key: try day("2024-03-01"), transformVersion: "b2", row: nil, attempts: [], now: Self.now)
        #expect(
            ExplainText(history: history).text
                == "orders 2024-03-01: the ledger does not know it; 'run' would run it as missing.\n"
                + "No attempt was ever made.\n")
    }

    @Test func `A partition marked by hand is told as such`() throws {
        let history = PartitionHistory(
            job: "orders", key: try day("2024-03-01"), transformVersion: "b2",
            row: ProgressRow(key: try day("2024-03-01"), status: .complete), attempts: [], now: Self.now)
        #expect(ExplainText(history: history).text.contains("marked by hand"))
    }

    private func report() throws -> BackfillReport {
        var failed: [PartitionKey: String] = [:]
        for key in try range("2024-02-01", "2024-02-04") { failed[key] = "No file matches 'data/\(key).csv'." }
        failed[try day("2024-05-05")] = "Conversion failed in line 3.\nSee the transform."
        return BackfillReport(
            run: 5, complete: 170, completedElsewhere: 20, failed: failed, held: 0, skipped: 0, cancelled: 0,
            remaining: 7, wasStopped: true, rows: 102_000, bytes: 4_500_000, duration: .seconds(75))
    }

    @Test func `A summary tells each error once and what to do next`() throws {
        let summary = RunSummary(
            report: try report(), job: "orders", retryCommand: "reprocess retry --from 2024-01-01 --to 2024-06-30",
            resumeCommand: "reprocess run --from 2024-01-01 --to 2024-06-30")
        try GoldenFile.expect(summary.text, equals: "summary.txt")
    }

    @Test func `What was told while the run ran is called to mind only`() throws {
        let key = try day("2024-05-05")
        let error = "Conversion failed in line 3, " + String(repeating: "because ", count: 20) + "of it.\nMore."
        var report = try report()
        report.failed = [key: error]
        var summary = RunSummary(report: report, job: "orders", retryCommand: "", resumeCommand: "")
        #expect(summary.failureText == "  FAILED 2024-05-05: \(error.indentedLines)\n")
        summary.told = [FailureSignature(of: error, on: key)]
        #expect(summary.failureText == "  FAILED 2024-05-05: \(error.prefix(89))…\n")
    }

    @Test func `The last event of a run has the agreed shape`() throws {
        try GoldenFile.expect(RunEventJSON.line(for: try report()), equals: "finished.json")
    }

    @Test func `Each event is one line of JSON with its name`() throws {
        let key = try day("2024-01-01")
        let events: [(BackfillEvent, String)] = [
            (.started(run: 5, plan: try plan(), workers: 2), "started"),
            (.claimed(key, attempt: 1, takenOver: false), "claimed"),
            (
                .completed(
                    key, rows: 1, bytes: nil, duration: .milliseconds(1500), wasAdopted: false, tableVersion: "v"),
                "completed"
            ),
            (.retrying(key, attempt: 1, error: "a\nb", after: .seconds(2)), "retrying"),
            (.failed(key, attempt: 2, error: "a"), "failed"), (.lost(key), "lost"), (.released(key), "released"),
            (.finishedElsewhere(key, wasComplete: true), "finished_elsewhere"),
            (.ledgerUnavailable(message: "m"), "ledger_unavailable"), (.ledgerAvailable, "ledger_available"),
            (.stopping(running: 2), "stopping"),
        ]
        var text = ""
        for (event, name) in events {
            let line = RunEventJSON.line(for: event)
            #expect(line.filter(\.isNewline).count == 1)
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(object?["event"] as? String == name)
            text += line
        }
        try GoldenFile.expect(text, equals: "events.json")
    }

    @Test func `A diagnosis marks what is good and what is bad`() throws {
        let diagnosis = Diagnosis(findings: [
            Finding(subject: "configuration", outcome: .good("reprocess.yaml, 1 job")),
            Finding(subject: "engine", outcome: .bad("libduckdb.so is missing.\nRun scripts/setup.")),
            Finding(subject: "orders: transform", outcome: .skipped("not checked without the engine")),
            Finding(subject: "orders: disk", outcome: .warning("120 MB free")),
        ])
        try GoldenFile.expect(diagnosis.text(style: .plain), equals: "doctor.txt")
        try GoldenFile.expect(diagnosis.json, equals: "doctor.json")
    }

    @Test(arguments: [
        (0, 0, false, 0, nil, ExitCode.complete), (1, 0, false, 0, nil, .incomplete), (1, 0, true, 5, nil, .incomplete),
        (0, 1, false, 0, nil, .incomplete), (0, 0, true, 5, nil, .stopped), (0, 0, false, 5, nil, .stopped),
        (0, 0, false, 5, 10, .complete),
    ])
    func `The exit code tells how a run ended`(
        failed: Int, held: Int, stopped: Bool, remaining: Int, limit: Int?, code: ExitCode
    ) throws {
        let key = try day("2024-01-01")
        let report = BackfillReport(
            run: 1, complete: 1, completedElsewhere: 0, failed: failed == 0 ? [:] : [key: "x"], held: 0, skipped: 0,
            cancelled: 0, remaining: remaining, wasStopped: stopped, rows: 0, bytes: 0, duration: .zero)
        #expect(RunExit.code(for: report, heldByPlan: held, limit: limit) == code)
    }
}
