internal import BlockingWork
internal import Lakehouse
internal import ProgressStore

extension PartitionAttempt {
    /// A predecessor that published and then died before it could record has done this attempt's work.
    ///
    /// Asked after `begin`, which keeps every predecessor from publishing later: the answer cannot change any more. What
    /// the predecessor found out about its data died with it, and so did what its sources were: the partition is recorded
    /// without.
    func adoptablePredecessor(in table: any Table) async throws -> CompletionFacts? {
        // A partition's first attempt since it was reopened has nobody before it.
        guard claim.attempt > 1 || claim.predecessor != nil else { return nil }
        let current = try await thread.run { [key = claim.key] in try table.current(key) }
        guard let current, let writer = current.writer else { return nil }
        let history = try await ledger.attempts(job: job.name, key: claim.key)
        let adoption = Adoption(history: history, claim: claim.token, version: job.version)
        guard adoption.isAdoptable(writtenBy: writer) else { return nil }
        return CompletionFacts(
            rowsWritten: current.rows, bytesWritten: current.bytes, transformVersion: job.version,
            tableVersion: current.version, wasAdopted: true)
    }
}
