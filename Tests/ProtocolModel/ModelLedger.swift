/// The ledger as `sql/` makes it: one row for each partition of a job, one for each attempt, one sequence of fences.
///
/// Each function is one statement, which sees and changes everything at once. Attempts are numbered in the order in which
/// they were claimed; the number stands for the random claim id. Times are those of the database's clock.
package struct ModelLedger {
    /// How many jobs there are; all write one table.
    package static let jobs = 2

    /// Where a partition of a job stands.
    package enum Status { case absent, pending, running, held, complete, failed }

    /// How an attempt ended.
    package enum Outcome { case running, complete, adopted, held, failed, retry, released, lost }

    /// One row of `partition_progress`.
    package struct Row {
        package internal(set) var status = Status.absent
        package internal(set) var fence = 0
        /// The place of its end in the order of fences.
        package internal(set) var endedFence = 0
        /// The claim id; -1 is none.
        package internal(set) var claim = -1
        package internal(set) var attempt = 0
        package internal(set) var failures = 0
        package internal(set) var takeovers = 0
        package internal(set) var leaseEnds = 0
        package internal(set) var notBefore = 0
        /// The version for which it was COMPLETE last; -1 is none.
        package internal(set) var version = -1
    }

    /// One row of `attempt`.
    package struct Attempt {
        package internal(set) var fence = 0
        package internal(set) var job = 0
        package internal(set) var key = 0
        package internal(set) var number = 0
        package internal(set) var failures = 0
        package internal(set) var version = 0
        package internal(set) var batch = 0
        /// The attempt whose claim it took over; -1 is none.
        package internal(set) var predecessor = -1
        package internal(set) var outcome = Outcome.running
        /// A failover has not lost it.
        package internal(set) var isKnown = true
    }

    /// What differs from one ledger to another.
    package struct Rules: Sendable {
        /// Which guards are there.
        package var guards = Guards.all
        /// How long a lease lasts.
        package var lease = 30
        /// How often a partition is taken over before it is given up.
        package var takeoverLimit = 5

        package init(guards: Guards = .all, lease: Int = 30, takeoverLimit: Int = 5) {
            self.guards = guards
            self.lease = lease
            self.takeoverLimit = takeoverLimit
        }
    }

    package let rules: Rules
    var rows = InlineArray<6, Row>(repeating: Row())
    package internal(set) var attempts = InlineArray<48, Attempt>(repeating: Attempt())
    package internal(set) var attemptCount = 0
    /// The number that the sequence has reached.
    package internal(set) var sequence = 0
    /// An attempt that had ended was given another outcome, which a trigger of the database refuses.
    package internal(set) var rewroteHistory = false

    /// Creates an empty ledger.
    package init(rules: Rules) {
        self.rules = rules
    }

    /// The row of a partition.
    package mutating func row(job: Int, key: Int) -> Row { rows[job * ModelDisk.keys + key] }

    /// Whether one more attempt can be counted.
    package var hasRoom: Bool { mutating get { attemptCount + ModelDisk.keys < ModelDisk.capacity } }

    mutating func nextFence() -> Int {
        sequence += 1
        return sequence
    }

    /// The attempt that the ledger knows by a fence.
    mutating func attempt(fenced fence: Int) -> Int? {
        var index = attemptCount
        while index > 0 {
            index -= 1
            if attempts[index].isKnown, attempts[index].fence == fence { return index }
        }
        return nil
    }

    /// Ends the attempt of a fence.
    mutating func end(fence: Int, as outcome: Outcome) {
        guard let index = attempt(fenced: fence) else { return }
        if attempts[index].outcome != .running { rewroteHistory = true }
        attempts[index].outcome = outcome
    }

    /// Takes the attempt of a fence for lost, if it still runs.
    mutating func lose(fence: Int) {
        guard fence > 0, let index = attempt(fenced: fence), attempts[index].outcome == .running else { return }
        attempts[index].outcome = .lost
    }

    /// Puts an older state back: the failover to a replica that had not received everything.
    package mutating func failOver(to replica: ModelLedger) {
        rows = replica.rows
        sequence = replica.sequence
        var index = 0
        while index < attemptCount {
            if index < replica.attemptCount {
                attempts[index] = replica.attempts[index]
            } else {
                attempts[index].isKnown = false
            }
            index += 1
        }
    }
}
