internal import Dispatch
internal import Synchronization

/// One piece of work on a connection, which may be cancelled from any thread at any time.
///
/// DuckDB forgets an interrupt that comes while a statement begins: beginning resets the flag
/// (`ClientContext::BeginQueryInternal`), and nothing tells when that has happened. So a cancellation is remembered here,
/// keeps the next statement from beginning, and is repeated every few milliseconds for as long as one runs. Statements
/// begin and end under the same lock, so that a late cancellation cannot hit the work that follows.
package final class CancellationScope: Sendable {
    private struct State: Sendable {
        var isCancelled = false
        var running: Connection?
    }

    private static let interval = DispatchTimeInterval.milliseconds(5)

    private let state = Mutex(State())

    package init() {}

    /// Whether `cancel` was called.
    package var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Ends the work soon: within milliseconds where a statement runs, and otherwise before the next one would.
    package func cancel() {
        let isFirst = state.withLock { state in
            defer { state.isCancelled = true }
            return !state.isCancelled
        }
        if isFirst { interruptUntilEnd() }
    }

    /// Fails where the work has been cancelled.
    package func checkCancellation() throws(DuckDBError) {
        if isCancelled { throw .cancelled }
    }

    /// Marks that a statement begins on a connection; fails where the work has been cancelled.
    func begin(on connection: Connection) throws(DuckDBError) {
        let isCancelled = state.withLock { state in
            if !state.isCancelled { state.running = connection }
            return state.isCancelled
        }
        if isCancelled { throw .cancelled }
    }

    /// Marks that the statement has ended.
    func end() {
        state.withLock { $0.running = nil }
    }

    private func interruptUntilEnd() {
        let isRunning = state.withLock { state in
            state.running?.interrupt()
            return state.running != nil
        }
        guard isRunning else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + CancellationScope.interval) { self.interruptUntilEnd() }
    }
}

extension DuckDBError {
    static let cancelled = DuckDBError(.interrupted, "The query was cancelled.")
}
