internal import BlockingWork
internal import FaultPoints
internal import Foundation
internal import Lakehouse
internal import Partitions
internal import ProgressStore
internal import Transforms

/// Puts generations back that attempts have replaced.
struct Undoing: Sendable {
    let job: Job
    let table: any Table
    let ledger: Ledger
    let engine: any Engine
    let request: UndoRequest
    let events: EventSink

    /// Looks at everything first, then puts back what can be.
    func run() async throws -> UndoReport {
        let search = UndoSearch(
            job: job, table: table, ledger: ledger, force: request.force,
            thread: BlockingThread(label: "reprocess.undo"))
        let findings = try await search.findings(in: request.scope)
        let candidates = findings.compactMap {
            if case .candidate(let candidate) = $0.finding { candidate } else { nil }
        }
        var outcomes: [PartitionKey: UndoOutcome] = [:]
        var run: Int64?
        if request.isDryRun {
            for candidate in candidates {
                outcomes[candidate.key] = candidate.restoration.map { .wouldPutBack($0) } ?? .wouldEmpty
            }
        } else if !candidates.isEmpty {
            (run, outcomes) = try await putBack(candidates, search)
        }
        let entries = findings.map { key, finding in
            switch finding {
            case .outcome(let outcome): UndoReport.Entry(key, outcome)
            case .candidate: UndoReport.Entry(key, outcomes[key] ?? .failed(error: "It was not reached."))
            }
        }
        return UndoReport(run: run, entries: entries)
    }

    private func putBack(
        _ candidates: [UndoCandidate], _ search: UndoSearch
    ) async throws -> (run: Int64, outcomes: [PartitionKey: UndoOutcome]) {
        let planned = PartitionSet(granularity: job.partitioning.every, keys: candidates.map(\.key))
        let range = planned.hull ?? PartitionRange(granularity: job.partitioning.every, ordinals: 0..<0)
        let run = try await ledger.openRun(
            RunRequest(
                job: job.name, range: range, planned: planned, tableIdentity: table.identity, options: options,
                reason: request.reason, transformVersion: job.version))
        do {
            let outcomes = try await inParallel(candidates, workers: request.workers) { candidate in
                try await putBack(candidate, run: run, search)
            }
            await close(run, outcomes, "FINISHED")
            return (run, Dictionary(uniqueKeysWithValues: zip(candidates.map(\.key), outcomes)))
        } catch {
            await close(run, [], error is CancellationError ? "STOPPED" : "CRASHED")
            throw error
        }
    }

    private func putBack(_ candidate: UndoCandidate, run: Int64, _ search: UndoSearch) async throws -> UndoOutcome {
        let claimedAt = ContinuousClock.now
        let version = candidate.transformVersion ?? Undoing.unknownVersion
        let claim = try await ledger.takeForUndo(
            TakeRequest(
                job: job.name, key: candidate.key, fence: candidate.row.fence, tableIdentity: table.identity,
                transformVersion: version, run: run, user: request.user, reason: request.reason,
                lease: request.lease, deadline: job.defaults.deadline))
        guard let claim else {
            return .refused(reason: "Somebody else is at work on the partition, or has just been.")
        }
        let thread = BlockingThread(label: "reprocess.undo")
        var publication = Publication(
            job: job, table: table, ledger: ledger, claim: claim, claimedAt: claimedAt, run: run, lease: request.lease,
            thread: thread)
        publication.standing = candidate.standing
        let record = try await search.record(of: candidate)
        let restaging = Restaging(
            job: job, table: table, engine: engine, candidate: candidate, force: request.force, thread: thread,
            provenance: provenance(claim, run))
        do {
            let outcome = try await publication.publish {
                try await restaging.stage(into: $0)
            } recording: { generation, rows in
                CompletionFacts(
                    rowsWritten: rows, bytesWritten: generation.bytes, transformVersion: version,
                    tableVersion: generation.version, sourceIdentity: candidate.restoredSources, judgement: record)
            }
            return told(outcome, of: candidate, claimedAt)
        } catch let error as LedgerError {
            throw error
        } catch {
            // Taken away since it was looked at.
            if let error = error as? TableError, error.code == .missing { return .gone(reason: error.message) }
            return .failed(error: "\(error)")
        }
    }

    private func told(
        _ outcome: Publication.Outcome, of candidate: UndoCandidate, _ start: ContinuousClock.Instant
    ) -> UndoOutcome {
        switch outcome {
        case .lost: return .refused(reason: "Somebody else has taken the partition over meanwhile.")
        case .refused(let reason): return .refused(reason: reason)
        case .published(let generation, let facts):
            events.emit(
                .completed(
                    candidate.key, rows: facts.rowsWritten, bytes: facts.bytesWritten, duration: .now - start,
                    wasAdopted: false, tableVersion: generation.version))
            return candidate.restoration.map { .putBack($0) } ?? .emptied
        }
    }

    /// What a row says of the transform of a generation that the ledger knows nothing of; every version is another one.
    private static let unknownVersion = "unknown"

    private var options: String {
        switch request.scope {
        case .partitions(let partitions): "undo of \(partitions.count)" + (request.force ? " --force" : "")
        case .run(let run): "undo --run \(run)" + (request.force ? " --force" : "")
        }
    }

    private func provenance(_ claim: Claim, _ run: Int64) -> [String: String] {
        [
            "reprocess.job": job.name, "reprocess.partition": claim.key.description,
            "reprocess.fence": String(claim.token.fence),
            "reprocess.claim": claim.token.claimID.uuidString.lowercased(), "reprocess.run": String(run),
        ]
    }

    /// The end of a run is for people who read the history: where it cannot be recorded, nothing else is lost.
    private func close(_ run: Int64, _ outcomes: [UndoOutcome], _ outcome: String) async {
        let done = outcomes.count {
            switch $0 {
            case .putBack, .emptied: true
            default: false
            }
        }
        let result = RunResult(complete: done, failed: outcomes.count - done, skipped: 0, outcome: outcome)
        try? await ledger.closeRun(run, result)
    }
}
