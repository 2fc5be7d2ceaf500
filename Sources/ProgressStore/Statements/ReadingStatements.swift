internal import Partitions

/// Reads the rows of given partitions.
struct RowsByKey: Statement {
    static let source = PackageResources.rows_by_key_sql
    static let isInterruptible = true
    let job: String
    let keys: [PartitionKey]

    var parameters: [String?] { [job, ArrayText.texts(keys.map(\.description))] }

    static func row(_ row: RowReader) throws(LedgerError) -> ProgressRow { try ProgressRow(row) }
}

/// Reads the rows of given statuses, newest change first.
struct RowsByStatus: Statement {
    static let source = PackageResources.rows_by_status_sql
    static let isInterruptible = true
    let job: String
    let statuses: [Status]
    let range: PartitionRange?
    let granularity: Granularity
    let limit: Int

    var parameters: [String?] {
        [
            job, ArrayText.texts(statuses.map(\.rawValue)), range?.first?.description, range?.last?.description,
            "\(granularity.keyLength)", "\(limit)",
        ]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> ProgressRow { try ProgressRow(row) }
}

/// Counts rows by status.
struct SummaryStatement: Statement {
    static let source = PackageResources.summary_sql
    static let isInterruptible = true
    let job: String
    let range: PartitionRange?

    var parameters: [String?] {
        [
            job, range?.first?.description, range?.last?.description, range.map { "\($0.granularity.keyLength)" },
        ]
    }

    /// The rows of a status, those of them completed lately, and the seconds since the first of these began.
    struct Row: Sendable {
        let status: Status
        let count: Int
        let recent: Int
        let secondsSinceFirst: Double?
    }

    static func row(_ row: RowReader) throws(LedgerError) -> Row {
        Row(
            status: try row.status(0), count: Int(try row.requiredInteger(1)),
            recent: Int(try row.requiredInteger(2)), secondsSinceFirst: try row.seconds(3))
    }
}

/// Reads every attempt at a partition.
struct Attempts: Statement {
    static let source = PackageResources.attempts_sql
    static let isInterruptible = true
    let job: String
    let key: PartitionKey

    var parameters: [String?] { [job, key.description] }

    static func row(_ row: RowReader) throws(LedgerError) -> AttemptRow {
        guard let startedAt = try row.date(5) else {
            throw LedgerError(.malformed, "An attempt in the ledger has no start. Correct the row by hand.")
        }
        return AttemptRow(
            fence: try row.requiredInteger(0), claimID: try row.uuid(13), attempt: Int(try row.requiredInteger(1)),
            run: try row.integer(2),
            worker: try row.requiredText(3), host: row.text(4), startedAt: startedAt, endedAt: try row.date(6),
            outcome: try row.requiredText(7), errorMessage: row.text(8), rowsWritten: try row.integer(9),
            bytesWritten: try row.integer(10), transformVersion: row.text(11), tableVersion: row.text(12),
            sourceVersions: SourceVersions.read(row.text(14)),
            kind: try row.attemptKind(15), originFence: try row.integer(16), wasUnchanged: row.flag(17),
            sourceIdentity: row.text(18),
            cost: AttemptCost(
                bytesRead: try row.integer(19), rowsRead: try row.integer(20), engineSeconds: try row.seconds(21)))
    }
}

extension ProgressRow {
    /// Decodes the columns that the statements reading rows have in common.
    fileprivate init(_ row: RowReader) throws(LedgerError) {
        self.init(
            key: try row.key(0), status: try row.status(1), attempt: Int(try row.requiredInteger(2)),
            fence: try row.requiredInteger(3), worker: row.text(4), leaseExpiresAt: try row.date(5),
            isLeaseExpired: row.flag(6), startedAt: try row.date(7), completedAt: try row.date(8),
            errorMessage: row.text(9), rowsWritten: try row.integer(10), bytesWritten: try row.integer(11),
            transformVersion: row.text(12), tableVersion: row.text(13),
            eligibleIn: try row.seconds(14).map { .seconds($0) })
        batches = Int(try row.requiredInteger(15))
        batchRows = try row.requiredInteger(16)
    }
}
