/// A statement on its way to the ledger, or its answer on the way back.
package struct Message {
    /// What is asked.
    package enum Kind { case claim, claimedBatch, complete, fail, release, heartbeat, standing }

    /// Where it is.
    package enum Place { case nowhere, onItsWay, answered }

    package var kind = Kind.heartbeat
    package var place = Place.nowhere
    package var request = ModelLedger.ClaimRequest(job: 0, keys: 0)
    /// The attempt on whose behalf it is.
    package var attempt = -1
    /// Of `complete`: the attempt whose generation is in the table.
    package var generation = -1
    /// Of `fail`: how long until the next try; -1 gives up.
    package var delay = -1
    /// When the plan was made on whose behalf it is.
    package var planOrder = 0
    /// When it was sent, by the worker's clock.
    package var sentAt = 0
    /// It repeats one whose outcome is unknown.
    package var isRepeated = false

    /// The answer: the attempts granted.
    package var granted: UInt64 = 0
    /// The answer: whether anything was changed, or the attempt was found to be recorded.
    package var isRecorded = false

    package init() {}
}
