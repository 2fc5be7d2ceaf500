internal import BlockingWork
internal import FaultPoints
internal import Foundation
internal import Lakehouse
internal import Partitions
internal import ProgressStore
internal import Transforms

/// Publishes under a claim what exists already, because a person has decided so.
struct Publication: Sendable {
    /// How it ended.
    enum Outcome: Sendable {
        /// The table holds it, and the ledger says so.
        case published(Generation, CompletionFacts)
        /// It was not published, and the partition is as it was, or PENDING where that cannot be said any more.
        case refused(reason: String)
        /// Somebody else has the partition.
        case lost
    }

    /// A reason not to publish that is found out when nobody else can publish any more.
    struct Refusal: Error {
        let reason: String
    }

    let job: Job
    let table: any Table
    let ledger: Ledger
    let claim: Claim
    let claimedAt: ContinuousClock.Instant
    let run: Int64
    let lease: Duration
    let thread: BlockingThread
    /// What the ledger said before the claim, which it is to say again where nothing was published; nil where the partition
    /// is to be PENDING then.
    var standing: CompletionFacts?

    /// Publishes and records.
    ///
    /// - Parameters:
    ///   - stage: Fills the staging; throws `Refusal` where the partition is not what was decided about.
    ///   - complete: What is recorded with the generation.
    /// - Returns: How it ended.
    /// - Throws: Whatever went wrong before anything was published.
    func publish(
        _ stage: @escaping @Sendable (Staging) async throws -> Int64,
        recording complete: @escaping @Sendable (Generation, Int64) -> CompletionFacts
    ) async throws -> Outcome {
        try await KeptLease.with(
            claim, of: job.name, run: run, in: ledger, lease: lease, claimedAt: claimedAt
        ) { kept in
            try FaultInjector.fromEnvironment.reached(.taken)
            do {
                return try await publish(kept, stage, complete)
            } catch let error as TableError where error.code == .fenced {
                return .lost
            } catch let refusal as Refusal {
                return try await takeBack(refusal.reason)
            } catch {
                // Whether it was published only the table knows.
                if let generation = try await ownGeneration() {
                    return try await record(complete(generation, generation.rows ?? 0), generation)
                }
                _ = try await takeBack("It could not be published. \(error)")
                throw error
            }
        }
    }

    private func publish(
        _ kept: KeptLease, _ stage: @escaping @Sendable (Staging) async throws -> Int64,
        _ complete: @Sendable (Generation, Int64) -> CompletionFacts
    ) async throws -> Outcome {
        let writer = Writer(claim.token)
        let staging = try await thread.run { [table, key = claim.key] in try table.begin(key, writer: writer) }
        let (rows, outcome): (Int64, PublishOutcome)
        do {
            rows = try await stage(staging)
            try FaultInjector.fromEnvironment.reached(.restaged)
            guard await kept.awaitTrust() else {
                await discard(staging)
                return .lost
            }
            outcome = try await thread.run { [table] in try table.publish(staging, rows: rows) }
        } catch {
            await discard(staging)
            throw error
        }
        switch outcome {
        case .fenced: return .lost
        case .published(let generation):
            try FaultInjector.fromEnvironment.reached(.published)
            return try await record(complete(generation, rows), generation)
        }
    }

    private func record(_ facts: CompletionFacts, _ generation: Generation) async throws -> Outcome {
        let outcomes = try await ledger.complete(
            job: job.name, [Completion(token: claim.token, facts: facts)])
        try FaultInjector.fromEnvironment.reached(.decided)
        guard case .recorded? = outcomes.first else { return .lost }
        return .published(generation, facts)
    }

    /// Leaves the partition as it was before the claim, or to the next run.
    private func takeBack(_ reason: String) async throws -> Outcome {
        if let standing, try await current()?.version == standing.tableVersion {
            let outcomes = try await ledger.complete(
                job: job.name, [Completion(token: claim.token, facts: standing)])
            guard case .recorded? = outcomes.first else { return .lost }
            return .refused(reason: reason)
        }
        let outcome = try await ledger.fail(
            job: job.name, claim.token, error: reason, .retry(after: .zero), judgement: nil)
        guard case .recorded = outcome else { return .lost }
        return .refused(reason: reason)
    }

    private func current() async throws -> Generation? {
        try await thread.run { [table, key = claim.key] in try table.current(key) }
    }

    private func ownGeneration() async throws -> Generation? {
        try await current().flatMap { $0.writer == Writer(claim.token) ? $0 : nil }
    }

    /// Clears what was staged; what cannot be cleared is garbage that cleaning finds.
    private func discard(_ staging: Staging) async {
        try? await thread.run { [table] in try table.discard(staging) }
    }
}
