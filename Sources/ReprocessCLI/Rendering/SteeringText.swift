internal import Foundation
internal import PartitionBackfill
internal import ProgressStore

/// What was asked of runs, for people.
enum SteeringText {
    /// What happened, in a line.
    static func sentence(for event: SteeringEvent) -> String {
        switch event {
        case .paused(let user, let reason):
            "Paused\(by(user))\(because(reason)). What runs is finished; 'resume' goes on, 'cancel' calls it off."
        case .resumed(let user): "Going on\(by(user))."
        case .draining(let user, let reason):
            "Asked to end\(by(user))\(because(reason)): what runs is finished, nothing more is claimed."
        case .cancelling(let user, let reason):
            "Called off\(by(user))\(because(reason)): what runs is interrupted and given back."
        case .breakerTripped(let reason): "Paused: \(reason)"
        case .settings(let settings, let user): "Set\(by(user)): \(words(for: settings))."
        case .windowClosed(let window): "Nothing more is started outside of \(window)."
        case .windowOpened: "Going on: partitions may be started again."
        case .crew(let workers, let threads):
            "Memory ran out: \(NumberText.counted(workers, "worker"))"
                + (threads.map { " and \(NumberText.counted($0, "thread")) of the engine" } ?? "")
                + " from now on, and another try."
        }
    }

    /// Why a run ended before it was through.
    static func sentence(for end: EarlyEnd) -> String {
        switch end {
        case .breaker(let reason):
            "Paused, and ended: \(reason)\nRepair the cause, then go on as said below. '--on-breaker wait' would wait for "
                + "'resume' instead."
        case .drained(let user, let reason): "Asked to end\(by(user))\(because(reason))."
        case .cancelled(let user, let reason): "Called off\(by(user))\(because(reason))."
        case .batchLimit(let partitions, let batches, let rows):
            "As --max-batches says: \(BatchText.finished(batches, rows)) of \(NumberText.counted(partitions, "partition")), "
                + "which nobody sees yet. What is finished is not done again."
        }
    }

    static func word(for end: EarlyEnd) -> String {
        switch end {
        case .breaker: "paused"
        case .drained: "drained"
        case .cancelled: "cancelled"
        case .batchLimit: "stopped after batches"
        }
    }

    /// A run at work of which something was asked; nil for one of which nothing was.
    static func line(for run: LiveRun, at now: Date) -> String? {
        guard run.control != .run || !run.settings.isEmpty else { return nil }
        let word: String? =
            switch run.control {
            case .run: nil
            case .pause: "paused"
            case .drain: "ending"
            case .cancel: "called off"
            }
        let settings = run.settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        let what = [word, settings.isEmpty ? nil : settings].compactMap { $0 }.joined(separator: ", ")
        let since = run.askedAt.map { ", \(DurationText.describe(TimeText.elapsed(from: $0, to: now))) ago" } ?? ""
        return "run \(run.id) by \(run.worker): \(what)\(by(run.askedBy))\(since)\(because(run.reason))"
    }

    /// Settings as they are set.
    static func words(for settings: RunSettings) -> String {
        settings.texts.map { "\($0.name)=\($0.text)" }.joined(separator: " ")
    }

    private static func by(_ user: String?) -> String { user.map { " by \($0)" } ?? "" }
    private static func because(_ reason: String?) -> String { reason.map { ": \($0)" } ?? "" }
}

extension SteeringEvent {
    /// Why nothing is started from now on; empty where something is again, nil where that does not change.
    var standing: String? {
        switch self {
        case .paused(let user, _): "paused" + (user.map { " by \($0)" } ?? "")
        case .breakerTripped: "paused by the breaker"
        case .draining: "ending"
        case .cancelling: "being called off"
        case .windowClosed(let window): "waiting for \(window)"
        case .resumed, .windowOpened: ""
        case .settings, .crew: nil
        }
    }

    /// The number of workers from now on, where that changes.
    var workers: Int? {
        switch self {
        case .settings(let settings, _): settings.workers
        case .crew(let workers, _): workers
        default: nil
        }
    }
}
