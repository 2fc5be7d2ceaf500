internal import Dispatch
internal import DuckDBEngine
internal import Synchronization

/// When a process writes the next checkpoint of a table.
struct CheckpointPace {
    /// The interval of tables that do not say theirs, as for other writers.
    static let defaultInterval: Int64 = 10

    /// The version of the newest checkpoint that this process knows of; nil where there is none.
    var newest: Int64?
    /// The version at which the last try failed.
    var failed: Int64?
    /// The version of the last checkpoint that has been called due.
    var called: Int64?

    /// Whether a version is an interval ahead of the newest checkpoint, written or about to be.
    func isDue(at version: Int64, asked: Int64?) -> Bool {
        // No sooner than an interval after a failure: whatever the reason is, it will mostly be there still.
        version - max(newest ?? 0, failed ?? 0, called ?? 0) >= asked ?? CheckpointPace.defaultInterval
    }
}

/// The checkpoints of a table that are due, shared by the threads that publish to it.
///
/// At most one waits: where the next one is due before it was begun, that one takes its place.
final class CheckpointSchedule: Sendable {
    private struct State {
        var pace = CheckpointPace()
        var waiting: CheckpointTarget?
        /// Whether checkpoints have a thread of their own.
        var isApart = false
        var isBusy = false
        var scope = CancellationScope()
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "reprocess.checkpoints")

    /// Takes note of a version of the table.
    func note(_ replay: borrowing LogReplay) {
        guard let metadata = replay.metadata else { return }
        let (version, checkpoint) = (replay.version, replay.checkpoint)
        let asked = DeltaProperties(metadata).checkpointInterval
        let isDue = state.withLock { state in
            state.pace.newest = max(state.pace.newest, checkpoint)
            return state.pace.isDue(at: version, asked: asked)
        }
        guard isDue, let target = CheckpointTarget(replay) else { return }
        state.withLock { state in
            state.waiting = target
            state.pace.called = version
        }
    }

    /// Has the checkpoint that waits written: at once, or on the thread that checkpoints have of their own.
    func writeWaiting(_ write: @escaping @Sendable (CheckpointTarget, CancellationScope) -> Void) {
        let isBegun = state.withLock { state in
            guard state.waiting != nil, !(state.isApart && state.isBusy) else { return false }
            if state.isApart { state.isBusy = true }
            return state.isApart
        }
        if isBegun {
            queue.async { [self] in
                while let (target, scope) = take() { write(target, scope) }
            }
        } else if let (target, scope) = takeHere() {
            write(target, scope)
        }
    }

    /// The next one for the own thread, which has nothing to do any more where there is none.
    private func take() -> (CheckpointTarget, CancellationScope)? {
        state.withLock { state in
            defer { state.waiting = nil }
            state.isBusy = state.waiting != nil
            let scope = state.scope
            return state.waiting.map { ($0, scope) }
        }
    }

    /// The next one for the thread that asks; none where another thread is there for that.
    private func takeHere() -> (CheckpointTarget, CancellationScope)? {
        state.withLock { state in
            guard !state.isApart else { return nil }
            defer { state.waiting = nil }
            let scope = state.scope
            return state.waiting.map { ($0, scope) }
        }
    }

    /// Gives checkpoints a thread of their own.
    func begin() {
        state.withLock { state in
            state.isApart = true
            state.scope = CancellationScope()
        }
    }

    /// Waits for the checkpoint that is being written, and for the one that waits; then checkpoints have no thread.
    func finish() {
        // What was put there before is done, and nothing is put there any more.
        state.withLock { $0.isApart = false }
        queue.sync {}
    }

    /// Ends the checkpoint that is being written soon, and drops the one that waits.
    func cancel() {
        let scope = state.withLock { state in
            state.waiting = nil
            return state.scope
        }
        scope.cancel()
    }

    /// Whether a checkpoint of a version is still due.
    func isDue(_ target: CheckpointTarget, after newest: Int64?) -> Bool {
        CheckpointPace(newest: newest).isDue(at: target.version, asked: target.properties.checkpointInterval)
    }

    /// Takes note of a checkpoint that is there.
    func found(_ version: Int64) {
        state.withLock { $0.pace.newest = max($0.pace.newest, version) }
    }

    /// Takes note of a failure.
    func failed(at version: Int64) {
        state.withLock { $0.pace.failed = version }
    }

    /// Takes note that another process is at it: the next version looks again.
    func declined() {
        state.withLock { $0.pace.called = nil }
    }

    /// The greater one of two versions, where there is one.
    private func max(_ one: Int64?, _ other: Int64?) -> Int64? {
        guard let one, let other else { return one ?? other }
        return Swift.max(one, other)
    }
}
