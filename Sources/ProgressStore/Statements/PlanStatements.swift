internal import Partitions

/// Reads one page of the rows that a plan decides on.
struct PlanRows: Statement {
    static let source = PackageResources.plan_rows_sql
    static let isInterruptible = true
    let job: String
    let first: PartitionKey
    let last: PartitionKey
    let pageSize: Int
    /// The table that the plan is for.
    var tableIdentity: String?

    var parameters: [String?] {
        [
            job, first.description, last.description, "\(first.granularity.keyLength)", "\(pageSize)", tableIdentity,
        ]
    }

    /// The row, and whether it is about the table of the plan, whose name it then has not.
    static func row(_ row: RowReader) throws(LedgerError) -> (row: PlanRow, isSameTable: Bool) {
        (
            PlanRow(
                key: try row.key(0), status: try row.status(1), transformVersion: row.text(2),
                isLeaseExpired: row.flag(3), sourceIdentity: row.text(4), tableIdentity: row.text(6)), row.flag(5)
        )
    }
}

/// Reads which partitions of a table other jobs have live claims of.
struct OtherClaims: Statement {
    static let source = PackageResources.other_claims_sql
    static let isInterruptible = true
    let job: String
    let tableIdentity: String
    let first: PartitionKey
    let last: PartitionKey

    var parameters: [String?] {
        [job, tableIdentity, first.description, last.description, "\(first.granularity.keyLength)"]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> PartitionKey { try row.key(0) }
}
