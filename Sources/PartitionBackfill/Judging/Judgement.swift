internal import Transforms

/// What becomes of staged data: a pure function of what was found out about it.
struct Judgement: Sendable, Hashable {
    /// What was staged.
    struct Staged: Sendable, Hashable {
        var rows: Int64
        /// Nil where the rows were not measured.
        var digest: String?
    }

    /// What the table holds.
    struct Previous: Sendable, Hashable {
        /// Nil where nobody counted them.
        var rows: Int64?
        /// Nil where the rows were not measured.
        var digest: String?
        /// Whether it is a generation of ours, which COMPLETE can stand for.
        var isOurs: Bool
    }

    /// What becomes of it.
    enum Verdict: Sendable, Hashable {
        /// The table is to hold it.
        case publish
        /// The table holds it already.
        case unchanged
        /// Somebody has to look at it first.
        case hold(reason: String)
        /// It must not be published.
        case fail(AuditError)
    }

    let staged: Staged
    /// Nil where there is nothing.
    let previous: Previous?
    var findings: [AuditFinding] = []
    /// A partition with rows may become one without.
    var allowsEmpty = false
    /// Whatever would change the table is to be looked at first.
    var holdsEverything = false
    /// Also what the table holds already is published.
    var rewritesUnchanged = false

    /// What is violated outweighs that the table holds it already: that it is there does not make it right.
    var verdict: Verdict {
        let failures = violated(.fail)
        guard failures.isEmpty else { return .fail(AuditError(findings: failures)) }
        let reasons = violated(.hold).map(\.sentence) + (emptying.map { [$0] } ?? [])
        guard reasons.isEmpty else { return .hold(reason: reasons.joined(separator: "\n")) }
        if isUnchanged { return .unchanged }
        return holdsEverything ? .hold(reason: Self.canary) : .publish
    }

    private func violated(_ severity: Audit.Severity) -> [AuditFinding] {
        findings.filter { !$0.hasPassed && $0.severity == severity }
    }

    /// Shrinking to nothing is what a broken source looks like.
    private var emptying: String? {
        guard staged.rows == 0, !allowsEmpty, let rows = previous?.rows, rows > 0 else { return nil }
        return
            "The result has no rows, but the partition has \(rows). If it is meant to become empty, approve it, or set "
            + "'allow_empty: true' at the job's target."
    }

    private var isUnchanged: Bool {
        guard !rewritesUnchanged, let previous, previous.isOurs, let digest = staged.digest else { return false }
        return previous.digest == digest
    }

    static let canary = "It was asked to hold whatever would change the table."
}
