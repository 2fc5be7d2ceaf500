extension Line {
    /// Makes the first connection and brings the schema up to date.
    ///
    /// A server that was never there is told at once; a server that says it is starting, full or a standby is asked
    /// again until `patience` is up.
    func open(patience: Duration) async throws {
        var backoff = Backoff()
        let start = timing.now()
        while true {
            let failure: SessionFailure
            do throws(SessionFailure) {
                return try await session.migrate()
            } catch {
                failure = error
            }
            let pause = backoff.next(random: timing.random())
            guard failure.isWorthWaitingAtStart, timing.now() + pause - start < patience else {
                throw failure.ledgerError
            }
            try await timing.sleep(pause)
        }
    }
}

extension SessionFailure {
    /// The server is there and will be ready, or another process that migrates has been in the way.
    fileprivate var isWorthWaitingAtStart: Bool {
        switch self {
        case .unconnected(let problem): !problem.isRefusal && (problem.sqlState != nil || problem.isReadOnly)
        case .broken, .silent: true
        case .server(let error): Remedy(sqlState: error.sqlState) != .giveUp
        case .interrupted, .permanent: false
        }
    }
}
