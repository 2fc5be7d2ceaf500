internal import Lakehouse
internal import PartitionBackfill
internal import Partitions

/// What undo would do, and did, for people.
struct UndoText {
    /// What goes sooner than this is worth a colour.
    private static let soon = Duration.seconds(86_400)

    var style = Style.plain
    /// How paths are shown in errors.
    var paths = MessagePaths.unchanged

    /// A line for one partition.
    func line(_ key: PartitionKey, _ outcome: UndoOutcome) -> String { "\(key)  \(describe(outcome))\n" }

    /// What became of it, without the partition.
    func describe(_ outcome: UndoOutcome) -> String {
        switch outcome {
        case .wouldPutBack(let restoration): return "would be put back: \(size(restoration))\(limit(restoration))"
        case .putBack(let restoration): return style.green("put back") + ": \(size(restoration))"
        case .wouldEmpty: return "would be without rows: nothing was there before"
        case .emptied: return style.green("put back") + ": nothing was there before, and it is without rows now"
        case .nothingToUndo(let reason): return style.dim("nothing to undo") + because(reason)
        case .refused(let reason): return style.red("refused") + because(reason)
        case .gone(let reason): return style.red("cannot be put back") + because(reason)
        case .failed(let error): return style.red("failed") + because(error)
        }
    }

    private func because(_ text: String) -> String { ": \(paths.shortened(text).indentedLines)" }

    private func size(_ restoration: Restoration) -> String {
        let summary = PartitionSummary(rows: restoration.rows, bytes: restoration.bytes)
        let version = restoration.transformVersion.map { ", transform \($0)" } ?? ""
        return SizeText.describe(old: nil, new: summary) + version
    }

    private func limit(_ restoration: Restoration) -> String {
        switch restoration.expiry {
        case .cleaning: return ", until 'clean' removes it"
        case .unknown: return ", for nobody knows how long"
        case .after(.zero): return ", possible \(style.yellow("until anybody cleans up the table"))"
        case .after(let time):
            let text = "for another \(DurationText.describe(time))"
            return ", possible \(time < Self.soon ? style.yellow(text) : text)"
        }
    }
}

extension UndoOutcome {
    /// The word for programs.
    var word: String {
        switch self {
        case .wouldPutBack: "would_put_back"
        case .putBack: "put_back"
        case .wouldEmpty: "would_empty"
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
        case .wouldPutBack, .putBack, .wouldEmpty, .emptied, .nothingToUndo: true
        case .refused, .gone, .failed: false
        }
    }
}

/// The same for programs.
enum UndoJSON {
    static func line(for report: UndoReport, job: String, isDryRun: Bool) -> String {
        JSONValue.object([
            "job": .text(job), "run": .optional(report.run), "dry_run": .bool(isDryRun),
            "partitions": .array(report.entries.map(partition)),
        ]).text + "\n"
    }

    private static func partition(_ entry: UndoReport.Entry) -> JSONValue {
        var members = members(of: entry.outcome)
        members["partition"] = .text(entry.key.description)
        return .object(members)
    }

    /// What became, or would become, of one partition.
    static func outcome(_ outcome: UndoOutcome) -> JSONValue { .object(members(of: outcome)) }

    private static func members(of outcome: UndoOutcome) -> [String: JSONValue] {
        var members: [String: JSONValue] = ["outcome": .text(outcome.word)]
        switch outcome {
        case .wouldPutBack(let restoration), .putBack(let restoration):
            members.merge(self.members(of: restoration)) { first, _ in first }
        case .nothingToUndo(let text), .refused(let text), .gone(let text), .failed(let text):
            members["detail"] = .text(text)
        case .emptied, .wouldEmpty: break
        }
        return members
    }

    private static func secondsLeft(_ expiry: ReplacedGeneration.Expiry) -> JSONValue {
        if case .after(let time) = expiry { return .number(time.seconds) }
        return .null
    }

    private static func members(of restoration: Restoration) -> [String: JSONValue] {
        [
            "rows": .optional(restoration.rows), "bytes": .integer(restoration.bytes),
            "files": .integer(restoration.files), "table_version": .text(restoration.version),
            "transform_version": .optional(restoration.transformVersion),
            "undone_fence": .integer(restoration.undoneFence),
            "seconds_left": secondsLeft(restoration.expiry),
        ]
    }
}
