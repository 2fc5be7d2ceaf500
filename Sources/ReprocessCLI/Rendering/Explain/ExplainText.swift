internal import Foundation
internal import PartitionBackfill
internal import Partitions
internal import ProgressStore

/// The life of a partition for people.
struct ExplainText {
    let history: PartitionHistory
    var style = Style.plain
    /// How paths are shown in errors.
    var paths = MessagePaths.unchanged

    var text: String {
        guard let row = history.row else {
            return "\(title): the ledger does not know it; 'run' would run it as missing.\n" + story
        }
        let lines = ["\(title): \(style.bold(row.status.rawValue))\(since(row))"] + details(of: row)
        return lines.joined(separator: "\n  ") + "\n" + story + undo
    }

    private var title: String { "\(history.job) \(history.key)" }

    private func since(_ row: ProgressRow) -> String {
        let moment = row.status == .running ? row.startedAt : row.completedAt
        return moment.map { " since \(TimeText.describe($0))" } ?? ""
    }

    private func details(of row: ProgressRow) -> [String] {
        var lines: [String] = []
        if row.fence == 0, row.status == .complete {
            lines.append("marked by hand; it counts for every version of the transform")
        }
        if row.isLeaseExpired { lines.append("its worker is lost; the next run takes it over") }
        if row.status == .running, let worker = row.worker { lines.append("worker: \(worker)") }
        if let rows = row.rowsWritten {
            lines.append(
                "rows: \(NumberText.grouped(rows))" + (row.bytesWritten.map { ", \(ByteCountText.describe($0))" } ?? "")
            )
        }
        if let version = row.transformVersion { lines.append("transform: \(version)\(staleness(version, row.status))") }
        if let version = row.tableVersion { lines.append("table: \(version)") }
        if let error = row.errorMessage { lines.append(label(of: row) + paths.shortened(error).indentedLines) }
        return lines
    }

    private func label(of row: ProgressRow) -> String {
        row.status == .held ? style.yellow("held: ") : style.red("error: ")
    }

    private func staleness(_ version: String, _ status: Status) -> String {
        guard status == .complete else { return "" }
        return version == history.transformVersion
            ? " (the job's own)"
            : style.yellow(" (stale: the job's is \(history.transformVersion); 'run' would run it)")
    }

    private var story: String {
        guard !history.attempts.isEmpty || !history.decisions.isEmpty else { return "No attempt was ever made.\n" }
        let events = history.events.map { event in
            switch event {
            case .attempt(let index): AttemptText(history: history, index: index, style: style, paths: paths).text
            case .decision(let decision): describe(decision)
            }
        }
        return "What happened, oldest first:\n" + events.joined()
    }

    private func describe(_ decision: DecisionRow) -> String {
        let word =
            switch decision.kind {
            case .approve: style.green("APPROVED")
            case .reject: style.yellow("REJECTED")
            case .undo: style.yellow("UNDO")
            }
        let user = decision.user.hasPrefix(decision.databaseUser) ? "" : " (\(decision.databaseUser) in the database)"
        return "  \(TimeText.describe(decision.decidedAt))  \(word) by \(decision.user)\(user): \(decision.reason)\n"
            + "    about fence \(decision.originFence)\n"
    }

    private var undo: String {
        switch history.undo {
        case .wouldPutBack?, .wouldEmpty?, .gone?, .refused?, .failed?:
            history.undo.map { "Undo: \(UndoText(style: style, paths: paths).describe($0)).\n" } ?? ""
        case .putBack?, .emptied?, .nothingToUndo?, nil: ""
        }
    }
}
