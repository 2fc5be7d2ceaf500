internal import PartitionBackfill
internal import Partitions
internal import ProgressStore

/// A status for programs.
enum StatusJSON {
    static func line(for report: StatusReport) -> String {
        let counts = Status.allCases.map { ($0.rawValue, JSONValue.integer(report.counts[$0] ?? 0)) }
        return JSONValue.object([
            "job": .text(report.job), "from": .optional(report.range?.first?.description),
            "to": .optional(report.range?.last?.description),
            "counts": .object(Dictionary(uniqueKeysWithValues: counts)), "not_planned": .integer(report.unplanned),
            "total": .integer(report.total), "per_minute": report.perMinute.map { .number($0) } ?? .null,
            "seconds_left": report.remaining.map { .number($0.expected) } ?? .null,
            "seconds_left_range": report.remaining.map {
                .array([.number($0.range.lowerBound), .number($0.range.upperBound)])
            } ?? .null,
            "ahead": .integer(report.ahead), "alive": .integer(report.work?.count ?? 0),
            "oldest_running": oldest(report),
            "foretold_by": report.remaining.map { _ in .text(report.isPriced ? "price" : "count") } ?? .null,
            "work_seconds_left": report.end.map { .number($0.work) } ?? .null,
            "heaviest_left": .array((report.workLeft?.heaviest(StatusReport.heaviestCount) ?? []).map(part)),
            "running": .array(report.running.map(row)), "failed": .array(report.failed.map(row)),
            "held": .array(report.held.map(row)), "runs": .array(report.runs.map(SteeringJSON.value)),
        ]).text + "\n"
    }

    private static func oldest(_ report: StatusReport) -> JSONValue {
        guard let work = report.work else { return .null }
        return .object([
            "partition": .text(work.oldest.description), "worker": .optional(work.worker),
            "started_at": .optional(work.since.map(TimeText.machineReadable)),
            "expected_seconds": report.workLeft?.expected(of: work.oldest).map { .number($0) } ?? .null,
        ])
    }

    private static func part(_ part: WorkLeft.Part) -> JSONValue {
        .object([
            "partition": .text(part.key.description), "seconds": part.expected.map { .number($0) } ?? .null,
            "bytes": .optional(part.bytes),
        ])
    }

    /// One row of the ledger.
    static func row(_ row: ProgressRow) -> JSONValue {
        .object([
            "partition": .text(row.key.description), "status": .text(row.status.rawValue),
            "attempt": .integer(row.attempt), "fence": .integer(row.fence), "worker": .optional(row.worker),
            "lease_expired": .bool(row.isLeaseExpired),
            "started_at": .optional(row.startedAt.map(TimeText.machineReadable)),
            "completed_at": .optional(row.completedAt.map(TimeText.machineReadable)),
            "error": .optional(row.errorMessage), "rows": .optional(row.rowsWritten),
            "bytes": .optional(row.bytesWritten), "transform_version": .optional(row.transformVersion),
            "table_version": .optional(row.tableVersion), "batches": .integer(row.batches),
            "batch_rows": .integer(row.batchRows),
        ])
    }
}
