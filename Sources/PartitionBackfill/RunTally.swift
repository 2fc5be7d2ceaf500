internal import Partitions
internal import Synchronization

/// What a run has done so far, counted from several tasks.
final class RunTally: Sendable {
    struct Counts: Sendable {
        var complete = 0
        var completedElsewhere = 0
        var failed: [PartitionKey: String] = [:]
        var held: [PartitionKey: String] = [:]
        var unchanged = 0
        var changed: [PartitionKey] = []
        var cancelled = 0
        var rows: Int64 = 0
        var bytes: Int64 = 0
        var wasStopped = false
        /// Partitions that were given back with some of their batches finished.
        var interrupted = 0
        var fatal: (any Error)?
        var earlyEnd: EarlyEnd?
    }

    private let state = Mutex(Counts())

    var counts: Counts { state.withLock { $0 } }

    /// A partition that this process has completed, whether it published something for it or not.
    func noteComplete(_ key: PartitionKey, rows: Int64?, bytes: Int64?, hasChanged: Bool) {
        state.withLock {
            $0.complete += 1
            guard hasChanged else {
                $0.unchanged += 1
                return
            }
            $0.changed.append(key)
            $0.rows += rows ?? 0
            $0.bytes += bytes ?? 0
        }
    }

    func noteCompleteElsewhere() {
        state.withLock {
            $0.complete += 1
            $0.completedElsewhere += 1
        }
    }

    func noteFailed(_ key: PartitionKey, _ message: String) { state.withLock { $0.failed[key] = message } }
    func noteHeld(_ key: PartitionKey, _ reason: String) { state.withLock { $0.held[key] = reason } }
    func noteCancelled() { state.withLock { $0.cancelled += 1 } }
    /// Why the run ends before it is through; what was said first counts, unless it is called off afterwards.
    func noteEarlyEnd(_ end: EarlyEnd) {
        state.withLock {
            $0.wasStopped = true
            if case .cancelled = end { $0.earlyEnd = end } else { $0.earlyEnd = $0.earlyEnd ?? end }
        }
    }

    /// A partition that was given back, unfinished, with so many batches.
    func noteInterrupted(batches: Int, rows: Int64) {
        state.withLock { state in
            var end = EarlyEnd.batchLimit(partitions: 1, batches: batches, rows: rows)
            if case .batchLimit(let partitions, let others, let otherRows)? = state.earlyEnd {
                end = .batchLimit(partitions: partitions + 1, batches: others + batches, rows: otherRows + rows)
            } else if let earlier = state.earlyEnd {
                end = earlier
            }
            state.earlyEnd = end
            state.interrupted += 1
        }
    }

    func noteStopped() { state.withLock { $0.wasStopped = true } }

    /// An error that ends the run: the ledger is gone for good.
    func noteFatal(_ error: any Error) { state.withLock { $0.fatal = $0.fatal ?? error } }

    func rethrowFatal() throws {
        if let fatal = state.withLock({ $0.fatal }) { throw fatal }
    }
}

extension RunTally.Counts {
    /// What the ledger calls the end of the run.
    var outcome: String { earlyEnd?.outcome ?? (wasStopped ? "STOPPED" : "FINISHED") }
}
