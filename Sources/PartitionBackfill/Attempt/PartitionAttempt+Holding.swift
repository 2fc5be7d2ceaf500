internal import BlockingWork
internal import Lakehouse
internal import ProgressStore

extension PartitionAttempt {
    /// Sets what was staged aside, durably, before the ledger hears of it.
    ///
    /// A worker that dies in between leaves a partition to be made anew, and garbage that cleaning finds: what the ledger
    /// calls HELD is there in any case.
    func hold(
        _ staged: Staged, _ judged: JudgedStaging, _ reason: String, in table: any Table
    ) async throws -> Result {
        let held = try await thread.run { [staging = staged.staging] in try table.hold(staging) }
        return .held(
            HoldFacts(
                rowsWritten: staged.result.rows, bytesWritten: held.bytes, transformVersion: job.version,
                sourceVersions: sources.versions, sourceIdentity: staged.sourceIdentity, reason: reason,
                judgement: judged.record))
    }
}
