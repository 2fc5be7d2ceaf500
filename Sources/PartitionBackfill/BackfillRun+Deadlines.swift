internal import ProgressStore

/// How attempts that take too long come to an end.
extension BackfillRun {
    /// Interrupts attempts that are beyond their time, and goes on without those that do not end.
    func enforceDeadlines() async throws -> Part {
        guard let deadline = request.deadline else { return .watch }
        let limit = TimeLimit(deadline: deadline)
        while !Task.isCancelled {
            for claim in await dispatcher.interruptLate(limit, at: .now) {
                await markFailed(claim, DeadlineError(deadline: deadline, wasAbandoned: true))
                await dispatcher.dismissAttendant(of: claim.token, hasEnded: false)
            }
            // Cancelled when the run is over.
            guard (try? await Task.sleep(for: limit.period)) != nil else { break }
        }
        return .watch
    }
}

/// What the watch over deadlines asks of the dispatcher.
extension Dispatcher {
    /// Interrupts the attempts that are beyond their time.
    ///
    /// - Returns: Those that were interrupted a while ago and still have not ended, each once.
    func interruptLate(_ limit: TimeLimit, at now: ContinuousClock.Instant) -> [Claim] {
        var abandoned: [Claim] = []
        for (token, holding) in holdings where holding.task != nil && !holding.isBeingMarked {
            let lateness = limit.lateness(after: now - holding.claimedAt)
            guard lateness > holding.lateness else { continue }
            if holding.lateness == .none { holding.task?.cancel() }
            if lateness == .abandoned, holding.lateness == .interrupted { abandoned.append(holding.claim) }
            // One step at a time, so that every attempt has a chance to end by itself.
            holdings[token]?.lateness = holding.lateness == .none ? .interrupted : .abandoned
        }
        return abandoned
    }

    /// Whether an attempt was interrupted because it took too long.
    func wasLate(_ token: ClaimToken) -> Bool { (holdings[token]?.lateness ?? .none) > .none }
}
