internal import FaultPoints
internal import ProgressStore

/// How leases are kept alive.
extension BackfillRun {
    func keepLeasesAlive() async throws -> Part {
        while true {
            do {
                try await sendHeartbeat()
                try await Task.sleep(for: request.lease / 3)
            } catch {
                // The run is over, whatever the ledger was about to say.
                if Task.isCancelled { return .heartbeat }
                // Work goes on until the lease cannot be trusted; the next beat tries again.
                guard let error = error as? LedgerError, error.code == .unreachable else { throw error }
                events.emit(.ledgerUnavailable(message: error.message))
            }
        }
    }

    private func sendHeartbeat() async throws {
        let tokens = await dispatcher.heldTokens
        let sentAt = ContinuousClock.now
        let reply = try await ledger.heartbeat(job: job.name, run: run, tokens, lease: request.lease)
        try FaultInjector.fromEnvironment.reached(.renewed)
        for token in await dispatcher.confirm(reply, sent: tokens, at: sentAt) { events.emit(.lost(token.key)) }
    }
}
