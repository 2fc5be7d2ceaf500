internal import Synchronization

/// When a process writes the next checkpoint of a table.
///
/// A table may say after how many versions it wants one. Where it does not, it is ten, as for other writers; but then a
/// process spends at most a tenth of its time on checkpoints, so that many small commits are not held up by them.
struct CheckpointPace {
    /// The interval of tables that do not say theirs.
    static let defaultInterval: Int64 = 10
    private static let share = 9

    /// The version of the newest checkpoint that this process knows of; nil where it has not looked.
    var newest: Int64?
    /// The version at which the last try failed.
    var failed: Int64?
    /// When the last checkpoint was ready, and how long it took.
    var last: (end: ContinuousClock.Instant, duration: Duration)?

    /// Whether it is time to look, and to write one where there really is none.
    func isDue(at version: Int64, asked: Int64?, now: ContinuousClock.Instant) -> Bool {
        let interval = asked ?? CheckpointPace.defaultInterval
        // No sooner than an interval after a failure: whatever the reason is, it will mostly be there still.
        guard version - max(newest ?? 0, failed ?? 0, 0) >= interval else { return false }
        guard asked == nil, let last else { return true }
        return now - last.end >= last.duration * CheckpointPace.share
    }
}

/// The pace, shared by the threads that publish to a table.
final class CheckpointSchedule: Sendable {
    private let pace = Mutex(CheckpointPace())
    private let said = Mutex<Set<String>>([])

    /// Whether something has not been said yet.
    func saysFirst(_ text: String) -> Bool { said.withLock { $0.insert(text).inserted } }

    func isDue(at version: Int64, asked: Int64?) -> Bool {
        pace.withLock { $0.isDue(at: version, asked: asked, now: .now) }
    }

    /// Takes note of a checkpoint that somebody has written.
    func found(_ version: Int64) {
        pace.withLock { $0.newest = max($0.newest ?? 0, version) }
    }

    /// Takes note of a checkpoint that this process has written.
    func wrote(_ version: Int64, since start: ContinuousClock.Instant) {
        pace.withLock { pace in
            let end = ContinuousClock.now
            pace.newest = max(pace.newest ?? 0, version)
            pace.last = (end, end - start)
        }
    }

    /// Takes note of a failure.
    func failed(at version: Int64) {
        pace.withLock { $0.failed = version }
    }
}
