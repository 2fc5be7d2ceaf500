internal import ProgressStore

/// Where a claim of this process stands.
struct Holding: Sendable {
    /// How far an attempt is beyond its time.
    enum Lateness: Sendable, Comparable {
        /// Within it.
        case none
        /// It has been interrupted.
        case interrupted
        /// It did not end when it was interrupted, and is waited for no longer.
        case abandoned
    }

    let claim: Claim
    /// When the claim was asked for, by the monotonic clock: not later than the ledger granted it.
    let claimedAt: ContinuousClock.Instant
    /// How long its lease can be trusted.
    var clock: LeaseClock
    /// What works on it.
    var task: Task<Void, Never>?
    /// A mark of it is on its way to the ledger, whose answer alone tells what became of it.
    var isBeingMarked = false
    var lateness = Lateness.none
    /// The most workers, and threads of the engine, that there were since the attempt began.
    var crew = CrewLimit.Share.smallest

    init(claim: Claim, claimedAt: ContinuousClock.Instant, lease: Duration) {
        self.claim = claim
        self.claimedAt = claimedAt
        clock = LeaseClock(lease: lease, confirmedAt: claimedAt)
    }
}
