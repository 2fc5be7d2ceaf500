internal import Synchronization

extension Ledger {
    /// Connects ahead of a run, and lets the server plan a claim.
    ///
    /// Nothing is claimed, and nobody waits for it. A server takes twenty milliseconds for the first claim of a connection,
    /// most of them to look up what the statement names; a run has that time while its engine is loaded.
    public func connectAhead() {
        // What goes wrong here goes wrong again for whoever needs the connection, and is told then.
        let tasks = [
            Task { [claims = work.last] in _ = try? await claims.session.run(ClaimRehearsal()) },
            Task { [pulse] in _ = try? await pulse.session.run(DatabaseTime()) },
        ]
        ahead.withLock { $0 += tasks }
    }

    /// Ends what `connectAhead` has begun.
    func endConnectingAhead() async {
        let tasks = ahead.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
        for task in tasks {
            task.cancel()
            await task.value
        }
    }
}
