import Foundation
import Lakehouse
import PartitionBackfill
import Partitions
import ProgressStore
import Testing
import Transforms

@testable import ReprocessCLI

/// What is told of runs, decisions and undos afterwards.
@Suite struct JudgingTextTests {
    private static let now = Date(timeIntervalSince1970: 1_719_835_203)

    private static func key(_ day: Int) -> PartitionKey { PartitionKey(granularity: .day, ordinal: 19_787 + day) }

    private static func judged(
        _ day: Int, fence: Int64 = 31, kind: AttemptKind = .run, outcome: String = "COMPLETE",
        wasUnchanged: Bool = false, reason: String? = nil, old: Int64? = 612, new: Int64? = 540,
        findings: [AuditFinding] = []
    ) -> Judged {
        Judged(
            key: key(day), fence: fence, run: 7, kind: kind, outcome: outcome, wasUnchanged: wasUnchanged,
            reason: reason, transformVersion: "4f2a", old: old.map { PartitionSummary(rows: $0, bytes: 23_400) },
            new: new.map { PartitionSummary(rows: $0, bytes: 20_100) }, findings: findings)
    }

    private static let drop = AuditFinding(
        audit: "row_count_drop", severity: .hold, hasPassed: false, count: 72, message: "72 of 612 rows are gone")

    private static let undos: [UndoOutcome] = {
        func restoration(_ expiry: ReplacedGeneration.Expiry) -> Restoration {
            Restoration(
                undoneFence: 31, version: "20-a", transformVersion: "3e1f", rows: 612, bytes: 23_400, files: 2,
                expiry: expiry)
        }
        return [
            .wouldPutBack(restoration(.cleaning)), .wouldPutBack(restoration(.after(.seconds(90_000)))),
            .wouldPutBack(restoration(.after(.zero))), .wouldPutBack(restoration(.unknown)),
            .putBack(restoration(.cleaning)), .wouldEmpty, .emptied, .nothingToUndo(reason: "It was unchanged."),
            .refused(reason: "Others have changed it since."), .gone(reason: "'clean' has removed it."),
            .failed(error: "No space.\nMore."),
        ]
    }()

    @Test func `Each end of an undo has a line of its own`() throws {
        let text = Self.undos.enumerated().map { UndoText().line(Self.key($0), $1) }.joined()
        try GoldenFile.expect(text, equals: "undo.txt")
        let report = UndoReport(run: 8, entries: Self.undos.enumerated().map { .init(Self.key($0), $1) })
        try GoldenFile.expect(UndoJSON.line(for: report, job: "orders", isDryRun: false), equals: "undo.json")
        #expect(Self.undos.map(\.isAsAsked) == Array(repeating: true, count: 8) + [false, false, false])
    }

    private static func attempt(
        _ fence: Int64, at seconds: Double, outcome: String, kind: AttemptKind = .run, origin: Int64? = nil,
        wasUnchanged: Bool = false, error: String? = nil
    ) -> AttemptRow {
        AttemptRow(
            fence: fence, claimID: UUID(), attempt: 1, run: fence, worker: "alpha:41:1f", host: "alpha",
            startedAt: now.addingTimeInterval(seconds), endedAt: now.addingTimeInterval(seconds + 2), outcome: outcome,
            errorMessage: error, rowsWritten: 540, bytesWritten: 20_100, transformVersion: "4f2a", tableVersion: nil,
            kind: kind, originFence: origin, wasUnchanged: wasUnchanged)
    }

    private static func decision(_ kind: DecisionKind, about fence: Int64, at seconds: Double) -> DecisionRow {
        DecisionRow(
            kind: kind, key: key(0), originFence: fence, newFence: fence + 1, user: "ann@alpha", databaseUser: "etl",
            decidedAt: now.addingTimeInterval(seconds), reason: "checked with sales")
    }

