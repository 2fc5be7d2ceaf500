internal import PartitionBackfill
internal import ProgressStore

/// What was asked of runs, for programs.
enum SteeringJSON {
    /// An event of a run.
    static func members(of event: SteeringEvent) -> [String: JSONValue] {
        switch event {
        case .paused(let user, let reason): asked("paused", user, reason)
        case .resumed(let user): asked("resumed", user, nil)
        case .draining(let user, let reason): asked("draining", user, reason)
        case .cancelling(let user, let reason): asked("cancelling", user, reason)
        case .breakerTripped(let reason): ["event": .text("breaker"), "reason": .text(reason)]
        case .settings(let settings, let user):
            asked("set", user, nil).merging(["settings": value(of: settings)]) { first, _ in first }
        case .windowClosed(let window): ["event": .text("window_closed"), "window": .text(window.description)]
        case .windowOpened: ["event": .text("window_opened")]
        case .crew(let workers, let threads):
            [
                "event": .text("fewer_workers"), "workers": .integer(workers),
                "threads": .optional(threads.map(Int64.init)),
            ]
        }
    }

    /// Why a run ended before it was through; null where it did not.
    static func value(of end: EarlyEnd?) -> JSONValue {
        switch end {
        case nil: .null
        case .breaker(let reason)?: .object(["by": .text("breaker"), "reason": .text(reason)])
        case .drained(let user, let reason)?:
            .object(["by": .text("drain"), "user": .optional(user), "reason": .optional(reason)])
        case .cancelled(let user, let reason)?:
            .object(["by": .text("cancel"), "user": .optional(user), "reason": .optional(reason)])
        case .batchLimit(let partitions, let batches, let rows)?:
            .object([
                "by": .text("max_batches"), "partitions": .integer(partitions), "batches": .integer(batches),
                "rows": .integer(rows),
            ])
        }
    }

    /// A run that is at work.
    static func value(of run: LiveRun) -> JSONValue {
        .object([
            "run": .integer(run.id), "worker": .text(run.worker), "control": .text(run.control.rawValue),
            "settings": .object(run.settings.mapValues { .text($0) }),
            "from": .optional(run.firstKey?.description), "to": .optional(run.lastKey?.description),
            "started_at": .text(TimeText.machineReadable(run.startedAt)), "asked_by": .optional(run.askedBy),
            "asked_at": .optional(run.askedAt.map(TimeText.machineReadable)), "reason": .optional(run.reason),
        ])
    }

    /// A run of which something was asked.
    static func value(of run: SteeredRun) -> JSONValue {
        .object([
            "run": .integer(run.run), "worker": .text(run.worker), "before": .text(run.before.rawValue),
            "live": .bool(run.isLive), "obeys": .bool(run.obeys),
        ])
    }

    private static func asked(_ event: String, _ user: String?, _ reason: String?) -> [String: JSONValue] {
        ["event": .text(event), "by": .optional(user), "reason": .optional(reason)]
    }

    private static func value(of settings: RunSettings) -> JSONValue {
        .object(Dictionary(uniqueKeysWithValues: settings.texts.map { ($0.name, JSONValue.text($0.text)) }))
    }
}
