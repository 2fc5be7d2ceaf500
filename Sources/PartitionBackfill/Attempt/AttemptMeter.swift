internal import ProgressStore
internal import Synchronization
internal import Transforms

/// What an attempt has taken so far.
final class AttemptMeter: Sendable {
    /// The time that it spends in the engine.
    let engine: EngineMeter
    private let sources = Mutex<(bytes: Int64?, rows: Int64?)>((nil, nil))

    init(now: @escaping @Sendable () -> ContinuousClock.Instant) {
        engine = EngineMeter(now: now)
    }

    /// Takes note of what the partition is made of, which it reads once.
    func note(_ identity: SourceIdentity?, rows: Int64?) {
        sources.withLock { $0 = (identity?.bytes, rows) }
    }

    /// As the ledger records it.
    var cost: AttemptCost {
        let (seconds, attoseconds) = engine.elapsed.components
        let (bytes, rows) = sources.withLock { $0 }
        return AttemptCost(
            bytesRead: bytes, rowsRead: rows, engineSeconds: Double(seconds) + Double(attoseconds) / 1e18)
    }
}
