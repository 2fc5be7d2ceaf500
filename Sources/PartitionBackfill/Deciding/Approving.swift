internal import BlockingWork
internal import Lakehouse
internal import Partitions
internal import ProgressStore
internal import Transforms

/// Publishes what was held, because somebody has approved it.
struct Approving: Sendable {
    let job: Job
    let table: any Table
    let ledger: Ledger
    let user: String
    let reason: String
    let events: EventSink

    /// Publishes exactly what was judged, or nothing.
    func approve(_ held: HeldPartition) async throws -> DecisionOutcome {
        let claimedAt = ContinuousClock.now
        let version = held.transformVersion ?? job.version
        let claim = try await ledger.takeHeld(
            TakeRequest(
                job: job.name, key: held.key, fence: held.token.fence, tableIdentity: table.identity,
                transformVersion: version, run: held.runID, user: user, reason: reason, lease: job.defaults.lease,
                deadline: job.defaults.deadline))
        guard let claim else { return .notHeld }
        let thread = BlockingThread(label: "reprocess.approve")
        let publication = Publication(
            job: job, table: table, ledger: ledger, claim: claim, claimedAt: claimedAt, run: held.runID ?? 0,
            lease: job.defaults.lease, thread: thread)
        do {
            let outcome = try await publication.publish { staging in
                try await thread.run { try stage(held, into: staging) }
            } recording: { generation, _ in
                CompletionFacts(
                    rowsWritten: held.rowsWritten, bytesWritten: generation.bytes, transformVersion: version,
                    tableVersion: generation.version, sourceVersions: held.sourceVersions,
                    sourceIdentity: held.sourceIdentity, judgement: held.judgement)
            }
            await drop(held, on: thread)
            return told(outcome, of: held.key, claimedAt)
        } catch let error as LedgerError {
            // What became of it is seen by whoever takes the partition over.
            throw error
        } catch {
            await drop(held, on: thread)
            return .failed(error: "\(error)\nThe partition is PENDING again.")
        }
    }

    /// Asked after `begin`, when no earlier attempt can publish any more.
    private func stage(_ held: HeldPartition, into staging: Staging) throws -> Int64 {
        let current = try table.current(held.key)
        guard current?.version == held.judgement?.replacedVersion else {
            throw Publication.Refusal(
                reason: "The partition has changed since its new data was judged, so that this was not published.")
        }
        guard let rows = held.rowsWritten, try table.held(held.key, by: Writer(held.token)) != nil else {
            throw Publication.Refusal(reason: "What was held is not there any more.")
        }
        try table.stageHeld(by: Writer(held.token), into: staging)
        return rows
    }

    private func told(
        _ outcome: Publication.Outcome, of key: PartitionKey, _ start: ContinuousClock.Instant
    ) -> DecisionOutcome {
        switch outcome {
        case .lost: return .notHeld
        case .refused(let reason): return .changedMeanwhile(reason: reason)
        case .published(let generation, let facts):
            events.emit(
                .completed(
                    key, rows: facts.rowsWritten, bytes: facts.bytesWritten, duration: .now - start,
                    wasAdopted: false, tableVersion: generation.version))
            return .published(version: generation.version, rows: facts.rowsWritten)
        }
    }

    /// What cannot be dropped now is garbage that cleaning finds.
    private func drop(_ held: HeldPartition, on thread: BlockingThread) async {
        try? await thread.run { try table.dropHeld(held.key, by: Writer(held.token)) }
    }
}

/// Drops what was held, because somebody does not want it.
struct Rejecting: Sendable {
    let job: Job
    let table: any Table
    let ledger: Ledger
    let user: String
    let reason: String

    /// Tells the ledger first: what it calls HELD is there in any case.
    func reject(_ held: HeldPartition) async throws -> DecisionOutcome {
        let outcome = try await ledger.reject(job: job.name, held.token, by: user, reason: reason)
        guard case .recorded = outcome else { return .notHeld }
        do {
            try await BlockingThread(label: "reprocess.reject").run {
                try table.dropHeld(held.key, by: Writer(held.token))
            }
        } catch {
            return .failed(error: "It is rejected, but what was held could not be removed. \(error)")
        }
        return .rejected
    }
}
