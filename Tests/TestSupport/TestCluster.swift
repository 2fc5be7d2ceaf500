internal import BlockingWork
internal import Foundation
internal import ProgressStore

/// A private, real PostgreSQL server for the tests of one process.
///
/// It lives in a temporary folder, listens on a socket there, and trades safety against power loss for speed. A watchdog
/// process removes server and folder when the test process ends, however it ends.
public final class TestCluster: Sendable {
    /// The folder of everything: data, socket, log.
    public let folder: String
    private let programs: PostgresPrograms
    private let user: ServerUser
    private let settings: [String]
    private let thread = BlockingThread(label: "test cluster")
    private let watchdog: Watchdog

    private static let starting = Task { try await TestCluster() }

    /// The server of this process, started by its first user.
    public static func shared() async throws -> TestCluster { try await starting.value }

    /// The way to the server's first database.
    public var conninfo: String { conninfo(database: "postgres") }

    /// The way to a database of the server.
    ///
    /// Nothing in libpq's environment changes it.
    public func conninfo(database: String) -> String {
        "host='\(folder)' hostaddr='' port=5432 user=reprocess dbname='\(database)' requirepeer='\(user.name)'"
    }

    /// Starts a server, with more settings as `name=value`; most tests want `shared()`.
    public convenience init(settings: [String] = []) async throws {
        try await self.init(settings) { programs, folder in
            [
                programs.path("initdb"), "--pgdata=\(folder)/data", "--username=reprocess", "--auth=trust",
                "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions",
            ]
        }
    }

    /// Starts a server that follows another one and takes no writes until it is promoted.
    public convenience init(following primary: TestCluster, settings: [String] = []) async throws {
        try await self.init(settings) { programs, folder in
            [
                programs.path("pg_basebackup"), "--pgdata=\(folder)/data", "--host=\(primary.folder)", "--port=5432",
                "--username=reprocess", "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast",
                "--no-sync",
            ]
        }
    }

    private init(
        _ settings: [String], making data: @escaping @Sendable (PostgresPrograms, String) -> [String]
    ) async throws {
        programs = try PostgresPrograms.locate()
        user = try ServerUser.forNewServer()
        self.settings = settings
        // A socket's path may have 107 bytes, which a path below TMPDIR need not leave.
        folder = try Watchdog.makeFolder(for: user)
        watchdog = try Watchdog(over: folder, pidFile: "data/postmaster.pid", signal: "QUIT")
        try await thread.run { [self] in
            var launch = ProgramLaunch(user.command(data(programs, folder)))
            launch.environment["TZ"] = "UTC"
            let result = try ProgramResult.of(launch)
            guard result.succeeded else { throw TestSupportError("no data folder can be made: \(result.output)") }
            try startServer()
        }
    }

    /// Makes an empty database of its own for a test.
    public func freshDatabase() async throws -> String {
        let name = Self.freshName("database")
        try await execute("CREATE DATABASE \(name)")
        return name
    }

    /// A name that no schema has yet.
    ///
    /// The ledger makes the schema itself.
    public func freshSchema() -> String { Self.freshName("schema") }

    /// Runs statements on a connection of their own.
    ///
    /// - Returns: The rows of the last one, every value as text.
    @discardableResult
    public func execute(_ sql: String, database: String = "postgres") async throws -> [[String?]] {
        try await Self.execute(sql, at: conninfo(database: database))
    }

    /// Runs statements at any server, on a connection of their own.
    ///
    /// - Returns: The rows of the last one, every value as text.
    @discardableResult
    public static func execute(_ sql: String, at conninfo: String) async throws -> [[String?]] {
        try await BlockingThread(label: "plain connection").run { try PlainConnection(conninfo).execute(sql) }
    }

    /// Ends every other connection, or every other one to a database, as an administrator would.
    public func terminateBackends(database: String? = nil) async throws {
        let condition = database.map { "AND datname = '\($0)'" } ?? ""
        try await execute(
            """
            SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() \(condition)
            """)
    }

    /// Stops the server and starts it again: at once, as after a crash, or after it has ended its sessions.
    ///
    /// Of tests that share the server, all but this one see their connections go.
    public func restart(immediate: Bool = false) async throws {
        try await stop(immediate: immediate)
        try await start()
    }

    /// Stops the server and waits until it is gone.
    public func stop(immediate: Bool = false) async throws {
        try await thread.run { [self] in
            let mode = immediate ? "immediate" : "fast"
            try runControl(["stop", "--mode=\(mode)", "--wait"])
        }
    }

    /// Starts the server after `stop`.
    public func start() async throws {
        try await thread.run { [self] in try startServer() }
    }

    /// Makes a server that follows another one a server of its own, which takes writes.
    public func promote() async throws {
        try await thread.run { [self] in try runControl(["promote", "--wait"]) }
    }

    private func startServer() throws {
        let settings =
            [
                "listen_addresses=", "unix_socket_directories=\(folder)", "unix_socket_permissions=0700",
                "fsync=off", "full_page_writes=off", "shared_buffers=32MB",
                "max_connections=300", "timezone=UTC", "log_timezone=UTC", "log_min_messages=warning",
                "log_checkpoints=off", "lc_messages=C",
            ] + self.settings
        let options = settings.map { "-c \($0)" }.joined(separator: " ")
        try runControl(["start", "--wait", "--log=\(folder)/log", "--options=\(options)"])
    }

    private func runControl(_ arguments: [String]) throws {
        let command = [programs.path("pg_ctl"), "--pgdata=\(folder)/data"] + arguments
        let result = try ProgramResult.of(ProgramLaunch(user.command(command)))
        guard result.succeeded else {
            let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "no log"
            throw TestSupportError("pg_ctl \(arguments[0]) has failed: \(result.output)\n\(log)")
        }
    }

    private static func freshName(_ kind: String) -> String {
        "\(kind)_\(UUID().uuidString.lowercased().replacing("-", with: "").prefix(16))"
    }
}
