internal import BlockingWork
internal import FaultPoints
internal import Foundation
internal import Lakehouse
internal import Partitions
internal import ProgressStore
internal import Transforms

/// One claim's way from staging to publish: `begin → adopt? → stage → judge → publish`, or hold, or nothing.
struct PartitionAttempt: Sendable {
    /// How an attempt ended, before anything is recorded.
    enum Result: Sendable {
        /// The table holds this attempt's generation, its dead predecessor's, or one that is equal to its result.
        case published(CompletionFacts)
        /// What it staged is set aside in the table, and waits for a decision.
        case held(HoldFacts)
        /// Another attempt has the partition; nothing was changed.
        case lost
        /// As many batches are finished as were asked for; nothing was published.
        case interrupted(BatchLimitReached)
        /// Nothing was published, and the error says why; with what was found out about the staged data, if anything was.
        case failed(any Error, JudgementRecord?)
    }

    /// What a run asks of the judgement beside what the job says.
    struct Rules: Sendable {
        var holdsEverything = false
        var rewritesUnchanged = false
    }

    let job: Job
    let table: (any Table)?
    let ledger: Ledger
    let claim: Claim
    let run: Int64
    let session: any EngineSession
    let thread: BlockingThread
    /// The tables that the transform reads.
    let sources: AttemptSources
    let rules: Rules
    /// What the attempt has taken so far.
    let meter: AttemptMeter
    /// The batches of the partition, where it is read in several.
    let batches: AttemptBatches
    /// Waits until the lease can be trusted; false where it was lost.
    let awaitTrust: @Sendable () async -> Bool
    /// Hears what people should know beside the outcome.
    let tell: @Sendable (BackfillEvent) -> Void

    /// Runs the attempt.
    ///
    /// A cancelled task ends it before its publish, never within.
    func run() async -> Result {
        do {
            guard let table else { return try await runWithoutTable() }
            return try await replacePartition(of: table)
        } catch let error as TableError where error.code == .fenced {
            return await outcome(of: error)
        } catch let limit as BatchLimitReached {
            return .interrupted(limit)
        } catch {
            return .failed(error, nil)
        }
    }

    var writer: Writer { Writer(claim.token) }

    /// A higher fence belongs to a later attempt, unless the ledger has never come so far: then it is not the ledger
    /// that made the table, and every attempt would be fenced.
    private func outcome(of fencing: TableError) async -> Result {
        do {
            let reached = try await ledger.currentFence()
            guard let fence = fencing.fence, fence > reached else { return .lost }
            return .failed(ForeignFenceError(key: claim.key, fence: fence, reached: reached), nil)
        } catch {
            return .failed(error, nil)
        }
    }

    private func runWithoutTable() async throws -> Result {
        let identity = try await sourceIdentity()
        let staged = try await job.stage(
            claim.key, into: nil, session: session, provenance: [:], tables: sources)
        return .published(
            CompletionFacts(
                rowsWritten: staged.rows, transformVersion: job.version, sourceVersions: sources.versions,
                sourceIdentity: identity))
    }

    private func replacePartition(of table: any Table) async throws -> Result {
        let staging = try await thread.run { [key = claim.key, writer] in try table.begin(key, writer: writer) }
        batches.use(staging)
        do {
            if let facts = try await adoptablePredecessor(in: table) {
                try FaultInjector.fromEnvironment.reached(.adopting)
                try await thread.run { try table.discard(staging) }
                return .published(facts)
            }
            // Before anything is read: what changes meanwhile makes the partition stale, rather than going unnoticed.
            let identity = try await sourceIdentity()
            let staged = try await job.stage(
                claim.key, into: staging.directory, session: session, provenance: provenance,
                tables: sources, batches: batches)
            let result = Staged(staging: staging, result: staged, sourceIdentity: identity)
            let judged = try await judge(staged, in: table)
            try FaultInjector.fromEnvironment.reached(.staged)
            let isOurs = await awaitTrust()
            try Task.checkCancellation()
            guard isOurs else { return await giveUp(staging, in: table) }
            return try await act(on: judged, result, in: table)
        } catch {
            await discardAfterFailure(staging, in: table)
            throw error
        }
    }

    /// Does what a judgement says.
    private func act(on judged: JudgedStaging, _ staged: Staged, in table: any Table) async throws -> Result {
        switch judged.verdict {
        case .publish: return try await publish(staged, judged, to: table)
        case .hold(let reason): return try await hold(staged, judged, reason, in: table)
        case .unchanged(let version):
            // Somebody who does not tell the ledger may have been there since it was judged.
            guard try await isStillCurrent(judged.previous, in: table) else {
                return try await publish(staged, judged, to: table)
            }
            try await thread.run { try table.discard(staged.staging) }
            var facts = facts(of: staged, judged)
            facts.bytesWritten = judged.previous?.generation.bytes
            facts.tableVersion = version
            facts.wasUnchanged = true
            return .published(facts)
        case .fail(let error):
            try await thread.run { try table.discard(staged.staging) }
            return .failed(error, judged.record)
        }
    }

    private func isStillCurrent(_ previous: PreviousContent?, in table: any Table) async throws -> Bool {
        let current = try await thread.run { [key = claim.key] in try table.current(key) }
        return current?.version == previous?.generation.version
    }

    private func publish(_ staged: Staged, _ judged: JudgedStaging, to table: any Table) async throws -> Result {
        let (staging, rows) = (staged.staging, staged.result.rows)
        switch try await thread.run({ try table.publish(staging, rows: rows) }) {
        case .fenced:
            return await giveUp(staging, in: table)
        case .published(let generation):
            try FaultInjector.fromEnvironment.reached(.published)
            var facts = facts(of: staged, judged)
            facts.bytesWritten = generation.bytes
            facts.tableVersion = generation.version
            return .published(facts)
        }
    }

    private func facts(of staged: Staged, _ judged: JudgedStaging) -> CompletionFacts {
        CompletionFacts(
            rowsWritten: staged.result.rows, transformVersion: job.version, sourceVersions: sources.versions,
            sourceIdentity: staged.sourceIdentity, judgement: judged.record)
    }

    func giveUp(_ staging: Staging, in table: any Table) async -> Result {
        await discardAfterFailure(staging, in: table)
        return .lost
    }

    /// Clears what a failed attempt staged.
    ///
    /// What cannot be cleared now is garbage that cleaning finds; the attempt's own error is the one to report.
    private func discardAfterFailure(_ staging: Staging, in table: any Table) async {
        try? await thread.run { try table.discard(staging) }
    }

    private var provenance: [String: String] {
        [
            "reprocess.job": job.name, "reprocess.partition": claim.key.description,
            "reprocess.fence": String(claim.token.fence),
            "reprocess.claim": claim.token.claimID.uuidString.lowercased(),
            "reprocess.run": String(run), "reprocess.transform_version": job.version,
        ]
    }
}

extension PartitionAttempt {
    /// What an attempt has staged.
    struct Staged: Sendable {
        let staging: Staging
        let result: StagedResult
        /// Of what files it was made; nil where nobody can tell.
        let sourceIdentity: String?
    }
}

extension Writer {
    /// The attempt that a claim stands for.
    init(_ token: ClaimToken) { self.init(fence: token.fence, claimID: token.claimID) }
}
