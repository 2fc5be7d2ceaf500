internal import FaultPoints

/// A session that comes back: runs work on it again and again until it succeeds, time is up, or trying is no use.
struct Line: Sendable {
    /// The connection underneath.
    let session: Session
    let timing: Timing
    private let patience: Duration
    private let availability: Availability
    private let revive: @Sendable () async throws -> Void

    /// How often a statement that was cancelled by somebody else is tried again.
    private static let briefRetries = 3

    init(
        session: Session, timing: Timing, patience: Duration, availability: Availability,
        revive: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.session = session
        self.timing = timing
        self.patience = patience
        self.availability = availability
        self.revive = revive
    }

    /// Runs a statement that is safe to repeat.
    func run<S: Statement>(_ statement: S) async throws -> [S.Row] {
        try await run { session, _ throws(SessionFailure) in try await session.run(statement) }
    }

    /// Runs work whose every statement is safe to repeat.
    ///
    /// - Parameter work: The work; it is told whether an earlier try may have taken effect without an answer.
    /// - Returns: What the work brought.
    /// - Throws: `LedgerError`, when trying on is no use or took too long, or when the task was cancelled.
    func run<Value: Sendable>(
        _ work: @Sendable (Session, _ mayHaveHappened: Bool) async throws(SessionFailure) -> Value
    ) async throws -> Value {
        var backoff = Backoff()
        var mayHaveHappened = false
        var troubleSince: Duration?
        var briefRetries = 0
        var works = false
        defer { availability.settled(session, works: works) }
        while true {
            let failure: SessionFailure
            do throws(SessionFailure) {
                let value = try await work(session, mayHaveHappened)
                works = true
                return value
            } catch {
                failure = error
            }
            let remedy = failure.remedy
            if failure.leavesDoubt { mayHaveHappened = true }
            if remedy == .retryBriefly { briefRetries += 1 }
            if remedy == .giveUp || briefRetries > Line.briefRetries { throw failure.ledgerError }
            let now = timing.now()
            let since = troubleSince ?? now
            let pause = backoff.next(random: timing.random())
            guard now + pause - since < patience else { throw failure.ledgerError(after: now - since) }
            // A connection that is back at the first try is nothing to tell.
            if troubleSince != nil, remedy == .reconnect {
                availability.lost(session, because: failure.ledgerError.message)
            }
            troubleSince = since
            do {
                try await timing.sleep(pause)
            } catch {
                throw SessionFailure.interrupted.ledgerError
            }
            if remedy == .reconnect { try FaultInjector.fromEnvironment.reached(.reconnecting) }
            if case .unconnected = failure { await tryToRevive() }
        }
    }

    /// Starts a server that this program looks after; where that fails, connecting fails again, and says so in the end.
    private func tryToRevive() async {
        do {
            try await revive()
        } catch {
            availability.lost(session, because: "\(error)")
        }
    }
}
