internal import Partitions

extension Ledger {
    /// Marks attempts COMPLETE, all in one statement.
    ///
    /// A cancelled task does not stop it: what has been published is recorded.
    ///
    /// - Returns: One outcome for each completion, in their order.
    public func complete(job: String, _ completions: [Completion]) async throws -> [MarkOutcome] {
        guard !completions.isEmpty else { return [] }
        return try await withUncancelledTask { [work] in
            try await work.with { line in
                try await line.run { session, _ throws(SessionFailure) in
                    let recorded = Set(
                        try await session.run(CompleteStatement(job: job, completions: completions)))
                    var outcomes = completions.map { completion -> MarkOutcome in
                        recorded.contains(MarkedAttempt(completion.token)) ? .recorded(.complete) : .fenced
                    }
                    let rest = completions.map(\.token).filter { !recorded.contains(MarkedAttempt($0)) }
                    guard !rest.isEmpty else { return outcomes }
                    // Nothing was changed for these: they were recorded by an earlier try, or belong to somebody else.
                    let standing = try await session.run(Standing(job: job, tokens: rest))
                    let done = Set(standing.filter { $0.status == .complete }.map(\.attempt))
                    for (index, completion) in completions.enumerated()
                    where done.contains(MarkedAttempt(completion.token)) {
                        outcomes[index] = .recorded(.complete)
                    }
                    return outcomes
                }
            }
        }
    }

    /// Marks an attempt FAILED, or PENDING for a retry.
    ///
    /// A cancelled task does not stop it. The error text is cut at 8 KiB and freed of control characters. Where staged rows
    /// were judged, the judgement is kept.
    public func fail(
        job: String, _ token: ClaimToken, error: String, _ directive: FailureDirective,
        judgement: JudgementRecord? = nil, cost: AttemptCost = AttemptCost()
    ) async throws -> MarkOutcome {
        try await withUncancelledTask { [work] in
            try await work.with { line in
                try await line.run { session, _ throws(SessionFailure) in
                    let statement = FailStatement(
                        job: job, token: token, error: error, directive: directive, judgement: judgement, cost: cost)
                    if let status = try await session.run(statement).first { return .recorded(status) }
                    let standing = try await session.run(Standing(job: job, tokens: [token])).first
                    return standing.map { .recorded($0.status) } ?? .fenced
                }
            }
        }
    }

    /// Gives partitions back untouched; the attempts do not count.
    ///
    /// What another attempt has taken over stays there. A cancelled task does not stop it.
    public func release(job: String, _ tokens: [ClaimToken]) async throws {
        guard !tokens.isEmpty else { return }
        _ = try await withUncancelledTask { [work] in
            try await work.with { line in try await line.run(ReleaseStatement(job: job, tokens: tokens)) }
        }
    }

    /// Marks a partition, planned or not, over the head of whoever works on it.
    ///
    /// - Returns: The fence of the mark; an attempt that was running has a lower one and is lost.
    public func mark(job: String, _ mark: Mark) async throws -> Int64 {
        guard mark.status != .running else {
            throw LedgerError(
                .refused, "'\(mark.key)' cannot be marked RUNNING: only a claim, which has a lease, makes it so.")
        }
        let statement = MarkStatement(job: job, mark: mark, worker: worker.name)
        let fences = try await withUncancelledTask { [work] in
            try await work.with { line in
                try await line.run { session, mayHaveHappened throws(SessionFailure) in
                    // Marked again, a partition that somebody has claimed since would be taken away from them.
                    if mayHaveHappened, let fence = try await statement.recordedFence(session) { return [fence] }
                    return try await session.run(statement)
                }
            }
        }
        guard let fence = fences.first else {
            throw LedgerError(
                .malformed, "The ledger did not confirm the mark of '\(mark.key)': run the command again.")
        }
        return fence
    }
}
