internal import CLibPQ
internal import Foundation

/// The server of one cluster folder, as far as files and processes show it.
///
/// Every call blocks.
struct ClusterServer: Sendable {
    let folder: ClusterFolder
    let programs: PostgresPrograms
    let user: ServerUser

    /// The server of a folder: by the version that made its data, as the user who owns it.
    init(folder: ClusterFolder) throws(LedgerError) {
        self.folder = folder
        programs = try PostgresPrograms.locate(major: folder.dataMajor)
        var data = stat()
        guard stat(folder.data, &data) == 0 else {
            user = try ServerUser.forNewServer()
            return
        }
        user = try ServerUser(uid: data.st_uid)
        guard geteuid() == 0 || geteuid() == data.st_uid else {
            throw LedgerError(
                .cluster,
                "The embedded ledger in \(folder.path) belongs to user \(user.name). Run as that user, or set "
                    + "`database:` to a server for everybody.")
        }
    }

    /// The way to a server that accepts connections now; nil where none does.
    func answeringConninfo() -> String? {
        guard let file = PostmasterFile(inDataFolder: folder.data), file.isReady else { return nil }
        let conninfo = conninfo(socketFolder: file.socketFolder, port: file.port)
        return PQping(conninfo) == PQPING_OK ? conninfo : nil
    }

    /// Everything that libpq's environment could change otherwise.
    ///
    /// `requirepeer` refuses a server of somebody else.
    private func conninfo(socketFolder: String, port: Int) -> String {
        "host='\(socketFolder)' hostaddr='' port=\(port) user=\(Self.role) dbname=postgres connect_timeout=5 "
            + "requirepeer='\(user.name)' channel_binding=disable gssencmode=disable target_session_attrs=any options=''"
    }

    private static let role = "reprocess"

    /// Makes the data folder.
    ///
    /// It gets its name when it is complete, so one that was interrupted is never used. `initdb` holds the server's lock
    /// too: where it goes on after its starter was killed, the next one waits for its end.
    func initialise(holding lock: FileLock) throws(LedgerError) {
        defer { withExtendedLifetime(lock) {} }
        try removeUnfinished()
        let unfinished = "\(folder.path)/\(Self.unfinishedPrefix)\(UUID().uuidString.lowercased())"
        guard mkdir(unfinished, 0o700) == 0 else { throw ClusterFolder.unusable(unfinished) }
        guard !user.needsSwitch || lchown(unfinished, user.uid, user.gid) == 0 else {
            throw LedgerError(.cluster, "\(unfinished) cannot be given to user \(user.name): \(systemMessage()).")
        }
        var launch = ProgramLaunch(
            user.command([
                programs.path("initdb"), "--pgdata=\(unfinished)", "--username=\(Self.role)",
                // Whoever can open the socket may connect: only its owner and root can enter its folder.
                "--auth=trust",
                "--encoding=UTF8", "--locale=C", "--data-checksums", "--no-instructions",
            ]))
        launch.environment["TZ"] = "UTC"
        launch.inherited = lock.descriptor
        launch.startsSession = true
        let result = try ProgramResult.of(launch)
        guard result.succeeded else {
            try removeUnfinished()
            throw failure("The embedded ledger cannot be made in \(folder.path).", result.output)
        }
        guard rename(unfinished, folder.data) == 0 else { throw ClusterFolder.unusable(folder.data) }
        try syncFolder()
    }

    private static let unfinishedPrefix = "initialising-"

    private func removeUnfinished() throws(LedgerError) {
        do {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
            where name.hasPrefix(Self.unfinishedPrefix) {
                try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
            }
        } catch {
            throw LedgerError(
                .cluster,
                "What is left of an interrupted start in \(folder.path) cannot be removed: "
                    + error.localizedDescription)
        }
    }

    private func syncFolder() throws(LedgerError) {
        let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ClusterFolder.unusable(folder.path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw ClusterFolder.unusable(folder.path) }
    }

    /// Starts the server and waits until it accepts connections.
    ///
    /// `lock` is the server's, held exclusively: no process of an earlier server is alive. The new one keeps it.
    func start(holding lock: FileLock, _ patience: inout Patience) throws(LedgerError) -> String {
        let log = try ServerLog(path: folder.log)
        defer { withExtendedLifetime((lock, log)) {} }
        let settings = ServerSettings(socketFolder: try SocketFolder.make(for: folder.path, user: user))
        var launch = ProgramLaunch(
            user.command([programs.path("postgres"), "-D", folder.data] + settings.arguments))
        launch.environment["TZ"] = "UTC"
        launch.environment["PG_GRANDPARENT_PID"] = stalePID
        launch.output = .descriptor(log.descriptor)
        launch.error = .descriptor(log.descriptor)
        launch.inherited = lock.descriptor
        launch.startsSession = true
        let server = AwaitedChild(try launch.start())
        while true {
            if let conninfo = answeringConninfo() { return conninfo }
            guard server.isRunning else {
                throw failure("The server of the embedded ledger in \(folder.path) does not start.", log.newText)
            }
            try patience.wait {
                "The server of the embedded ledger has started and accepts no connections yet; "
                    + "\(folder.log) says what it is doing. Try again when it has done that.\n\(log.newText)"
            }
        }
    }

    /// The number in a `postmaster.pid` that a killed server has left.
    ///
    /// PostgreSQL refuses to start where a process of that number is alive, though it may be quite another one, or a dead
    /// one that nobody has waited for. It does not where the number is its grandparent's, which `pg_ctl` tells it in this
    /// variable (CreateLockFile in `src/backend/utils/init/miscinit.c`). That all processes of the old server are gone we
    /// know from the lock; PostgreSQL still checks its shared memory.
    private var stalePID: String? {
        PostmasterFile(inDataFolder: folder.data).map { String($0.pid) }
    }

    /// Stops the server and waits until all of its processes are gone.
    ///
    /// A server that does not end within the limit is left to itself; whoever comes next waits for it or uses it.
    func stop(within limit: Duration) throws(LedgerError) {
        let lock = try FileLock(path: folder.serverLock)
        guard let file = PostmasterFile(inDataFolder: folder.data), file.isProcess(ofDataFolder: folder.data) else {
            return
        }
        // A fast shutdown: PostgreSQL documentation, "Shutting Down the Server".
        kill(file.pid, SIGINT)
        var patience = Patience(limit)
        try lock.acquire(.exclusive, &patience)
        defer { lock.release() }
        rmdir(file.socketFolder)
    }

    private func failure(_ sentence: String, _ output: String) -> LedgerError {
        let lines = output.split(separator: "\n").suffix(8).map { "  \($0)" }.joined(separator: "\n")
        let advice = output.contains(systemMessage(ENOSPC)) ? " The disk is full: make room and try again." : ""
        return LedgerError(.cluster, "\(sentence)\(advice) The last lines of the log (\(folder.log)):\n\(lines)")
    }
}
