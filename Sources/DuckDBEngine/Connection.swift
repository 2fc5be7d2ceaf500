internal import CDuckDB

/// One connection, which works on one statement at a time.
///
/// Every function blocks; call them one after the other, on a thread of your own. Only `interrupt` may come from another
/// thread meanwhile, which DuckDB allows. That discipline is why the class may call itself Sendable.
package final class Connection: @unchecked Sendable {
    // Keeps the instance open for as long as a connection is.
    private let database: Database
    let pointer: duckdb_connection

    init(database: Database, pointer: duckdb_connection) {
        self.database = database
        self.pointer = pointer
    }

    deinit {
        var disconnected: duckdb_connection? = pointer
        duckdb_disconnect(&disconnected)
    }

    /// Runs one statement and returns all its rows.
    ///
    /// - Parameters:
    ///   - sql: The statement, with `$1`, `$2` … where values are bound.
    ///   - values: The values to bind.
    ///   - scope: The work to which the statement belongs; cancelling it interrupts the statement.
    /// - Returns: The rows, decoded.
    /// - Throws: `DuckDBError`; `.interrupted` where the scope was cancelled.
    package func run(
        _ sql: String, _ values: [DuckDBValue] = [], in scope: CancellationScope
    ) throws(DuckDBError) -> QueryResult {
        guard values.isEmpty else {
            let statement = try PreparedStatement(sql, on: self)
            try statement.bind(values)
            return try statement.execute(in: scope)
        }
        // Not prepared first: DuckDB binds a prepared statement that reads files again when it is executed, which
        // opens every source twice (`PreparedStatementData::RequireRebind`).
        try scope.begin(on: self)
        defer { scope.end() }
        return try ResultHandle.filled { duckdb_query(pointer, sql, $0) }
    }

    /// Runs one query and hands its rows out one by one, as they come: memory does not grow with the result.
    ///
    /// - Parameters:
    ///   - sql: The query.
    ///   - scope: The work to which it belongs; cancelling it interrupts the query.
    ///   - body: Takes a row; what it throws ends the query.
    /// - Throws: `DuckDBError`, or what `body` threw.
    package func forEachRow(
        of sql: String, in scope: CancellationScope, _ body: ([DuckDBValue]) throws -> Void
    ) throws {
        do {
            try PreparedStatement(sql, on: self).stream(in: scope, body)
        } catch let error as DuckDBError {
            guard error.kind == .interrupted, !scope.isCancelled else { throw error }
            throw reasonForInterruption(of: sql, in: scope)
        }
    }

    /// Why a query was interrupted that nobody has interrupted.
    ///
    /// Where a thread of a query fails, DuckDB interrupts the others, and of the two errors a stream may get the second. A
    /// query whose rows go nowhere waits for all of its threads and fails with the first.
    private func reasonForInterruption(of sql: String, in scope: CancellationScope) -> DuckDBError {
        do {
            _ = try run("COPY (\(sql)) TO '/dev/null' (FORMAT csv)", in: scope)
        } catch {
            return error
        }
        return DuckDBError(
            .other("Stream"), "The query failed while its rows were read, but not when it was tried again. Try again.")
    }

    /// The names and types of the columns that a query would return; nothing is run.
    package func columns(of sql: String, in scope: CancellationScope) throws(DuckDBError) -> [Column] {
        try scope.checkCancellation()
        return try PreparedStatement(sql, on: self).columns
    }

    /// Interrupts the query in progress; nothing where there is none.
    func interrupt() {
        duckdb_interrupt(pointer)
    }
}
