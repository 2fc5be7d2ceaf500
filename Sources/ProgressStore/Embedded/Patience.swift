internal import Foundation

/// How long to wait for something that another process does and that no event tells.
struct Patience {
    private let end: ContinuousClock.Instant
    private var pause: Duration = .milliseconds(2)

    init(_ limit: Duration) { end = .now + limit }

    /// Lets a moment pass.
    ///
    /// This call blocks. It throws when the time is over, with the given sentence, or when the task is cancelled.
    mutating func wait(_ sentence: () -> String) throws(LedgerError) {
        guard !Task.isCancelled else {
            throw LedgerError(.interrupted, "The embedded ledger was no longer waited for.")
        }
        guard ContinuousClock.now < end else { throw LedgerError(.cluster, sentence()) }
        usleep(UInt32(pause / .microseconds(1)))
        pause = min(pause * 1.25, .milliseconds(20))
    }
}
