internal import BlockingWork
internal import Synchronization

/// One connection at a time, on a thread of its own.
///
/// A session makes one try at a statement and tells what came of it; whether to try again is decided above it. It
/// keeps no state on the server that a statement depends on.
actor Session {
    private let executor: BlockingExecutor
    private let connector: Connector
    private let schema: SchemaName
    private let wakeUp = WakeUp()
    private var connection: Connection?
    private var texts: [ObjectIdentifier: String] = [:]
    /// How often in a row the server was silent for too long, by statement.
    private var silences: [ObjectIdentifier: Int] = [:]

    init(label: String, connector: Connector, schema: SchemaName) {
        executor = BlockingExecutor(label: label)
        self.connector = connector
        self.schema = schema
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Runs a statement, on a new connection where there is none.
    nonisolated func run<S: Statement>(_ statement: S) async throws(SessionFailure) -> [S.Row] {
        let interruption = Interruption(waking: wakeUp)
        // The handler marks the interruption before or while the statement runs; the thread that runs it looks after it
        // has begun, so that no request is lost.
        let result = await withTaskCancellationHandler {
            await tryToRun(statement, interruption)
        } onCancel: {
            interruption.request()
        }
        return try result.get()
    }

    /// Runs SQL of several statements without parameters, for what is no statement of the ledger's.
    func runScript(_ sql: String) throws(SessionFailure) {
        try attempting { () throws(SessionFailure) in
            try connected(nil).runScript(sql, limit: connector.answerLimit)
        }.get()
    }

    /// Creates or upgrades the ledger's tables where they are behind.
    nonisolated func migrate() async throws(SessionFailure) {
        try await tryToMigrate().get()
    }

    /// What the connection leads to, where there is one.
    var place: String? { connection?.place }

    /// Closes the connection.
    func close() {
        connection = nil
    }

    private func tryToRun<S: Statement>(
        _ statement: S, _ interruption: Interruption
    ) -> Result<[S.Row], SessionFailure> {
        attempting { () throws(SessionFailure) in
            // Also a statement that is not interrupted once it runs is not begun for a task that has been cancelled.
            if interruption.isRequested { throw .interrupted }
            let connection = try connected(interruption)
            let kind = ObjectIdentifier(S.self)
            do throws(SessionFailure) {
                let rows = try connection.run(
                    statement, text: text(of: S.self), interruption: interruption, limit: limit(for: statement))
                silences[kind] = nil
                return rows
            } catch {
                if case .silent = error { silences[kind, default: 0] += 1 }
                throw error
            }
        }
    }

    /// Each time twice as long as before: a server that is slow, rather than gone, gets done in the end.
    private func limit<S: Statement>(for statement: S) -> Duration {
        let limit = min(statement.answerLimit ?? connector.answerLimit, connector.answerLimit)
        return limit * (1 << min(silences[ObjectIdentifier(S.self), default: 0], 6))
    }

    private func tryToMigrate() -> Result<Void, SessionFailure> {
        attempting { () throws(SessionFailure) in
            let connection = try connected(nil)
            var version: Int?
            do throws(SessionFailure) {
                version =
                    try connection.run(
                        SchemaVersion(), text: text(of: SchemaVersion.self), interruption: Interruption(waking: wakeUp),
                        limit: connector.answerLimit
                    ).first ?? nil
            } catch .server(let error) where error.sqlState == "42P01" || error.sqlState == "3F000" {
                // No such table, or schema: there is no ledger yet.
                version = nil
            } catch {
                throw error
            }
            let migrator = Migrator(
                connection: connection, schema: schema, wakeUp: wakeUp, answerLimit: connector.answerLimit)
            try migrator.upgrade(from: version)
        }
    }

    /// Drops the connection where it cannot be trusted any more.
    private func attempting<Value>(
        _ body: () throws(SessionFailure) -> Value
    ) -> Result<Value, SessionFailure> {
        do {
            return .success(try body())
        } catch {
            if case .server(let failure) = error, Remedy(sqlState: failure.sqlState) != .reconnect {
                return .failure(error)
            }
            if case .interrupted = error { return .failure(error) }
            connection = nil
            return .failure(error)
        }
    }

    private func connected(_ interruption: Interruption?) throws(SessionFailure) -> Connection {
        if let connection, !connection.isSpent { return connection }
        connection = nil
        let made = try connector.connect(wakeUp: wakeUp, interruption: interruption)
        connection = made
        return made
    }

    private func text<S: Statement>(of statement: S.Type) -> String {
        let kind = ObjectIdentifier(statement)
        if let text = texts[kind] { return text }
        let text = SQLText.statement(S.source, schema: schema)
        texts[kind] = text
        return text
    }
}
