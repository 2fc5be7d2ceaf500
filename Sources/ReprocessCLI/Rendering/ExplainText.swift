internal import Foundation
internal import Partitions
internal import ProgressStore

/// All that the ledger knows of one partition.
struct PartitionHistory: Sendable {
    let job: String
    let key: PartitionKey
    /// The version of the job's transform as it is now.
    let transformVersion: String
    /// Its row; nil where nobody planned or marked it.
    let row: ProgressRow?
    let attempts: [AttemptRow]
    let now: Date
}

/// The life of a partition for people.
struct ExplainText {
    let history: PartitionHistory
    var style = Style.plain
    /// How paths are shown in errors.
    var paths = MessagePaths.unchanged

    var text: String {
        guard let row = history.row else {
            return "\(title): the ledger does not know it; 'run' would run it as missing.\n" + attempts
        }
        let lines = ["\(title): \(style.bold(row.status.rawValue))\(since(row))"] + details(of: row)
        return lines.joined(separator: "\n  ") + "\n" + attempts
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
        if let error = row.errorMessage { lines.append(style.red("error: ") + paths.shortened(error).indentedLines) }
        return lines
    }

    private func staleness(_ version: String, _ status: Status) -> String {
        guard status == .complete else { return "" }
        return version == history.transformVersion
            ? " (the job's own)"
            : style.yellow(" (stale: the job's is \(history.transformVersion); 'run' would run it)")
    }

    private var attempts: String {
        guard !history.attempts.isEmpty else { return "No attempt was ever made.\n" }
        return "Attempts, oldest first:\n" + history.attempts.indices.map(line).joined()
    }

    private func line(_ index: Int) -> String {
        let attempt = history.attempts[index]
        let duration = TimeText.elapsed(from: attempt.startedAt, to: attempt.endedAt ?? history.now)
        let host = attempt.host.map { attempt.worker.hasPrefix($0) ? "" : " on \($0)" } ?? ""
        let run = attempt.run.map { ", run \($0)" } ?? ""
        let rows = attempt.rowsWritten.map { ", \(NumberText.grouped($0)) rows" } ?? ""
        let head =
            "  \(TimeText.describe(attempt.startedAt))  \(outcome(attempt)) after \(DurationText.describe(duration))"
        let version = attempt.transformVersion.map { ", transform \($0)" } ?? ""
        let body =
            "    attempt \(attempt.attempt), fence \(attempt.fence)\(run), by \(attempt.worker)\(host)\(rows)\(version)"
        let error = error(of: index).map { "    \($0)\n" } ?? ""
        return "\(head)\n\(body)\n\(sources(of: attempt))\(error)"
    }

    /// The tables that the attempt read, a line each.
    private func sources(of attempt: AttemptRow) -> String {
        attempt.sourceVersions.sorted { $0.key < $1.key }
            .map { "    read version \($0.value) of \(paths.shortened($0.key))\n" }.joined()
    }

    /// The attempt's error, in full where the attempt before it had another one.
    private func error(of index: Int) -> String? {
        guard let error = history.attempts[index].errorMessage else { return nil }
        if index > 0, history.attempts[index - 1].errorMessage == error { return style.dim("the same error") }
        return style.red(paths.shortened(error).indentedLines)
    }

    private func outcome(_ attempt: AttemptRow) -> String {
        switch attempt.outcome {
        case "COMPLETE", "ADOPTED": style.green(attempt.outcome)
        case "FAILED", "RETRY": style.red(attempt.outcome)
        case "LOST": style.yellow(attempt.outcome)
        default: attempt.outcome
        }
    }
}

/// The life of a partition for programs.
enum ExplainJSON {
    static func line(for history: PartitionHistory) -> String {
        JSONValue.object([
            "job": .text(history.job), "partition": .text(history.key.description),
            "transform_version": .text(history.transformVersion),
            "current": history.row.map(StatusJSON.row) ?? .null, "attempts": .array(history.attempts.map(attempt)),
        ]).text + "\n"
    }

    private static func attempt(_ attempt: AttemptRow) -> JSONValue {
        .object([
            "attempt": .integer(attempt.attempt), "fence": .integer(attempt.fence), "run": .optional(attempt.run),
            "worker": .text(attempt.worker), "host": .optional(attempt.host),
            "started_at": .text(TimeText.machineReadable(attempt.startedAt)),
            "ended_at": .optional(attempt.endedAt.map(TimeText.machineReadable)), "outcome": .text(attempt.outcome),
            "error": .optional(attempt.errorMessage), "rows": .optional(attempt.rowsWritten),
            "bytes": .optional(attempt.bytesWritten), "transform_version": .optional(attempt.transformVersion),
            "table_version": .optional(attempt.tableVersion),
            "source_versions": .object(attempt.sourceVersions.mapValues { .integer($0) }),
        ])
    }
}
