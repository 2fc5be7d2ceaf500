internal import Partitions

/// Reads what the newest attempts at given partitions took.
struct PriceAttempts: Statement {
    static let source = PackageResources.price_attempts_sql
    static let isInterruptible = true
    let job: String
    let keys: [PartitionKey]

    var parameters: [String?] { [job, ArrayText.texts(keys.map(\.description))] }

    static func row(_ row: RowReader) throws(LedgerError) -> PastAttempt {
        PastAttempt(
            key: try row.key(0), seconds: max(0, try row.seconds(1) ?? 0), rows: try row.integer(2),
            bytes: try row.integer(3), read: ReadAmount(rows: try row.integer(4), bytes: try row.integer(5)))
    }
}

/// Reads what the attempts took that ended last.
struct PriceRecent: Statement {
    static let source = PackageResources.price_recent_sql
    static let isInterruptible = true
    let job: String
    let granularity: Granularity
    let limit: Int

    var parameters: [String?] { [job, "\(granularity.keyLength)", "\(limit)"] }

    static func row(_ row: RowReader) throws(LedgerError) -> RecentAttempt {
        RecentAttempt(
            key: try row.key(0), startedAt: try row.requiredDate(1), endedAt: try row.requiredDate(2),
            rows: try row.integer(3), bytes: try row.integer(4), worker: try row.requiredText(5),
            workers: try row.integer(6).map { Int($0) },
            read: ReadAmount(rows: try row.integer(7), bytes: try row.integer(8)))
    }
}

extension ReadAmount {
    /// Nil where one of the two is not known.
    fileprivate init?(rows: Int64?, bytes: Int64?) {
        guard let rows, let bytes else { return nil }
        self.init(rows: rows, bytes: bytes)
    }
}

/// Reads how much runs, and what has run longest.
struct PriceRunning: Statement {
    static let source = PackageResources.price_running_sql
    static let isInterruptible = true
    let job: String
    let range: PartitionRange?
    let granularity: Granularity

    var parameters: [String?] {
        [job, range?.first?.description, range?.last?.description, "\(granularity.keyLength)"]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> RunningWork {
        RunningWork(
            count: Int(try row.requiredInteger(3)), oldest: try row.key(0), worker: row.text(1), since: try row.date(2))
    }
}

/// Reads how far the runs at work have come.
struct PriceEnded: Statement {
    static let source = PackageResources.price_ended_sql
    static let isInterruptible = true
    let job: String
    let limit: Int

    var parameters: [String?] { [job, "\(limit)"] }

    static func row(_ row: RowReader) throws(LedgerError) -> RunAdvance {
        RunAdvance(
            run: try row.requiredInteger(0), first: try row.text(1) == nil ? nil : row.key(1),
            last: try row.text(2) == nil ? nil : row.key(2), planned: Int(try row.requiredInteger(3)),
            ended: row.flag(5) ? nil : Int(try row.requiredInteger(4)))
    }
}
