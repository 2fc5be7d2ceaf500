internal import Partitions

/// Records what a run was foretold to take.
struct RecordForecast: Statement {
    static let source = PackageResources.record_forecast_sql
    static let isInterruptible = true
    let run: Int64
    let planned: Int
    let partitions: [ForetoldPartition]

    var parameters: [String?] {
        [
            "\(run)", "\(planned)", ArrayText.texts(partitions.map(\.key.description)),
            ArrayText.plain(partitions.map(\.bytes)), ArrayText.plain(partitions.map(\.seconds)),
        ]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> Int64 { try row.requiredInteger(0) }
}

/// Reads what runs at work were foretold to take, and what has become of it.
struct PriceForecast: Statement {
    static let source = PackageResources.price_forecast_sql
    static let isInterruptible = true
    let job: String
    let range: PartitionRange?
    let limit: Int

    var parameters: [String?] { [job, range?.first?.description, range?.last?.description, "\(limit)"] }

    /// A partition of a forecast that has no others yet.
    static func row(_ row: RowReader) throws(LedgerError) -> RunForecast {
        RunForecast(
            run: try row.requiredInteger(0), first: row.text(1) == nil ? nil : try row.key(1),
            last: row.text(2) == nil ? nil : try row.key(2), planned: Int(try row.requiredInteger(3)),
            lookedAt: Int(try row.requiredInteger(4)),
            partitions: [
                ForetoldPartition(
                    key: try row.key(5), bytes: try row.integer(6), seconds: try row.seconds(7),
                    standing: try standing(row))
            ])
    }

    private static func standing(_ row: RowReader) throws(LedgerError) -> ForetoldPartition.Standing {
        guard row.flag(8) else { return try row.seconds(9).map { .running(seconds: max(0, $0)) } ?? .left }
        guard let seconds = try row.seconds(10), let at = try row.date(11) else { return .ended(took: nil) }
        return .ended(took: .init(seconds: max(0, seconds), at: at, isTest: row.flag(12)))
    }
}
