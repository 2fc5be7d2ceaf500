internal import ProgressStore

/// What keeps leases alive, and what must know whether it can trust one, asks of the dispatcher.
extension Dispatcher {
    /// Every claim that this process holds.
    var heldTokens: [ClaimToken] { Array(holdings.keys) }

    /// Takes the ledger's answer to a heartbeat.
    ///
    /// - Returns: The claims that were lost.
    func confirm(_ reply: HeartbeatReply, sent: [ClaimToken], at instant: ContinuousClock.Instant) -> [ClaimToken] {
        for token in reply.held { holdings[token]?.clock.confirm(sentAt: instant) }
        let lost = sent.filter { !reply.held.contains($0) && holdings[$0].map { !$0.isBeingMarked } == true }
        for token in lost {
            queue.removeAll { $0.token == token }
            holdings[token]?.task?.cancel()
            putBack(token)
        }
        resumeTrustWaiters()
        return lost
    }

    /// Waits until the lease can be trusted, which is at once unless the ledger has been silent for long.
    ///
    /// - Returns: False where the lease was lost, or the run is being aborted.
    func awaitTrust(in token: ClaimToken) async -> Bool {
        while let holding = holdings[token], stopLevel < .abort {
            if holding.clock.isTrusted(at: .now) { return true }
            await withCheckedContinuation { trustWaiters.append($0) }
        }
        return false
    }

    func resumeTrustWaiters() {
        for waiter in trustWaiters { waiter.resume() }
        trustWaiters.removeAll()
    }
}
