internal import PartitionBackfill

extension RunEventJSON {
    /// The end of a run, as a log has it: the counts, and not what each partition came to, which it has told already.
    static func logged(_ report: BackfillReport, job: String, isCanary: Bool = false) -> [String: JSONValue] {
        [
            "event": .text(isCanary ? "canary_finished" : "finished"), "job": .text(job), "run": .integer(report.run),
            "complete": .integer(report.complete), "completed_elsewhere": .integer(report.completedElsewhere),
            "unchanged": .integer(report.unchanged), "failed": .integer(report.failed.count),
            "held": .integer(report.held),
            "skipped": .integer(report.skipped), "cancelled": .integer(report.cancelled),
            "remaining": .integer(report.remaining), "stopped": .bool(report.wasStopped),
            "rows": .integer(report.rows), "bytes": .integer(report.bytes),
            "seconds": .number(report.duration.seconds),
        ]
    }
}
