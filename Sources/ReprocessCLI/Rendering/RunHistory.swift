internal import Foundation
internal import Partitions
internal import ProgressStore

/// Runs of the history, newest first.
struct RunHistory: Sendable {
    let runs: [RunRow]
    /// Those whose processes are at work.
    let live: Set<Int64>
    let now: Date

    func course(of run: RunRow) -> RunCourse { RunCourse(run, isLive: live.contains(run.id)) }

    /// How long a run took, or has been running; nil where nobody knows when it ended.
    func duration(of run: RunRow) -> Duration? {
        if course(of: run) == .gone { return nil }
        return TimeText.elapsed(from: run.startedAt, to: run.endedAt ?? now)
    }
}

/// The history for people: a line for each run.
struct RunHistoryText {
    let history: RunHistory
    let width: Int
    var style = Style.plain

    private static let columns: [TextTable.Column] = [
        .init(title: "run", alignment: .right), .init(title: "job", narrowest: 8), .init(title: "range"),
        .init(title: "began"), .init(title: "took", alignment: .right), .init(title: "outcome"),
        .init(title: "complete", alignment: .right), .init(title: "failed", alignment: .right),
        .init(title: "by", narrowest: 12), .init(title: "why", narrowest: 8),
    ]

    var text: String {
        TextTable(columns: Self.columns, rows: history.runs.map(cells), width: width, indent: 0, style: style).lines
            .map { $0 + "\n" }.joined()
    }

    private func cells(of run: RunRow) -> [String] {
        let ends = [run.firstKey, run.lastKey].compactMap { $0?.description }
        return [
            "\(run.id)", run.job, ends.first == ends.last ? ends.first ?? "none" : ends.joined(separator: " to "),
            TimeText.describe(run.startedAt), history.duration(of: run).map(DurationText.describe) ?? "?",
            history.course(of: run).word,
            run.complete.map { NumberText.grouped($0) + " of \(NumberText.grouped(run.planned))" }
                ?? "of \(NumberText.grouped(run.planned))",
            run.failed.map { NumberText.grouped($0) } ?? "", "\(run.worker) (\(run.databaseUser))",
            (run.reason ?? "").visible,
        ]
    }
}

/// The history for programs.
enum RunHistoryJSON {
    static func line(for history: RunHistory) -> String {
        JSONValue.object(["runs": .array(history.runs.map { value(of: $0, in: history) })]).text + "\n"
    }

    private static func value(of run: RunRow, in history: RunHistory) -> JSONValue {
        .object([
            "run": .integer(run.id), "job": .text(run.job), "from": .optional(run.firstKey?.description),
            "to": .optional(run.lastKey?.description), "planned": .integer(run.planned),
            "complete": .optional(run.complete), "failed": .optional(run.failed), "skipped": .optional(run.skipped),
            "started_at": .text(TimeText.machineReadable(run.startedAt)),
            "ended_at": .optional(run.endedAt.map(TimeText.machineReadable)),
            "seconds": history.duration(of: run).map { .number($0.seconds) } ?? .null,
            "outcome": .optional(run.outcome), "live": .bool(history.live.contains(run.id)),
            "control": .text(run.control), "worker": .text(run.worker), "database_user": .text(run.databaseUser),
            "table": .optional(run.tableIdentity), "transform_version": .text(run.transformVersion),
            "options": .text(run.options), "reason": .optional(run.reason),
        ])
    }
}
