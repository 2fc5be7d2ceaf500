internal import PartitionBackfill
internal import ProgressStore
internal import Transforms

/// What became of an attempt, as those see it who read the table.
enum JudgedState: String, Sendable, Hashable, CaseIterable {
    /// The table holds what the attempt made, and held something else before.
    case changed
    /// The table holds what the attempt made, and held nothing before.
    case new
    /// The result was equal to what the table holds; nothing was published.
    case unchanged
    /// The result waits for a decision.
    case held
    /// Nothing was published.
    case failed
    /// Nothing was published, and nothing waits any more: it was rejected, or overtaken by a later attempt.
    case dropped

    /// What became of an attempt that ended so.
    init(outcome: String, wasUnchanged: Bool, hasReplaced: Bool) {
        switch outcome {
        case "COMPLETE", "ADOPTED": self = wasUnchanged ? .unchanged : hasReplaced ? .changed : .new
        case "HELD": self = .held
        case "FAILED", "RETRY": self = .failed
        default: self = .dropped
        }
    }
}

extension Judged {
    /// The outcome of an attempt that was held and is no more.
    static let dropped = "DROPPED"

    var state: JudgedState {
        JudgedState(outcome: outcome, wasUnchanged: wasUnchanged, hasReplaced: old != nil)
    }

    /// The numbers of all columns, as far as they were measured.
    var columns: [ColumnDifference] { ColumnDifference.all(old: old?.statistics, new: new?.statistics) }

    /// Whether both sides were measured, so that their columns can be compared.
    var isMeasured: Bool { new?.statistics != nil && (old == nil || old?.statistics != nil) }

    /// What a text says beside the violated audits, which are told on their own; nil where that is nothing.
    func besideFindings(_ text: String?) -> String? {
        let violated = findings.filter { !$0.hasPassed }
        // Nothing but audits that fail an attempt has let it fail.
        if violated.contains(where: { $0.severity == .fail }) { return nil }
        let audits = violated.map(\.audit)
        let lines = text?.split(whereSeparator: \.isNewline).filter { line in
            !audits.contains { line.hasPrefix("\($0):") }
        }
        guard let lines, !lines.isEmpty else { return nil }
        return lines.joined(separator: "\n")
    }
}
