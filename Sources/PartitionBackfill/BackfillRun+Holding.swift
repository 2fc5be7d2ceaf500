internal import BlockingWork
internal import FaultPoints
internal import Lakehouse
internal import ProgressStore

/// How what was set aside becomes HELD.
extension BackfillRun {
    func markHeld(_ claim: Claim, _ facts: HoldFacts, _ batches: AttemptBatches) async {
        // Whoever has taken the claim away meanwhile has said so.
        guard await dispatcher.beginMark(claim.token) else { return await dropHeld(of: claim) }
        do {
            let outcome = try await ledger.hold(job: job.name, claim.token, facts)
            try FaultInjector.fromEnvironment.reached(.held)
            guard case .recorded = outcome else {
                await dropHeld(of: claim)
                await dispatcher.putBack(claim.token)
                return events.emit(.lost(claim.key))
            }
            // What is held has its files by names of their own. What cannot be removed now is garbage that cleaning finds.
            if batches.isUsed { try? await batches.drop() }
            tally.noteHeld(claim.key, facts.reason)
            await dispatcher.ended(claim.token)
            events.emit(.held(claim.key, reason: facts.reason))
        } catch {
            tally.noteFatal(error)
        }
    }

    /// Clears what nobody will decide about.
    ///
    /// What cannot be cleared now is garbage that cleaning finds.
    private func dropHeld(of claim: Claim) async {
        guard let table else { return }
        try? await BlockingThread(label: "reprocess.drop").run {
            try table.dropHeld(claim.key, by: Writer(claim.token))
        }
    }
}
