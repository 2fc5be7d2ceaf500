internal import PartitionBackfill
internal import Partitions
internal import ProgressStore
internal import Transforms

/// Old against new, for programs.
enum DiffJSON {
    static func object(
        job: String, run: Int64?, _ judged: [Judged], rows: [PartitionKey: RowComparison] = [:]
    ) -> JSONValue {
        func keys(_ states: JudgedState...) -> JSONValue {
            .array(judged.filter { states.contains($0.state) }.map { .text($0.key.description) })
        }
        return .object([
            "job": .text(job), "run": .optional(run), "partitions": .array(judged.map { partition($0, rows[$0.key]) }),
            "changed": keys(.changed, .new), "unchanged": keys(.unchanged), "held": keys(.held),
        ])
    }

    /// Old against new for a log, in which no value of a row may stand: neither extremes nor keys.
    static func outline(_ judged: [Judged]) -> JSONValue {
        .object([
            "partitions": .array(
                judged.map { entry in
                    .object([
                        "partition": .text(entry.key.description), "state": .text(entry.state.rawValue),
                        "old_rows": .optional(entry.old?.knownRows), "new_rows": .optional(entry.new?.knownRows),
                        "changed_columns": changedColumns(of: entry),
                        "violated_audits": .array(
                            entry.findings.filter { !$0.hasPassed }.map { .text($0.audit) }),
                    ])
                })
        ])
    }

    private static func changedColumns(of judged: Judged) -> JSONValue {
        let changed = judged.isMeasured && judged.old != nil ? judged.columns.filter(\.isDifferent) : []
        return .array(changed.map { .text($0.column) })
    }

    /// One partition: what became of the attempt, and the numbers of both sides.
    static func partition(_ judged: Judged, _ rows: RowComparison? = nil) -> JSONValue {
        var members: [String: JSONValue] = [
            "partition": .text(judged.key.description), "state": .text(judged.state.rawValue),
            "kind": .text(judged.kind.rawValue.lowercased()), "outcome": .text(judged.outcome),
            "reason": .optional(judged.reason), "fence": .integer(judged.fence), "run": .optional(judged.run),
            "transform_version": .optional(judged.transformVersion), "old": judged.old.map(summary) ?? .null,
            "new": judged.new.map(summary) ?? .null, "changed_columns": changedColumns(of: judged),
            "audits": .array(judged.findings.map(finding)),
        ]
        if let rows { members["row_comparison"] = RowComparisonJSON.value(rows) }
        return .object(members)
    }

    static func finding(_ finding: AuditFinding) -> JSONValue {
        .object([
            "audit": .text(finding.audit), "severity": .text(finding.severity.rawValue),
            "passed": .bool(finding.hasPassed), "count": .integer(finding.count), "message": .text(finding.message),
            "keys": .array(finding.keys.map { .text($0) }),
        ])
    }

    private static func summary(_ summary: PartitionSummary) -> JSONValue {
        .object([
            "rows": .optional(summary.knownRows), "bytes": .optional(summary.bytes),
            "digest": .optional(summary.statistics?.digest),
            "columns": summary.statistics.map { .array($0.columns.map(column)) } ?? .null,
            "columns_from": summary.statistics.map { .text($0.digest == nil ? "footers" : "rows") } ?? .null,
        ])
    }

    private static func column(_ column: PartitionStatistics.Column) -> JSONValue {
        .object([
            "name": .text(column.name), "type": column.type.isEmpty ? .null : .text(column.type),
            "nulls": .optional(column.nulls),
            "distinct": .optional(column.distinct), "min": .optional(column.min), "max": .optional(column.max),
            "sum": .optional(column.sum),
        ])
    }
}
