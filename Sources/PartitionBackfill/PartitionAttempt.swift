internal import BlockingWork
internal import FaultPoints
internal import Foundation
internal import Lakehouse
internal import Partitions
internal import ProgressStore
internal import Transforms

/// One claim's way from staging to publish: `begin → adopt? → stage → check → publish`.
struct PartitionAttempt: Sendable {
    /// How an attempt ended, before anything is recorded.
    enum Result: Sendable {
        /// The table holds this attempt's generation, or its dead predecessor's.
        case published(CompletionFacts)
        /// Another attempt has the partition; nothing was changed.
        case lost
        /// Nothing was published, and the error says why.
        case failed(any Error)
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
    /// Waits until the lease can be trusted; false where it was lost.
    let awaitTrust: @Sendable () async -> Bool

    /// Runs the attempt.
    ///
    /// A cancelled task ends it before its publish, never within.
    func run() async -> Result {
        do {
            guard let table else { return try await runWithoutTable() }
            return try await replacePartition(of: table)
        } catch let error as TableError where error.code == .fenced {
            return await outcome(of: error)
        } catch {
            return .failed(error)
        }
    }

    /// A higher fence belongs to a later attempt, unless the ledger has never come so far: then it is not the ledger
    /// that made the table, and every attempt would be fenced.
    private func outcome(of fencing: TableError) async -> Result {
        do {
            let reached = try await ledger.currentFence()
            guard let fence = fencing.fence, fence > reached else { return .lost }
            return .failed(ForeignFenceError(key: claim.key, fence: fence, reached: reached))
        } catch {
            return .failed(error)
        }
    }

    private func runWithoutTable() async throws -> Result {
        let staged = try await job.stage(
            claim.key, into: nil, session: session, provenance: [:], tables: sources)
        return .published(
            CompletionFacts(
                rowsWritten: staged.rows, transformVersion: job.version, sourceVersions: sources.versions))
    }

    private func replacePartition(of table: any Table) async throws -> Result {
        let writer = Writer(fence: claim.token.fence, claimID: claim.token.claimID)
        let staging = try await thread.run { [key = claim.key] in try table.begin(key, writer: writer) }
        do {
            if let facts = try await adoptablePredecessor(in: table) {
                try FaultInjector.fromEnvironment.reached(.adopting)
                try await thread.run { try table.discard(staging) }
                return .published(facts)
            }
            let staged = try await job.stage(
                claim.key, into: staging.directory, session: session, provenance: provenance,
                tables: sources)
            try await refuseEmptying(staged, of: table)
            try FaultInjector.fromEnvironment.reached(.staged)
            let isOurs = await awaitTrust()
            try Task.checkCancellation()
            guard isOurs else { return await giveUp(staging, in: table) }
            return try await publish(staging, staged, to: table)
        } catch {
            await discardAfterFailure(staging, in: table)
            throw error
        }
    }

    /// A predecessor that published and then died before it could record has done this attempt's work.
    ///
    /// Asked after `begin`, which keeps every predecessor from publishing later: the answer cannot change any more.
    private func adoptablePredecessor(in table: any Table) async throws -> CompletionFacts? {
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

    /// A partition with rows is not replaced by one without, unless the job says so.
    private func refuseEmptying(_ staged: StagedResult, of table: any Table) async throws {
        guard staged.rows == 0, job.target?.allowsEmpty == false,
            let current = try await thread.run({ [key = claim.key] in try table.current(key) }), !current.files.isEmpty
        else { return }
        let rows = try await session.countRows(inParquetFiles: current.files)
        guard rows > 0 else { return }
        throw TransformError(
            .emptyResult,
            "The result for \(claim.key) has no rows, but the partition has \(rows). Nothing was replaced. "
                + "If the partition is meant to become empty, set 'allow_empty: true' at the job's target.")
    }

    private func publish(_ staging: Staging, _ staged: StagedResult, to table: any Table) async throws -> Result {
        switch try await thread.run({ try table.publish(staging, rows: staged.rows) }) {
        case .fenced:
            return await giveUp(staging, in: table)
        case .published(let generation):
            try FaultInjector.fromEnvironment.reached(.published)
            return .published(
                CompletionFacts(
                    rowsWritten: staged.rows, bytesWritten: generation.bytes, transformVersion: job.version,
                    tableVersion: generation.version, sourceVersions: sources.versions))
        }
    }

    private func giveUp(_ staging: Staging, in table: any Table) async -> Result {
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
