internal import Foundation
internal import Partitions

/// Reads one page of the COMPLETE partitions of a job.
struct CompleteRows: Statement {
    static let source = PackageResources.complete_rows_sql
    static let isInterruptible = true
    let job: String
    let granularity: Granularity
    let first: PartitionKey?
    let last: PartitionKey?
    let pageSize: Int

    var parameters: [String?] {
        [job, first?.description, last?.description, "\(granularity.keyLength)", "\(pageSize)"]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> CompleteRow {
        CompleteRow(
            key: try row.key(0), fence: try row.requiredInteger(1), tableIdentity: row.text(2),
            rowsWritten: try row.integer(3), bytesWritten: try row.integer(4), tableVersion: row.text(5))
    }
}

/// Looks attempts up by their fences.
struct KnownAttempts: Statement {
    static let source = PackageResources.known_attempts_sql
    static let isInterruptible = true
    let fences: [Int64]

    var parameters: [String?] { [ArrayText.plain(fences)] }

    static func row(_ row: RowReader) throws(LedgerError) -> KnownAttempt {
        KnownAttempt(
            fence: try row.requiredInteger(0), claimID: try row.uuid(1), job: try row.requiredText(2),
            key: try row.key(3), outcome: try row.requiredText(4),
            endedAgo: try row.seconds(5).map { .seconds($0) }, isLive: row.flag(6),
            tableIdentity: row.text(7), isHeld: row.flag(8))
    }
}

/// Makes COMPLETE partitions PENDING again.
struct Reopen: Statement {
    static let source = PackageResources.reopen_sql
    let job: String
    let reopenings: [Reopening]
    let worker: String

    var parameters: [String?] {
        [
            job, ArrayText.texts(reopenings.map(\.key.description)), ArrayText.plain(reopenings.map(\.fence)),
            ArrayText.texts(reopenings.map { ErrorText.cleaned($0.reason) }), worker,
        ]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> PartitionKey { try row.key(0) }
}
