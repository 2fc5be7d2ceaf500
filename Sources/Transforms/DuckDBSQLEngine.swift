internal import BlockingWork
internal import DuckDBEngine
public import Foundation

/// DuckDB in this process: one instance, with a connection for each partition in work.
///
/// Its library is loaded when the first session is opened. See `scripts/setup` for how it comes onto a machine.
public final class DuckDBSQLEngine: Engine {
    private let instance: DuckDBInstance

    /// Creates an engine; nothing is loaded yet.
    ///
    /// - Parameters:
    ///   - options: Settings that all sessions share.
    ///   - environment: Where `DUCKDB_LIBRARY`, `XDG_DATA_HOME`, `HOME` and `TMPDIR` are looked up.
    public init(
        options: EngineOptions = EngineOptions(),
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        instance = DuckDBInstance(options: options, environment: environment)
    }

    /// `DuckDB 1.5.5`; without the version until a session was opened.
    public var name: String { instance.version.map { "DuckDB \($0)" } ?? "DuckDB" }

    /// The threads that help whichever statement runs, the one that calls included.
    public var threads: Int { instance.threads }

    /// Lets so many threads work on one statement; nothing where the instance has not been started.
    public func useThreads(_ count: Int) async throws {
        let instance = instance
        do {
            try await BlockingThread(label: "reprocess.threads").run { () throws(DuckDBError) in
                try instance.use(threads: count)
            }
        } catch {
            throw TransformError(.engineMissing, error.message)
        }
    }

    /// Opens a session, and before the first one loads the library and starts the instance.
    public func openSession() async throws -> any EngineSession {
        let instance = instance
        let thread = BlockingThread(label: "reprocess.duckdb")
        do {
            let connection = try await thread.run { () throws(DuckDBError) in try instance.connect() }
            return DuckDBSession(instance: instance, connection: connection, thread: thread)
        } catch {
            throw TransformError(.engineMissing, error.message)
        }
    }
}