    @Test func `A life is told in order, decisions before what they led to`() throws {
        var history = PartitionHistory(
            job: "orders", key: Self.key(0), transformVersion: "4f2a",
            row: ProgressRow(
                key: Self.key(0), status: .complete, attempt: 1, fence: 33, completedAt: Self.now, rowsWritten: 612,
                bytesWritten: 23_400, transformVersion: "3e1f", tableVersion: "33-c"),
            attempts: [
                Self.attempt(
                    31, at: -90, outcome: "HELD", error: "row_count_drop: 72 of 612 rows are gone"),
                Self.attempt(32, at: -60, outcome: "COMPLETE", kind: .approve, origin: 31),
                Self.attempt(33, at: -30, outcome: "COMPLETE", kind: .undo, origin: 32),
                Self.attempt(34, at: -10, outcome: "COMPLETE", wasUnchanged: true),
            ], now: Self.now)
        history.decisions = [
            Self.decision(.approve, about: 31, at: -60), Self.decision(.undo, about: 32, at: -30),
            Self.decision(.reject, about: 30, at: -100),
        ]
        history.judged = [
            31: Self.judged(0, fence: 31, outcome: "HELD", findings: [Self.drop]),
            33: Self.judged(0, fence: 33, kind: .undo, old: 540, new: 612),
            34: Self.judged(0, fence: 34, wasUnchanged: true, old: 612, new: 612),
        ]
        history.undo = Self.undos[0]
        try GoldenFile.expect(ExplainText(history: history).text, equals: "explain-decided.txt")
        #expect(
            history.events.map { event -> String in
                switch event {
                case .attempt(let index): String(history.attempts[index].fence)
                case .decision(let decision): decision.kind.rawValue
                }
            } == ["REJECT", "31", "APPROVE", "32", "UNDO", "33", "34"])
    }

    @Test func `A summary says what is held, and how to decide`() throws {
        let report = BackfillReport(
            run: 7, complete: 170, completedElsewhere: 20, failed: [:], held: 3, skipped: 1, cancelled: 0,
            remaining: 0, wasStopped: false, rows: 1000, bytes: 2000, duration: .seconds(3),
            heldPartitions: [
                Self.key(0): "row_count_drop: 72 of 612 rows are gone", Self.key(3): "It would be empty.",
            ],
            unchanged: 12, changed: PartitionSet(granularity: .day, keys: [Self.key(9)]))
        var summary = RunSummary(
            report: report, job: "orders", retryCommand: "", resumeCommand: "",
            decisionCommands: ["reprocess diff --held", "reprocess approve --all --reason '…'"])
        try GoldenFile.expect(summary.text, equals: "summary-held.txt")
        summary.isCanary = true
        #expect(!summary.text.contains("HELD"))
        let line = RunEventJSON.line(for: report)
        #expect(line.contains(#""changed":["2024-03-14"]"#))
        #expect(line.contains(#""held_partitions":[{"partition":"2024-03-05","#))
        #expect(RunEventJSON.line(for: report, isCanary: true).contains(#""event":"canary_finished""#))
    }

    @Test func `What is held and warned of is told while a run runs`() {
        var display = ProgressDisplay(job: "orders", total: 3)
        var warning = Self.drop
        warning.severity = .warn
        let events: [BackfillEvent] = [
            .held(Self.key(0), reason: "It would be empty."), .held(Self.key(1), reason: "It would be empty."),
            .audited(Self.key(2), findings: [warning]),
        ]
        #expect(
            events.flatMap { display.apply($0, at: .zero) } == [
                "2024-03-05 HELD: It would be empty.", "2024-03-06 HELD: the same reason as 2024-03-05",
                "2024-03-07 warning: row_count_drop: 72 of 612 rows are gone",
            ])
        #expect(display.line(at: .zero) == "orders: 2/3 66%, 2 held, 1 left")
    }

    @Test func `Only what holds speaks against a canary`() {
        var warning = Self.drop
        warning.severity = .warn
        #expect(CanaryObjection.all(in: [Self.judged(0, findings: [warning])]).isEmpty)
        #expect(CanaryObjection.all(in: [Self.judged(0, new: 0)]) == ["2024-03-05  it would become empty"])
        #expect(CanaryObjection.all(in: [Self.judged(0, old: 0, new: 0)]).isEmpty)
        #expect(
            CanaryObjection.all(in: [Self.judged(0, findings: [Self.drop])]) == [
                "2024-03-05  hold  row_count_drop: 72 of 612 rows are gone"
            ])
    }
}
