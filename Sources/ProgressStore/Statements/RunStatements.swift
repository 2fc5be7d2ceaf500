internal import Foundation
internal import Partitions

/// Opens a run.
struct OpenRun: Statement {
    static let source = PackageResources.open_run_sql
    static let isInterruptible = true
    let request: RunRequest
    let requestID: UUID
    let worker: String

    var parameters: [String?] {
        let ranges = request.planned.ranges
        return [
            requestID.uuidString, request.job, request.range.first?.description ?? "",
            request.range.last?.description ?? "", "\(request.planned.count)", request.tableIdentity,
            request.transformVersion, request.options, request.reason, worker, request.planned.granularity.rawValue,
            ArrayText.plain(ranges.map(\.ordinals.lowerBound)),
            ArrayText.plain(ranges.map { $0.ordinals.upperBound - 1 }),
        ]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> Int64 { try row.requiredInteger(0) }
}

/// Records how a run ended.
struct CloseRun: Statement {
    static let source = PackageResources.close_run_sql
    let run: Int64
    let result: RunResult

    var parameters: [String?] {
        ["\(run)", "\(result.complete)", "\(result.failed)", "\(result.skipped)", result.outcome]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> Int64 { try row.requiredInteger(0) }
}

/// Reads the number that the sequence of fences has reached.
struct CurrentFence: Statement {
    static let source = PackageResources.current_fence_sql
    static let isInterruptible = true
    var parameters: [String?] { [] }

    static func row(_ row: RowReader) throws(LedgerError) -> Int64 { try row.requiredInteger(0) }
}

/// Reads the database's clock.
struct DatabaseTime: Statement {
    static let source = PackageResources.database_time_sql
    static let isInterruptible = true
    var parameters: [String?] { [] }

    static func row(_ row: RowReader) throws(LedgerError) -> Date? { try row.date(0) }
}
