internal import CDuckDB

/// A database instance in memory; one in a process is enough, and its threads and memory are shared.
///
/// The pointer may be used from any thread (DuckDB's C API, "Connect"): that is why the class may call itself Sendable.
package final class Database: @unchecked Sendable {
    /// The library in use.
    package let library: DuckDBLibrary
    private let pointer: duckdb_database
    /// What the instance uses for as long as it is open, and that must go after it.
    private let kept: (any AnyObject & Sendable)?

    /// Opens an instance.
    ///
    /// This call blocks, for some ten milliseconds, and loads DuckDB's library where that has not been done.
    package init(
        options: DatabaseOptions, environment: [String: String], keeping kept: (any AnyObject & Sendable)? = nil
    ) throws(DuckDBError) {
        self.kept = kept
        library = try DuckDBLibrary.load(environment: environment)
        let configuration = try Configuration(
            options.settings(extensionDirectory: library.location.extensionDirectory))
        pointer = try configuration.open()
    }

    deinit {
        var closed: duckdb_database? = pointer
        duckdb_close(&closed)
    }

    /// Makes the function known that measures rows while statements run; see `RowMeasurement`.
    package func enableMeasuring() throws(DuckDBError) {
        let connection = try connect()
        // The connection closes when its last reference goes, which is before the pointer is used otherwise.
        defer { withExtendedLifetime(connection) {} }
        try MeasureFunction.register(on: connection.pointer)
    }

    /// Opens a connection, which works on one statement at a time.
    package func connect() throws(DuckDBError) -> Connection {
        var connection: duckdb_connection?
        guard duckdb_connect(pointer, &connection) == REPROCESS_DUCKDB_SUCCESS, let connection else {
            throw DuckDBError(.other("Connection"), "DuckDB could not open another connection.")
        }
        return Connection(database: self, pointer: connection)
    }
}

/// Settings on their way to a new instance.
private struct Configuration: ~Copyable {
    private let pointer: duckdb_config

    init(_ settings: [String: String]) throws(DuckDBError) {
        var created: duckdb_config?
        guard duckdb_create_config(&created) == REPROCESS_DUCKDB_SUCCESS, let created else {
            throw DuckDBError(.outOfMemory, "DuckDB could not allocate its settings.")
        }
        for (name, value) in settings.sorted(by: { $0.key < $1.key })
        where duckdb_set_config(created, name, value) != REPROCESS_DUCKDB_SUCCESS {
            var refused: duckdb_config? = created
            duckdb_destroy_config(&refused)
            throw DuckDBError(.invalidInput, "DuckDB has no setting '\(name)', or it cannot be '\(value)'.")
        }
        pointer = created
    }

    deinit {
        var destroyed: duckdb_config? = pointer
        duckdb_destroy_config(&destroyed)
    }

    func open() throws(DuckDBError) -> duckdb_database {
        var database: duckdb_database?
        var message: UnsafeMutablePointer<CChar>?
        guard duckdb_open_ext(nil, &database, pointer, &message) == REPROCESS_DUCKDB_SUCCESS, let database else {
            defer { duckdb_free(message) }
            throw DuckDBError(report: message.map { String(cString: $0) } ?? "DuckDB could not be started.")
        }
        return database
    }
}
