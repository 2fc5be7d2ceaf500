internal import PartitionBackfill
internal import Partitions

/// The events of a run as JSON, one object on a line.
enum RunEventJSON {
    static func line(for event: BackfillEvent) -> String {
        JSONValue.object(members(of: event)).text + "\n"
    }

    /// The last line of a run; of a canary it is another event, since the run goes on after it.
    static func line(for report: BackfillReport, isCanary: Bool = false) -> String {
        let failures = report.failed.sorted { $0.key < $1.key }.map { key, error in
            JSONValue.object(["partition": .text(key.description), "error": .text(error)])
        }
        return JSONValue.object([
            "event": .text(isCanary ? "canary_finished" : "finished"), "run": .integer(report.run),
            "complete": .integer(report.complete),
            "completed_elsewhere": .integer(report.completedElsewhere), "failed": .integer(report.failed.count),
            "failures": .array(failures), "held": .integer(report.held), "skipped": .integer(report.skipped),
            "cancelled": .integer(report.cancelled), "ended_early": SteeringJSON.value(of: report.earlyEnd),
            "remaining": .integer(report.remaining), "byte_limit": PriceJSON.value(of: report.byteLimit),
            "stopped": .bool(report.wasStopped), "rows": .integer(report.rows), "bytes": .integer(report.bytes),
            "seconds": .number(report.duration.seconds), "unchanged": .integer(report.unchanged),
            "changed": .array(report.changed.map { .text($0.description) }), "held_partitions": held(report),
        ]).text + "\n"
    }

    private static func held(_ report: BackfillReport) -> JSONValue {
        .array(
            report.heldPartitions.sorted { $0.key < $1.key }.map { key, reason in
                .object(["partition": .text(key.description), "reason": .text(reason)])
            })
    }

    /// The last line of a run that had nothing to do.
    static func nothingToDo(skipped: Int, held: Int, changed: [PartitionKey] = []) -> String {
        JSONValue.object([
            "event": .text("finished"), "complete": .integer(0), "failed": .integer(0), "held": .integer(held),
            "skipped": .integer(skipped), "cancelled": .integer(0), "remaining": .integer(0), "stopped": .bool(false),
            "unchanged": .integer(0), "changed": .array(changed.map { .text($0.description) }),
            "held_partitions": .array([]),
        ]).text + "\n"
    }

    /// The members of an event.
    static func members(of event: BackfillEvent) -> [String: JSONValue] {
        switch event {
        case .started(let run, let plan, let workers):
            let skipped = plan.counts.reduce(0) { $0 + ($1.key.isRun ? 0 : $1.value) }
            return [
                "event": .text("started"), "run": .integer(run), "job": .text(plan.job),
                "from": .optional(plan.range.first?.description), "to": .optional(plan.range.last?.description),
                "partitions": .integer(plan.runCount), "skipped": .integer(skipped), "workers": .integer(workers),
            ]
        case .claimed(let key, let attempt, let takenOver):
            return partition("claimed", key, ["attempt": .integer(attempt), "taken_over": .bool(takenOver)])
        case .completed(let key, let rows, let bytes, let duration, let wasAdopted, let version, let wasUnchanged):
            return partition(
                "completed", key,
                [
                    "rows": .optional(rows), "bytes": .optional(bytes), "seconds": .number(duration.seconds),
                    "adopted": .bool(wasAdopted), "unchanged": .bool(wasUnchanged), "table_version": .optional(version),
                ])
        case .held(let key, let reason): return partition("held", key, ["reason": .text(reason)])
        case .audited(let key, let findings):
            return partition("audited", key, ["audits": .array(findings.map(DiffJSON.finding))])
        case .retrying(let key, let attempt, let error, let delay):
            return partition(
                "retrying", key,
                ["attempt": .integer(attempt), "error": .text(error), "after_seconds": .number(delay.seconds)])
        case .failed(let key, let attempt, let error):
            return partition("failed", key, ["attempt": .integer(attempt), "error": .text(error)])
        case .batchFinished(let key, let batches, let rows, let size):
            return partition(
                "batch_finished", key,
                ["batches": .integer(batches), "rows": .integer(rows), "batch_size": .integer(size)])
        case .batchesTakenUp(let key, let batches, let rows):
            return partition("batches_taken_up", key, ["batches": .integer(batches), "rows": .integer(rows)])
        case .batchesForgotten(let key, let batches):
            return partition("batches_forgotten", key, ["batches": .integer(batches)])
        case .interrupted(let key, let batches, let rows):
            return partition("interrupted", key, ["batches": .integer(batches), "rows": .integer(rows)])
        case .lost(let key): return partition("lost", key)
        case .released(let key): return partition("released", key)
        case .finishedElsewhere(let key, let wasComplete):
            return partition("finished_elsewhere", key, ["complete": .bool(wasComplete)])
        case .ledgerUnavailable(let message):
            return ["event": .text("ledger_unavailable"), "message": .text(message)]
        case .ledgerAvailable: return ["event": .text("ledger_available")]
        case .tableNotice(let message): return ["event": .text("table_notice"), "message": .text(message)]
        case .stopping(let running): return ["event": .text("stopping"), "running": .integer(running)]
        case .steered(let event): return SteeringJSON.members(of: event)
        }
    }

    private static func partition(
        _ event: String, _ key: PartitionKey, _ more: [String: JSONValue] = [:]
    ) -> [String: JSONValue] {
        more.merging(["event": .text(event), "partition": .text(key.description)]) { first, _ in first }
    }
}
