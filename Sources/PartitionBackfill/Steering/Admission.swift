/// Whether a process may start partitions at the moment; a value that is told what happens.
struct Admission: Sendable, Hashable {
    /// Whether the run may start any: it is not paused, and the time is right.
    var isOpen = true
    /// Until when a limit that all processes share lets this one start nothing.
    private var restsUntil: ContinuousClock.Instant?
    /// Whether an end of a partition of this process leaves room within that limit.
    private var restEndsWithPartition = false

    /// How long nothing may be started yet because of a shared limit; nil where it may be.
    func rest(at now: ContinuousClock.Instant) -> Duration? {
        restsUntil.flatMap { now < $0 ? $0 - now : nil }
    }

    /// Lets nothing be started until a moment.
    mutating func rest(until moment: ContinuousClock.Instant, orUntilPartitionEnds: Bool) {
        restsUntil = moment
        restEndsWithPartition = orUntilPartitionEnds
    }

    /// A partition of this process has ended, or was given back.
    mutating func noteRoom() { if restEndsWithPartition { restsUntil = nil } }

    /// The limits are others now: the ledger is asked again.
    mutating func forgetRest() { restsUntil = nil }
}
