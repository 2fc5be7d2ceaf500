internal import PartitionBackfill
internal import Partitions
internal import ProgressStore

/// The life of a partition for programs.
enum ExplainJSON {
    static func line(for history: PartitionHistory) -> String {
        JSONValue.object([
            "job": .text(history.job), "partition": .text(history.key.description),
            "transform_version": .text(history.transformVersion),
            "current": history.row.map(StatusJSON.row) ?? .null,
            "attempts": .array(history.attempts.map { attempt($0, history.judged[$0.fence]) }),
            "decisions": .array(history.decisions.map(decision)),
            "undo": history.undo.map { UndoJSON.outcome($0) } ?? .null,
        ]).text + "\n"
    }

    private static func attempt(_ attempt: AttemptRow, _ judged: Judged?) -> JSONValue {
        .object([
            "attempt": .integer(attempt.attempt), "fence": .integer(attempt.fence), "run": .optional(attempt.run),
            "kind": .text(attempt.kind.rawValue.lowercased()), "origin_fence": .optional(attempt.originFence),
            "worker": .text(attempt.worker), "host": .optional(attempt.host),
            "started_at": .text(TimeText.machineReadable(attempt.startedAt)),
            "ended_at": .optional(attempt.endedAt.map(TimeText.machineReadable)), "outcome": .text(attempt.outcome),
            "unchanged": .bool(attempt.wasUnchanged), "error": .optional(attempt.errorMessage),
            "rows": .optional(attempt.rowsWritten), "bytes": .optional(attempt.bytesWritten),
            "transform_version": .optional(attempt.transformVersion),
            "table_version": .optional(attempt.tableVersion),
            "source_versions": .object(attempt.sourceVersions.mapValues { .integer($0) }),
            "source_identity": .optional(attempt.sourceIdentity), "cost": cost(of: attempt),
            "judgement": judged.map { DiffJSON.partition($0) } ?? .null,
        ])
    }

    private static func cost(of attempt: AttemptRow) -> JSONValue {
        .object([
            "bytes_read": .optional(attempt.cost.bytesRead), "rows_read": .optional(attempt.cost.rowsRead),
            "engine_seconds": attempt.cost.engineSeconds.map { .number($0) } ?? .null,
        ])
    }

    private static func decision(_ decision: DecisionRow) -> JSONValue {
        .object([
            "decision": .text(decision.kind.rawValue.lowercased()), "by": .text(decision.user),
            "database_user": .text(decision.databaseUser),
            "at": .text(TimeText.machineReadable(decision.decidedAt)), "reason": .text(decision.reason),
            "about_fence": .integer(decision.originFence), "new_fence": .optional(decision.newFence),
        ])
    }
}
