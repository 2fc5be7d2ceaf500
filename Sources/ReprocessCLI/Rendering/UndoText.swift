internal import PartitionBackfill
internal import Partitions

/// What undo would do, and did, for people.
struct UndoText {
    var style = Style.plain
    /// How paths are shown in errors.
    var paths = MessagePaths.unchanged

    /// A line for one partition.
    func line(_ key: PartitionKey, _ outcome: UndoOutcome) -> String { "\(key)  \(describe(outcome))\n" }

    private func describe(_ outcome: UndoOutcome) -> String {
        switch outcome {
        case .wouldPutBack(let rows, let bytes, let until):
            let size = SizeText.describe(old: nil, new: PartitionSummary(rows: rows, bytes: bytes, statistics: nil))
            return "would be put back: \(size)" + limit(until)
        case .putBack(_, let rows):
            return style.green("put back") + (rows.map { ": \(NumberText.grouped($0)) row\($0 == 1 ? "" : "s")" } ?? "")
        case .emptied: return style.green("put back") + ": nothing was there before, and nothing is now"
        case .nothingToUndo(let reason): return style.dim("nothing to undo") + ": \(reason)"
        case .refused(let reason): return style.red("refused") + ": \(paths.shortened(reason).indentedLines)"
        case .gone(let reason): return style.red("cannot be put back") + ": \(paths.shortened(reason).indentedLines)"
        case .failed(let error): return style.red("failed") + ": \(paths.shortened(error).indentedLines)"
        }
    }

    private func limit(_ until: Duration?) -> String {
        guard let until else { return "" }
        let soon = until < .seconds(86_400)
        let text = "for another \(DurationText.describe(until))"
        return ", possible \(soon ? style.yellow(text) : text)"
    }
}

extension UndoOutcome {
    /// The word for programs.
    var word: String {
        switch self {
        case .wouldPutBack: "would_put_back"
        case .putBack: "put_back"
        case .emptied: "emptied"
        case .nothingToUndo: "nothing_to_undo"
        case .refused: "refused"
        case .gone: "gone"
        case .failed: "failed"
        }
    }

    /// Whether the partition is now, or would be, as it was before.
    var isAsAsked: Bool {
        switch self {
        case .wouldPutBack, .putBack, .emptied, .nothingToUndo: true
        case .refused, .gone, .failed: false
        }
    }
}

/// The same for programs.
enum UndoJSON {
    static func line(for report: UndoReport, job: String, isDryRun: Bool) -> String {
        JSONValue.object([
            "job": .text(job), "run": .optional(report.run), "dry_run": .bool(isDryRun),
            "partitions": .array(report.outcomes.map { partition($0.0, $0.1) }),
        ]).text + "\n"
    }

    private static func partition(_ key: PartitionKey, _ outcome: UndoOutcome) -> JSONValue {
        var members: [String: JSONValue] = ["partition": .text(key.description), "outcome": .text(outcome.word)]
        switch outcome {
        case .wouldPutBack(let rows, let bytes, let until):
            members["rows"] = .optional(rows)
            members["bytes"] = .optional(bytes)
            members["seconds_left"] = until.map { .number($0.seconds) } ?? .null
        case .putBack(let version, let rows):
            members["rows"] = .optional(rows)
            members["table_version"] = .optional(version)
        case .nothingToUndo(let text), .refused(let text), .gone(let text), .failed(let text):
            members["detail"] = .text(text)
        case .emptied: break
        }
        return .object(members)
    }
}
