internal import Foundation
internal import PartitionBackfill
internal import Partitions
internal import ProgressStore

/// The report for programs: nothing is left out of it.
enum RunReportJSON {
    static func line(for report: RunReport) -> String {
        JSONValue.object(
            request(report).merging(results(report)) { first, _ in first }.merging(course(report)) { first, _ in first }
        ).text + "\n"
    }

    private static func request(_ report: RunReport) -> [String: JSONValue] {
        let run = report.run
        return [
            "job": .text(run.job), "run": .integer(run.id), "from": .optional(report.range.first?.description),
            "to": .optional(report.range.last?.description), "planned": .integer(run.planned),
            "skipped": .optional(run.skipped), "options": .text(run.options), "reason": .optional(run.reason),
            "worker": .text(run.worker), "database_user": .text(run.databaseUser),
            "table": .optional(run.tableIdentity), "transform_version": .text(run.transformVersion),
            "started_at": .text(TimeText.machineReadable(run.startedAt)),
            "ended_at": .optional(run.endedAt.map(TimeText.machineReadable)), "outcome": .optional(run.outcome),
            "live": .bool(report.isLive), "seconds": .number(report.duration.seconds),
        ]
    }

    private static func results(_ report: RunReport) -> [String: JSONValue] {
        let counts = JudgedState.allCases.map { ($0.rawValue, JSONValue.integer(report.count($0))) }
        return [
            "counts": .object(Dictionary(uniqueKeysWithValues: counts)), "rows": .integer(report.totals.newRows),
            "not_by_this_run": .integer(report.notByThisRun), "running": .integer(report.running),
            "changed": keys(report.keys(.changed, .new)), "unchanged": keys(report.keys(.unchanged)),
            "held": reasons(report.held), "failed": reasons(report.failed),
            "failures": .array(report.failures.all.map(failure)),
            "replaced": .object([
                "rows": .integer(report.totals.oldRows), "bytes": .integer(report.totals.oldBytes),
                "uncounted": .integer(report.totals.uncounted),
            ]),
            "published": .object([
                "rows": .integer(report.totals.newRows), "bytes": .integer(report.totals.newBytes),
            ]),
            "table_versions": versions(report.tableVersions),
            "source_versions": .object(report.sourceVersions.mapValues(versions)),
        ]
    }

    private static func course(_ report: RunReport) -> [String: JSONValue] {
        [
            "cost": .object([
                "attempts": .integer(report.cost.attempts), "released": .integer(report.cost.released),
                "lost": .integer(report.cost.lost), "bytes_read": .optional(report.cost.bytesRead),
                "rows_read": .optional(report.cost.rowsRead),
                "rows_read_unknown": .integer(report.cost.uncountedSources),
                "bytes_written": .integer(report.totals.newBytes),
                "rows_written": .integer(report.totals.newRows),
                "engine_seconds": optional(report.cost.engineSeconds), "unmeasured": .integer(report.cost.unmeasured),
            ]),
            "durations": report.durations.map(spread) ?? .null,
            "slowest": .array(
                report.slowest.map { attempt in
                    .object([
                        "partition": .text(attempt.key.description), "seconds": .number(attempt.seconds),
                        "outcome": .text(attempt.outcome), "rows": .optional(attempt.rows),
                        "worker": .text(attempt.worker),
                    ])
                }),
            "timeline": .object([
                "from": .text(TimeText.precise(report.timeline.start)),
                "to": .text(TimeText.precise(report.timeline.end)), "slice_seconds": .number(report.timeline.slice),
                "complete": numbers(report.timeline.complete), "held": numbers(report.timeline.held),
                "failed": numbers(report.timeline.failed),
            ]),
            "workers": .array(report.workers.map(part)), "events": .array(report.events.map(event)),
        ]
    }

    private static func failure(_ group: FailureGroups.Group) -> JSONValue {
        .object([
            "error": .text(group.error), "signature": .text(group.signature.description),
            "attempts": .integer(group.attempts), "partitions": keys(group.keys), "failed": keys(group.failed),
        ])
    }

    private static func spread(_ spread: DurationSpread) -> JSONValue {
        .object([
            "count": .integer(spread.count), "min": .number(spread.least), "median": .number(spread.median),
            "p90": .number(spread.ninth), "max": .number(spread.greatest),
        ])
    }

    private static func part(_ part: RunReport.Part) -> JSONValue {
        .object([
            "worker": .text(part.worker), "host": .optional(part.host), "attempts": .integer(part.attempts),
            "complete": .integer(part.complete), "failed": .integer(part.failed), "rows": .integer(part.rows),
            "engine_seconds": optional(part.engineSeconds),
        ])
    }

    private static func event(_ event: ControlEvent) -> JSONValue {
        .object([
            "control": .optional(event.control?.rawValue), "settings": .object(event.settings.mapValues { .text($0) }),
            "breaker": .bool(event.isBreaker), "by": .text(event.askedBy),
            "database_user": .text(event.databaseUser), "at": .text(TimeText.machineReadable(event.askedAt)),
            "reason": .optional(event.reason),
        ])
    }

    private static func versions(_ versions: RunReport.Versions?) -> JSONValue {
        versions.map { .object(["first": .text($0.first), "last": .text($0.last)]) } ?? .null
    }

    private static func reasons(_ entries: [RunReport.Reasoned]) -> JSONValue {
        .array(
            entries.map { .object(["partition": .text($0.key.description), "reason": .optional($0.reason)]) })
    }

    private static func keys(_ keys: [PartitionKey]) -> JSONValue { .array(keys.map { .text($0.description) }) }
    private static func numbers(_ numbers: [Int]) -> JSONValue { .array(numbers.map { .integer($0) }) }
    private static func optional(_ number: Double?) -> JSONValue { number.map { .number($0) } ?? .null }
}
