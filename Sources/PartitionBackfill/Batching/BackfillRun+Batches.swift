internal import Lakehouse
internal import ProgressStore
internal import Transforms

extension BackfillRun {
    /// Gives a partition back of which as many batches are finished as were asked for.
    ///
    /// Its batches stay in the ledger: the next run goes on after them. This one does not look at it again.
    func interrupt(_ claim: Claim, _ limit: BatchLimitReached) async {
        guard await dispatcher.beginMark(claim.token) else { return }
        await release([claim.token])
        tally.noteInterrupted(batches: limit.batches, rows: limit.rows)
        await dispatcher.ended(claim.token)
        events.emit(.interrupted(claim.key, batches: limit.batches, rows: limit.rows))
    }
}
