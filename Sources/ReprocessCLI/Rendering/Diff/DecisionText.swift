internal import PartitionBackfill
internal import Partitions
internal import ProgressStore

/// What became of a decision about a partition, for people and for programs.
struct DecisionText {
    var style = Style.plain
    /// How paths are shown in errors.
    var paths = MessagePaths.unchanged

    /// A line; `row` is where the partition stands where it was not held.
    func line(_ key: PartitionKey, _ outcome: DecisionOutcome, row: ProgressRow? = nil) -> String {
        "\(key)  \(describe(outcome, row))\n"
    }

    private func describe(_ outcome: DecisionOutcome, _ row: ProgressRow?) -> String {
        switch outcome {
        case .published(_, let rows):
            let size = rows.map { ": \(NumberText.grouped($0)) row\($0 == 1 ? "" : "s")" } ?? ""
            return style.green("published") + size
        case .rejected: return style.yellow("rejected") + "; what was held is dropped"
        case .changedMeanwhile(let reason):
            return style.red("refused") + ": \(reason.indentedLines); it is PENDING again"
        case .notHeld: return style.red("not held") + ": " + (row.map(standing) ?? "the ledger does not know it")
        case .failed(let error): return style.red("failed") + ": \(paths.shortened(error).indentedLines)"
        }
    }

    private func standing(_ row: ProgressRow) -> String {
        let moment = row.status == .running ? row.startedAt : row.completedAt
        return "it is \(row.status.rawValue)" + (moment.map { " since \(TimeText.describe($0))" } ?? "")
    }
}

extension DecisionOutcome {
    /// The word for programs.
    var word: String {
        switch self {
        case .published: "published"
        case .rejected: "rejected"
        case .changedMeanwhile: "changed_meanwhile"
        case .notHeld: "not_held"
        case .failed: "failed"
        }
    }

    /// What is to be said about it; nil where the word says all.
    var detail: String? {
        switch self {
        case .changedMeanwhile(let text), .failed(let text): text
        case .published, .rejected, .notHeld: nil
        }
    }
}
