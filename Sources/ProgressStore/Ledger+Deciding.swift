internal import Foundation
public import Partitions

extension Ledger {
    /// Marks an attempt HELD: what it staged waits for a person.
    ///
    /// Its lease ends with it, and nobody but a plan for another version of the transform can claim the partition. A
    /// cancelled task does not stop it.
    public func hold(job: String, _ token: ClaimToken, _ facts: HoldFacts) async throws -> MarkOutcome {
        try await withUncancelledTask { [work] in
            try await work.with { line in
                try await line.run { session, _ throws(SessionFailure) in
                    let statement = HoldStatement(job: job, token: token, facts: facts)
                    if let status = try await session.run(statement).first { return .recorded(status) }
                    let standing = try await session.run(Standing(job: job, tokens: [token])).first
                    return standing.map { .recorded($0.status) } ?? .fenced
                }
            }
        }
    }

    /// The partitions that wait for a person, by key.
    ///
    /// What a person has marked HELD is not among them: no attempt has staged anything that could be published.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - keys: The partitions to look at; nil for all.
    /// - Returns: Those that are held.
    /// - Throws: `LedgerError`.
    public func held(job: String, keys: [PartitionKey]?) async throws -> [HeldPartition] {
        if let keys, keys.isEmpty { return [] }
        return try await work.with { line in try await line.run(Held(job: job, keys: keys)) }
    }

    /// Claims a HELD partition, to publish exactly what is held, and records who decided it.
    ///
    /// Of several who decide at once about the same attempt, one succeeds.
    ///
    /// - Returns: The claim, with a new fence; nil where the partition is not held by that attempt any more, or another
    ///   job has a live claim of the same partition of the table.
    public func takeHeld(_ request: TakeRequest) async throws -> Claim? {
        try await take(request, for: .approve)
    }

    /// Claims a COMPLETE partition, to put back what the attempt that made it so has replaced, and records who decided it.
    ///
    /// - Returns: The claim, with a new fence; nil where the partition is not COMPLETE by that attempt any more, or
    ///   another job has a live claim of the same partition of the table.
    public func takeForUndo(_ request: TakeRequest) async throws -> Claim? {
        try await take(request, for: .undo)
    }

    private func take(_ request: TakeRequest, for kind: DecisionKind) async throws -> Claim? {
        let requestID = UUID()
        let worker = worker
        return try await work.with { line in
            try await line.run { session, mayHaveHappened throws(SessionFailure) in
                if mayHaveHappened {
                    let taken = ClaimedBatch(job: request.job, candidates: [request.key], batch: requestID)
                    if let claim = try await session.run(taken).first { return claim }
                }
                return try await session.run(
                    TakeStatement(request: request, kind: kind, requestID: requestID, worker: worker)
                ).first
            }
        }
    }

    /// Makes a HELD partition FAILED, and records who decided it and why.
    ///
    /// No plan made before does it again; a later one does. A cancelled task does not stop it.
    ///
    /// - Returns: `fenced` where the partition is not held by that attempt any more.
    public func reject(
        job: String, _ token: ClaimToken, by user: String, reason: String
    ) async throws -> MarkOutcome {
        let statement = RejectStatement(job: job, token: token, user: user, reason: reason, requestID: UUID())
        return try await withUncancelledTask { [work] in
            try await work.with { line in
                try await line.run { session, mayHaveHappened throws(SessionFailure) in
                    if let status = try await session.run(statement).first { return .recorded(status) }
                    guard mayHaveHappened else { return .fenced }
                    // Where the partition is FAILED, somebody else may have rejected it: the decision says who did.
                    let decisions = try await session.run(Decisions(job: job, key: token.key))
                    return decisions.contains { $0.requestID == statement.requestID } ? .recorded(.failed) : .fenced
                }
            }
        }
    }

    /// What persons decided about a partition, in order.
    public func decisions(job: String, key: PartitionKey) async throws -> [DecisionRow] {
        try await work.with { line in try await line.run(Decisions(job: job, key: key)) }.map(\.decision)
    }
}
