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

/// Reads the runs of a job, newest first.
struct Runs: Statement {
    static let source = PackageResources.runs_sql
    static let isInterruptible = true
    let job: String
    let limit: Int

    var parameters: [String?] { [job, "\(limit)"] }

    static func row(_ row: RowReader) throws(LedgerError) -> RunRow { try RunRow(row) }
}

/// Reads the runs of all jobs, newest first.
struct AllRuns: Statement {
    static let source = PackageResources.all_runs_sql
    static let isInterruptible = true
    let limit: Int

    var parameters: [String?] { ["\(limit)"] }

    static func row(_ row: RowReader) throws(LedgerError) -> RunRow { try RunRow(row) }
}

/// Reads one run.
struct RunByID: Statement {
    static let source = PackageResources.run_by_id_sql
    static let isInterruptible = true
    let run: Int64

    var parameters: [String?] { ["\(run)"] }

    static func row(_ row: RowReader) throws(LedgerError) -> RunRow { try RunRow(row) }
}

extension RunRow {
    fileprivate init(_ row: RowReader) throws(LedgerError) {
        self.init(
            id: try row.requiredInteger(0), job: try row.requiredText(1),
            firstKey: row.text(2) == nil ? nil : try row.key(2), lastKey: row.text(3) == nil ? nil : try row.key(3),
            planned: try row.requiredInteger(4), tableIdentity: row.text(5),
            transformVersion: try row.requiredText(6), options: try row.requiredText(7), reason: row.text(8),
            worker: try row.requiredText(9), databaseUser: try row.requiredText(10),
            control: try row.requiredText(11), startedAt: try row.requiredDate(12), endedAt: try row.date(13),
            outcome: row.text(14), complete: try row.integer(15), failed: try row.integer(16),
            skipped: try row.integer(17))
    }
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
