internal import ProgressStore
internal import Synchronization
internal import Transforms

/// What an attempt has taken so far.
final class AttemptMeter: Sendable {
    /// The time that it spends in the engine.
    let engine: EngineMeter
    private let bytesRead = Mutex<Int64?>(nil)

    init(now: @escaping @Sendable () -> ContinuousClock.Instant) {
        engine = EngineMeter(now: now)
    }

    /// Takes note of what the partition is made of, which it reads once.
    func note(_ sources: SourceIdentity?) {
        bytesRead.withLock { $0 = sources?.bytes }
    }

    /// As the ledger records it.
    var cost: AttemptCost {
        let (seconds, attoseconds) = engine.elapsed.components
        return AttemptCost(
            bytesRead: bytesRead.withLock { $0 }, engineSeconds: Double(seconds) + Double(attoseconds) / 1e18)
    }
}
