internal import CDuckDB
internal import Synchronization

/// One piece of work on a connection, which may be cancelled from any thread at any time.
///
/// DuckDB forgets an interrupt that comes before a query has begun: beginning resets the flag. So a cancellation is
/// remembered here, looked at once the query has begun, and passed on to DuckDB from then until the query has ended.
/// All three happen under one lock, so that a late cancellation cannot hit the work that follows.
package final class CancellationScope: Sendable {
    private struct State: Sendable {
        var isCancelled = false
        var running: Connection?
    }

    private let state = Mutex(State())

    package init() {}

    /// Whether `cancel` was called.
    package var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Ends the work soon: at once where a query runs, and otherwise before the next one would.
    package func cancel() {
        state.withLock { state in
            state.isCancelled = true
            state.running?.interrupt()
        }
    }

    /// Fails where the work has been cancelled.
    package func checkCancellation() throws(DuckDBError) {
        if isCancelled { throw .cancelled }
    }

    /// Marks that a query has begun on a connection, from where on DuckDB keeps an interrupt.
    ///
    /// A query that was cancelled before is interrupted rather than left alone: DuckDB's other threads work on it
    /// already, and dropping it would wait for them to reach its end.
    func begin(on connection: Connection) {
        state.withLock { state in
            state.running = connection
            if state.isCancelled { connection.interrupt() }
        }
    }

    /// Marks that the query has ended.
    func end() {
        state.withLock { $0.running = nil }
    }
}

extension DuckDBError {
    static let cancelled = DuckDBError(.interrupted, "The query was cancelled.")
}
