/// Tells by the worker's own monotonic clock how long its leases can be trusted without word from the ledger.
///
/// The database's clock alone decides when a lease has ended. This clock only makes a worker that was cut off, or
/// asleep, stop early: a lease is trusted until a margin before the earliest moment at which the database can have
/// ended it, which is the lease's length after the last confirmed request was *sent*.
struct LeaseClock: Sendable {
    private let trusted: Duration
    private var confirmedAt: ContinuousClock.Instant

    init(lease: Duration, confirmedAt: ContinuousClock.Instant) {
        trusted = lease - min(.seconds(10), lease / 4)
        self.confirmedAt = confirmedAt
    }

    /// The ledger has confirmed a lease with a request that was sent at `instant`.
    mutating func confirm(sentAt instant: ContinuousClock.Instant) {
        confirmedAt = max(confirmedAt, instant)
    }

    /// Whether nobody else can have the partition yet.
    func isTrusted(at now: ContinuousClock.Instant) -> Bool {
        now - confirmedAt < trusted
    }
}
