internal import ProgressStore
internal import Transforms

extension Judged {
    /// Reads what the ledger has recorded.
    ///
    /// - Throws: `DecodingError` where it was written by something else than this program.
    init(_ row: JudgementRow) throws {
        let record = row.record
        // Whose work was recorded for it by another knows neither what it made nor what it replaced.
        let old: PartitionSummary? =
            record.replacedVersion == nil
            ? nil
            : try PartitionSummary(
                rows: record.replacedRows, bytes: record.replacedBytes, digest: record.replacedDigest,
                statistics: record.replacedStatistics.map(Judged.statistics))
        self.init(
            key: row.key, fence: row.fence, run: row.runID, kind: row.kind, outcome: row.outcome,
            wasUnchanged: row.wasUnchanged,
            reason: ["HELD", "FAILED"].contains(row.outcome) ? row.errorMessage : nil,
            transformVersion: row.transformVersion, tableVersion: row.tableVersion,
            replacedVersion: record.replacedVersion, old: old,
            new: PartitionSummary(
                rows: row.rowsWritten, bytes: row.bytesWritten, digest: record.contentDigest,
                statistics: try record.statistics.map(Judged.statistics)),
            findings: try record.findings.map { try JSONText.decode([AuditFinding].self, from: $0) } ?? [])
    }

    private static func statistics(_ text: String) throws -> PartitionStatistics {
        try JSONText.decode(PartitionStatistics.self, from: text)
    }
}
