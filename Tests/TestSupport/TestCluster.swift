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
    private let thread = BlockingThread(label: "test cluster")
    private let watchdog: FileHandle

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

    /// Starts a server; most tests want `shared()`.
    public init() async throws {
        programs = try PostgresPrograms.locate()
        user = try ServerUser.forNewServer()
        // A socket's path may have 107 bytes, which a path below TMPDIR need not leave.
        folder = try Self.makeFolder(for: user)
        watchdog = try Self.startWatchdog(over: folder)
        try await thread.run { [self] in
            let initdb = [
                programs.path("initdb"), "--pgdata=\(folder)/data", "--username=reprocess", "--auth=trust",
                "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions",
            ]
            var launch = ProgramLaunch(user.command(initdb))
            launch.environment["TZ"] = "UTC"
            let result = try ProgramResult.of(launch)
            guard result.succeeded else { throw TestSupportError("initdb has failed: \(result.output)") }
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

    private func startServer() throws {
        let settings = [
            "listen_addresses=", "unix_socket_directories=\(folder)", "unix_socket_permissions=0700",
            "fsync=off", "full_page_writes=off", "shared_buffers=32MB",
            "max_connections=300", "timezone=UTC", "log_timezone=UTC", "log_min_messages=warning",
            "log_checkpoints=off", "lc_messages=C",
        ]
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

    private static func makeFolder(for user: ServerUser) throws -> String {
        var template = Array("/tmp/reprocess-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestSupportError("no folder in /tmp: \(systemMessage())") }
        let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard chown(folder, user.uid, user.gid) == 0 else { throw TestSupportError("chown: \(systemMessage())") }
        return folder
    }

    /// Starts a shell that waits for the end of this process, which it sees as the end of its input.
    private static func startWatchdog(over folder: String) throws -> FileHandle {
        let script = """
            read -r _
            if [ -s "$1/data/postmaster.pid" ]; then
                pid=$(head -n 1 "$1/data/postmaster.pid")
                kill -QUIT "$pid"
                # The server removes the file last. Its number may go on to exist where nobody buries dead processes.
                tries=0
                while [ -e "$1/data/postmaster.pid" ] && kill -0 "$pid" && [ $((tries += 1)) -le 200 ]; do
                    sleep 0.05
                done
            fi
            rm -rf "$1"
            """
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestSupportError("no pipe: \(systemMessage())") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var launch = ProgramLaunch(["/bin/sh", "-c", script, "watchdog", folder])
        launch.input = .descriptor(ends[0])
        launch.startsSession = true
        let watchdog = try launch.start()
        // Swift Testing waits for exit tests by looking at any child that has ended: one that nobody buries hides them.
        Thread.detachNewThread { waitpid(watchdog, nil, 0) }
        close(ends[0])
        return FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    }
}
