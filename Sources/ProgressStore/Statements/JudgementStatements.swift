internal import Partitions

/// Reads the newest results of partitions, with their judgements.
struct JudgementsByKey: Statement {
    static let source = PackageResources.judgements_by_key_sql
    static let isInterruptible = true
    let job: String
    let keys: [PartitionKey]

    var parameters: [String?] { [job, ArrayText.texts(keys.map(\.description))] }

    static func row(_ row: RowReader) throws(LedgerError) -> JudgementRow { try JudgementRow(row) }
}

/// Reads the results of a run, with their judgements.
struct JudgementsByRun: Statement {
    static let source = PackageResources.judgements_by_run_sql
    static let isInterruptible = true
    let run: Int64

    var parameters: [String?] { ["\(run)"] }

    static func row(_ row: RowReader) throws(LedgerError) -> JudgementRow { try JudgementRow(row) }
}

/// Reads how an attempt was judged.
struct Judgement: Statement {
    static let source = PackageResources.judgement_sql
    static let isInterruptible = true
    let fence: Int64

    var parameters: [String?] { ["\(fence)"] }

    static func row(_ row: RowReader) throws(LedgerError) -> JudgementRecord { try JudgementRecord(row, from: 1) }
}

/// Records what an attempt replaced, as it was measured afterwards.
struct RecordReplaced: Statement {
    static let source = PackageResources.record_replaced_sql
    let fence: Int64
    let measured: MeasuredReplacement

    var parameters: [String?] {
        [
            "\(fence)", measured.version, "\(measured.rows)", measured.digest,
            JSONText.storable(measured.statistics),
        ]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> Int64 { try row.requiredInteger(0) }
}

/// Looks for attempts that have replaced something that nobody has measured.
struct UnmeasuredReplaced: Statement {
    static let source = PackageResources.unmeasured_replaced_sql
    static let isInterruptible = true
    let fences: [Int64]

    var parameters: [String?] { [ArrayText.plain(fences)] }

    static func row(_ row: RowReader) throws(LedgerError) -> (fence: Int64, version: String) {
        (try row.requiredInteger(0), try row.requiredText(1))
    }
}

extension JudgementRow {
    fileprivate init(_ row: RowReader) throws(LedgerError) {
        self.init(
            key: try row.key(0), fence: try row.requiredInteger(1), runID: try row.integer(2),
            outcome: try row.requiredText(3), wasUnchanged: row.flag(4), kind: try row.attemptKind(5),
            rowsWritten: try row.integer(6), bytesWritten: try row.integer(7), transformVersion: row.text(8),
            tableVersion: row.text(9), record: try JudgementRecord(row, from: 10),
            hasRecord: row.flag(19), errorMessage: row.text(18))
    }
}

extension JudgementRecord {
    /// Decodes the eight columns of a judgement.
    init(_ row: RowReader, from first: Int32) throws(LedgerError) {
        self.init(
            contentDigest: row.text(first), statistics: row.text(first + 1), replacedVersion: row.text(first + 2),
            replacedRows: try row.integer(first + 3), replacedBytes: try row.integer(first + 4),
            replacedDigest: row.text(first + 5), replacedStatistics: row.text(first + 6), findings: row.text(first + 7))
    }
}
