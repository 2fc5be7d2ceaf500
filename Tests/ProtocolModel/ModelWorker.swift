/// One process that works for a job: it plans, claims, begins, adopts or stages, publishes and records.
///
/// A crash forgets all of it. A stopped process keeps what it knows, however old that gets.
package struct ModelWorker {
    /// What it does next, or waits for.
    package enum Phase {
        case readFence, readRows, askForClaim, awaitClaim
        case lookTooEarly, begin, look, readHistory, discardBeforeAdopting
        case stage, awaitTrust, publish
        case sendCompletion, awaitCompletion, awaitStanding
        case discardAfterFailure, sendFailure, awaitFailure
        case discardBeforeRelease, sendRelease, awaitRelease
        case discardAfterLoss
        case done
    }

    package internal(set) var job = 0
    package internal(set) var phase = Phase.done
    package internal(set) var isAlive = false
    /// It was stopped, and goes on at this time.
    package internal(set) var stoppedUntil = 0
    /// There was nothing to claim; it asks again at this time.
    package internal(set) var waitsUntil = 0
    package internal(set) var version = 0
    package internal(set) var includesComplete = false

    var planFence = 0
    var planOrder = 0
    /// The partitions of its plan that have not ended.
    package internal(set) var wanted: UInt8 = 0
    /// The attempt that it works on.
    package internal(set) var attempt = -1
    package internal(set) var call = TableCall(.current, attempt: 0, key: 0, guards: .all)
    var staged = 0
    /// The attempt whose generation is in the table, for COMPLETE.
    var generation = -1
    /// What was seen before `begin`, where the guard against that is out.
    var seenEarly = -1
    /// When the ledger was last asked with success to keep the lease.
    var confirmedAt = 0
    /// The ledger has said that the lease is lost.
    var isLost = false
    var isMarking = false
    package internal(set) var work = Message()
    package internal(set) var pulse = Message()

    package init() {}

    /// Whether nobody else can have the partition yet: `LeaseClock`.
    mutating func trustsLease(_ lease: Int, at now: Int) -> Bool {
        now - confirmedAt < lease - lease / 4
    }
}
