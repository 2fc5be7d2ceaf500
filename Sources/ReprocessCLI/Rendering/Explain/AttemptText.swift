internal import PartitionBackfill
internal import Partitions
internal import ProgressStore

/// One attempt of a partition's life, for people.
struct AttemptText {
    let history: PartitionHistory
    /// The attempt's place.
    let index: Int
    var style = Style.plain
    var paths = MessagePaths.unchanged

    private var attempt: AttemptRow { history.attempts[index] }
    private var judged: Judged? { history.judged[attempt.fence] }

    var text: String {
        ([head, body] + sources + cost + numbers + findings + error).map { $0 + "\n" }.joined()
    }

    private var head: String {
        let duration = TimeText.elapsed(from: attempt.startedAt, to: attempt.endedAt ?? history.now)
        let unchanged = attempt.wasUnchanged ? " (unchanged)" : ""
        return
            "  \(TimeText.describe(attempt.startedAt))  \(outcome)\(unchanged) after \(DurationText.describe(duration))"
            + purpose
    }

    /// What the attempt was for, where it was not to make the partition from its sources.
    private var purpose: String {
        let origin = attempt.originFence.map { " of fence \($0)" } ?? ""
        switch attempt.kind {
        case .run: return ""
        case .approve: return ", publishing what was held\(origin)"
        case .undo: return ", putting back what was there before\(attempt.originFence.map { " fence \($0)" } ?? "")"
        }
    }

    private var body: String {
        let host = attempt.host.map { attempt.worker.hasPrefix($0) ? "" : " on \($0)" } ?? ""
        let run = attempt.run.map { ", run \($0)" } ?? ""
        // Where it was judged, the rows are told beside those before.
        let rows = judged?.new == nil ? attempt.rowsWritten.map { ", \(NumberText.grouped($0)) rows" } ?? "" : ""
        let version = attempt.transformVersion.map { ", transform \($0)" } ?? ""
        return
            "    attempt \(attempt.attempt), fence \(attempt.fence)\(run), by \(attempt.worker)\(host)\(rows)\(version)"
    }

    /// The tables that the attempt read, a line each.
    private var sources: [String] {
        attempt.sourceVersions.sorted { $0.key < $1.key }
            .map { "    read version \($0.value) of \(paths.shortened($0.key))" }
    }

    /// What the attempt took, as far as it is known.
    private var cost: [String] {
        let cost = attempt.cost
        let parts = [
            cost.rowsRead.map { "\(NumberText.grouped($0)) rows read" },
            cost.bytesRead.map { "\(ByteCountText.describe($0)) of sources" },
            cost.engineSeconds.map { "\(ReportWords.time($0)) in the engine" },
        ].compactMap { $0 }
        return parts.isEmpty ? [] : ["    took " + parts.joined(separator: ", ")]
    }

    /// Rows and bytes, and how many columns differ from what was there.
    private var numbers: [String] {
        guard let judged, judged.new != nil else { return [] }
        let size = SizeText.describe(old: judged.old, new: judged.new)
        guard judged.old != nil, judged.isMeasured, !attempt.wasUnchanged else { return ["    \(size)"] }
        let columns = judged.columns.count(where: \.isDifferent)
        return ["    \(size); \(NumberText.counted(columns, "column")) differ\(columns == 1 ? "s" : "")"]
    }

    private var findings: [String] {
        judged.map { FindingText(style: style).lines($0.findings, indent: 4) } ?? []
    }

    /// The attempt's error, in full where neither the partition nor the attempt before it has the same one.
    private var error: [String] {
        // A violated audit has been told above.
        guard let error = judged?.besideFindings(attempt.errorMessage) ?? (judged == nil ? attempt.errorMessage : nil)
        else { return [] }
        if index > 0, history.attempts[index - 1].errorMessage == attempt.errorMessage {
            return ["    " + style.dim("the same error")]
        }
        // What stands at the top, as long as it may be, stands there once.
        if attempt.outcome == "FAILED", attempt.errorMessage == history.row?.errorMessage {
            return ["    " + style.dim("the error above")]
        }
        let text = paths.shortened(error).indentedLines
        return ["    " + (attempt.outcome == "HELD" ? style.yellow(text) : style.red(text))]
    }

    private var outcome: String {
        switch attempt.outcome {
        case "COMPLETE", "ADOPTED": style.green(attempt.outcome)
        case "FAILED", "RETRY": style.red(attempt.outcome)
        case "LOST", "HELD": style.yellow(attempt.outcome)
        default: attempt.outcome
        }
    }
}
