internal import BlockingWork
internal import Foundation
internal import ProgressStore
internal import Synchronization

/// A private, real PgBouncer in front of a test server, in transaction mode with two server connections a database.
public final class TestPooler: Sendable {
    /// The program; nil where it is not installed, which `scripts/setup --tests` mends.
    public static var program: String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return (path.split(separator: ":").map(String.init) + ["/usr/sbin"]).map { $0 + "/pgbouncer" }
            .first { access($0, X_OK) == 0 }
    }

    private let folder: String
    private let user: ServerUser
    private let watchdog: Watchdog
    private let child = Mutex<Child?>(nil)

    /// Starts a pooler.
    ///
    /// - Parameters:
    ///   - cluster: The server behind it.
    ///   - ignoresOptions: Whether it takes settings in the request for a connection, and ignores them.
    /// - Throws: `TestSupportError` where the program is missing or does not start.
    public init(before cluster: TestCluster, ignoresOptions: Bool) async throws {
        user = try ServerUser.forNewServer()
        folder = try Watchdog.makeFolder(for: user)
        watchdog = try Watchdog(over: folder, pidFile: "pid", signal: "TERM")
        let settings =
            """
            [databases]
            * = host=\(cluster.folder) port=5432
            [pgbouncer]
            listen_addr =
            listen_port = 6432
            unix_socket_dir = \(folder)
            auth_type = trust
            auth_file = \(folder)/users
            pool_mode = transaction
            default_pool_size = 2
            max_client_conn = 500
            server_login_retry = 1
            logfile = \(folder)/log
            pidfile = \(folder)/pid

            """ + (ignoresOptions ? "ignore_startup_parameters = options\n" : "")
        try settings.write(toFile: folder + "/settings", atomically: true, encoding: .utf8)
        try "\"reprocess\" \"\"\n".write(toFile: folder + "/users", atomically: true, encoding: .utf8)
        try await start()
    }

    /// The way to a database through the pooler.
    public func conninfo(database: String) -> String {
        "host='\(folder)' hostaddr='' port=6432 user=reprocess dbname='\(database)'"
    }

    /// Ends it at once, with every connection, and starts it again.
    public func restart() async throws {
        let ended = child.withLock { child in
            if let child { kill(child.pid, SIGKILL) }
            defer { child = nil }
            return child
        }
        if let ended { await BlockingThread(label: "end of pgbouncer").run { ended.end.wait() } }
        try? FileManager.default.removeItem(atPath: folder + "/pid")
        try await start()
    }

    private func start() async throws {
        guard let program = Self.program else { throw TestSupportError("pgbouncer is not installed") }
        try? FileManager.default.removeItem(atPath: folder + "/.s.PGSQL.6432")
        let started = Child(pid: try ProgramLaunch(user.command([program, "\(folder)/settings"])).start())
        child.withLock { $0 = started }
        // Its log tells when it listens; the socket alone may be there before.
        for _ in 0..<3000 where access(folder + "/.s.PGSQL.6432", F_OK) != 0 {
            try await Task.sleep(for: .milliseconds(10))
        }
        guard access(folder + "/.s.PGSQL.6432", F_OK) == 0 else {
            let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "no log"
            throw TestSupportError("pgbouncer does not start: \(log)")
        }
    }

    /// A process that is buried as soon as it ends.
    private final class Child: Sendable {
        let pid: pid_t
        let end = DispatchGroup()

        init(pid: pid_t) {
            self.pid = pid
            end.enter()
            Thread.detachNewThread { [end] in
                _ = waitForEnd(of: pid)
                end.leave()
            }
        }
    }
}
