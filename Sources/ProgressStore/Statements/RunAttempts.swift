internal import Partitions

/// Reads a page of the attempts of a run.
struct RunAttempts: Statement {
    static let source = PackageResources.run_attempts_sql
    static let isInterruptible = true
    let run: Int64
    /// The last attempt of the page before; nil for the first page.
    let after: MarkedAttempt?
    let limit: Int

    var parameters: [String?] {
        ["\(run)", after?.key.description ?? "", "\(after?.fence ?? 0)", "\(limit)"]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> RunAttempt {
        RunAttempt(
            key: try row.key(0), fence: try row.requiredInteger(1), kind: try row.attemptKind(2),
            outcome: try row.requiredText(3), wasUnchanged: row.flag(4), worker: try row.requiredText(5),
            host: row.text(6), startedAt: try row.requiredDate(7), endedAt: try row.date(8),
            errorMessage: row.text(9), rowsWritten: try row.integer(11),
            bytesWritten: try row.integer(13),
            cost: AttemptCost(
                bytesRead: try row.integer(12), rowsRead: try row.integer(10), engineSeconds: try row.seconds(14)),
            transformVersion: row.text(15), tableVersion: row.text(16),
            sourceVersions: SourceVersions.read(row.text(17)),
            hasReplaced: row.flag(18), replacedRows: try row.integer(19), replacedBytes: try row.integer(20),
            waits: row.flag(21))
    }
}
