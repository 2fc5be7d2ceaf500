internal import Foundation

/// Where the files of an embedded cluster are: locks, log, and the data folder.
struct ClusterFolder: Sendable, Equatable {
    /// The absolute path.
    let path: String

    /// PostgreSQL's data folder, which is there only when it is complete.
    var data: String { path + "/data" }
    /// What the server has to say.
    var log: String { path + "/server.log" }
    /// Held in common by every process that uses the server, and exclusively by the one that stops it.
    var usersLock: String { path + "/users.lock" }
    /// Held by every process of the server itself, and by the one that makes or starts it.
    var serverLock: String { path + "/server.lock" }

    /// The data folder is there.
    var isInitialised: Bool { access(data, F_OK) == 0 }

    /// The major version that made the data folder.
    var dataMajor: Int? {
        (try? String(contentsOfFile: data + "/PG_VERSION", encoding: .utf8))
            .flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    /// The folder of a project's cluster, where there is one already.
    static func existing(in projectDirectory: String) throws(LedgerError) -> ClusterFolder? {
        let near = try ClusterFolder(near: projectDirectory)
        guard let text = try? String(contentsOfFile: near.path + "/location", encoding: .utf8) else {
            return near.isInitialised ? near : nil
        }
        let far = ClusterFolder(path: text.trimmingCharacters(in: .newlines))
        guard access(far.path, F_OK) == 0 else {
            throw LedgerError(
                .cluster,
                "The embedded ledger is in \(far.path), as \(near.path)/location says, and that folder is not there. "
                    + "Put it back, or remove \(near.path) to begin with an empty ledger.")
        }
        return far
    }

    /// The folder of a project's cluster, made where there is none.
    ///
    /// A server runs as its own user where this process is root. That user may not be able to enter the project's folder,
    /// a home of mode 700 perhaps; then the cluster is in a folder of root's, and a file `location` says which.
    static func prepare(
        in projectDirectory: String,
        farParents: [String] = ["/var/lib/reprocess", "/var/tmp/reprocess"]
    ) throws(LedgerError) -> ClusterFolder {
        if let existing = try existing(in: projectDirectory) { return existing }
        let near = try ClusterFolder(near: projectDirectory)
        let user = try ServerUser.forNewServer()
        try near.make(mode: user.needsSwitch ? 0o755 : 0o700)
        guard user.needsSwitch else { return near }

        let lock = try FileLock(path: near.path + "/location.lock")
        var patience = Patience(.seconds(30))
        try lock.acquire(.exclusive, &patience)
        defer { lock.release() }
        if let existing = try existing(in: projectDirectory) { return existing }
        let enters = try ProgramResult.of(ProgramLaunch(user.command(["/usr/bin/test", "-x", near.path])))
        if enters.succeeded { return near }
        let far = try makeFar(farParents, name: SocketFolder.stableHash(near.path))
        try near.write(location: far)
        return far
    }

    private init(path: String) { self.path = path }

    private init(near projectDirectory: String) throws(LedgerError) {
        guard let resolved = realpath(projectDirectory, nil) else { throw Self.unusable(projectDirectory) }
        defer { free(resolved) }
        path = String(cString: resolved) + "/.reprocess/postgres"
    }

    /// Makes the folder below the project's.
    private func make(mode: mode_t) throws(LedgerError) {
        let outer = String(path.dropLast("/postgres".count))
        if mkdir(outer, 0o755) == 0 {
            // Nobody wants a ledger's data among the changes of their repository.
            guard FileManager.default.createFile(atPath: outer + "/.gitignore", contents: Data("*\n".utf8)) else {
                throw Self.unusable(outer)
            }
        } else if errno != EEXIST {
            throw Self.unusable(outer)
        }
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw Self.unusable(path) }
    }

    private static func makeFar(_ parents: [String], name: String) throws(LedgerError) -> ClusterFolder {
        for parent in parents {
            guard mkdir(parent, 0o755) == 0 || (errno == EEXIST && isRootsOwn(parent)) else { continue }
            let far = ClusterFolder(path: "\(parent)/\(name)")
            if mkdir(far.path, 0o755) == 0 || (errno == EEXIST && isRootsOwn(far.path)) { return far }
        }
        throw LedgerError(
            .cluster,
            "The embedded ledger's server cannot enter the project's folder, and no folder for it can be made in "
                + "\(parents.joined(separator: " or ")): \(systemMessage()). Set `database:` to a server that runs already."
        )
    }

    /// Nobody else can put anything into the folder.
    private static func isRootsOwn(_ folder: String) -> Bool {
        var found = stat()
        return lstat(folder, &found) == 0 && found.st_mode & S_IFMT == S_IFDIR && found.st_uid == geteuid()
            && found.st_mode & 0o022 == 0
    }

    private func write(location: ClusterFolder) throws(LedgerError) {
        do {
            try Data("\(location.path)\n".utf8).write(to: URL(filePath: path + "/location"), options: .atomic)
        } catch {
            throw LedgerError(.cluster, "\(path)/location cannot be written: \(error.localizedDescription)")
        }
    }

    /// Why a path cannot be used, from the system's last error number.
    static func unusable(_ path: String) -> LedgerError {
        let number = errno
        let name = (try? ServerUser(uid: geteuid()))?.name ?? "number \(geteuid())"
        var found = stat()
        let owner = stat(path, &found) == 0 ? (try? ServerUser(uid: found.st_uid))?.name : nil
        let belongs = owner.flatMap { $0 == name ? nil : " It belongs to user \($0)." } ?? ""
        return LedgerError(
            .cluster,
            "User \(name) cannot use \(path) for the embedded ledger: \(systemMessage(number)).\(belongs) "
                + "Give that user the right to write there, or set `database:` to a server that runs already.")
    }
}
