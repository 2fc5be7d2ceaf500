internal import FaultPoints

extension FaultPoint {
    /// Marks that a session is at the point; an injected error ends its connection.
    func reach() throws(SessionFailure) {
        do {
            try FaultInjector.fromEnvironment.reached(self)
        } catch {
            throw .permanent(LedgerError(.refused, "\(error)"))
        }
    }
}
