/// How long an attempt may take, by the worker's own monotonic clock.
///
/// The ledger hands a partition to others when the deadline has passed by the database's clock. The worker acts a little
/// earlier, so that a slow attempt ends as a failure with a reason and not as a loss.
struct TimeLimit: Sendable {
    /// The deadline that the ledger knows, counted from the claim.
    let deadline: Duration

    /// When the attempt is interrupted.
    var interruption: Duration { deadline - min(.seconds(60), deadline / 4) }

    /// When an attempt that did not end is given up.
    var abandonment: Duration { deadline - min(.seconds(10), deadline / 10) }

    /// How often it is worth looking.
    var period: Duration { min(.seconds(5), max(.milliseconds(20), deadline / 100)) }

    /// How far an attempt is beyond its time.
    func lateness(after elapsed: Duration) -> Holding.Lateness {
        if elapsed >= abandonment { return .abandoned }
        return elapsed >= interruption ? .interrupted : .none
    }
}

/// An attempt took longer than it may.
struct DeadlineError: Error, CustomStringConvertible {
    let deadline: Duration
    /// Whether it ended when it was interrupted.
    let wasAbandoned: Bool

    var description: String {
        let end =
            wasAbandoned
            ? "was interrupted, and did not end; whatever it still does is dropped"
            : "was interrupted"
        return
            "The attempt took longer than its deadline of \(deadline) and \(end). Nothing was published. "
            + "If the partition needs that long, raise 'deadline' under 'run' of the job, or give --deadline."
    }
}
