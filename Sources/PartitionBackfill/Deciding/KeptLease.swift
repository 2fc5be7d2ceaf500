internal import FaultPoints
internal import Partitions
internal import ProgressStore
internal import Synchronization

/// Keeps one claim alive while something is done with it, and knows how far it can be trusted.
final class KeptLease: Sendable {
    private struct State {
        var clock: LeaseClock
        var isLost = false
    }

    /// How often a lease that cannot be trusted is looked at again.
    private static let patience: Duration = .milliseconds(50)

    private let token: ClaimToken
    private let lease: Duration
    private let state: Mutex<State>

    private init(_ token: ClaimToken, lease: Duration, claimedAt: ContinuousClock.Instant) {
        self.token = token
        self.lease = lease
        state = Mutex(State(clock: LeaseClock(lease: lease, confirmedAt: claimedAt)))
    }

    /// Does something with a claim while its lease is kept alive.
    static func with<Value: Sendable>(
        _ claim: Claim, of job: String, run: Int64, in ledger: Ledger, lease: Duration,
        claimedAt: ContinuousClock.Instant, _ body: @Sendable (KeptLease) async throws -> Value
    ) async throws -> Value {
        let kept = KeptLease(claim.token, lease: lease, claimedAt: claimedAt)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await kept.renew(job: job, run: run, in: ledger) }
            defer { group.cancelAll() }
            return try await body(kept)
        }
    }

    /// Waits until the lease can be trusted; false where it was lost.
    func awaitTrust() async -> Bool {
        while true {
            let (isLost, isTrusted) = state.withLock { ($0.isLost, $0.clock.isTrusted(at: .now)) }
            if isLost { return false }
            if isTrusted { return true }
            // Whoever is cancelled here could not wait any longer, and has nothing published.
            guard (try? await Task.sleep(for: KeptLease.patience)) != nil else { return false }
        }
    }

    /// Sends heartbeats until the task is cancelled.
    ///
    /// One that fails does no harm by itself: the clock of the lease runs on.
    private func renew(job: String, run: Int64, in ledger: Ledger) async throws {
        while !Task.isCancelled {
            guard (try? await Task.sleep(for: lease / 3)) != nil else { return }
            let sentAt = ContinuousClock.now
            guard let reply = try? await ledger.heartbeat(job: job, run: run, [token], lease: lease) else { continue }
            let isHeld = reply.held.contains(token)
            state.withLock { state in
                if isHeld { state.clock.confirm(sentAt: sentAt) } else { state.isLost = true }
            }
        }
    }
}
