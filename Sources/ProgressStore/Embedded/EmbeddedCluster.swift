internal import BlockingWork
internal import Foundation
internal import Synchronization

/// A private PostgreSQL server for one project, started by the first process that uses it and stopped by the last.
///
/// Its users hold `users.lock` in common. The kernel takes the lock from a process that is killed, so nothing has to be
/// tidied up by hand: the server goes on, or PostgreSQL recovers at the next start. The server's own processes hold
/// `server.lock`, which they inherit; so it is known whether any of them lives, whatever `postmaster.pid` says.
package final class EmbeddedCluster: Sendable {
    private let server: ClusterServer
    private let users: FileLock
    private let thread: BlockingThread
    private let current: Mutex<String>

    /// How to connect to the server with libpq; complete, so that nothing in libpq's environment changes it.
    package var conninfo: String { current.withLock { $0 } }

    /// How long a start, a crash recovery included, may take.
    private static let startLimit = Duration.seconds(120)
    private static let stopLimit = Duration.seconds(10)

    private init(server: ClusterServer, users: FileLock, thread: BlockingThread, conninfo: String) {
        self.server = server
        self.users = users
        self.thread = thread
        current = Mutex(conninfo)
    }

    /// Makes this process a user of the project's server, which is made and started where necessary.
    ///
    /// A process that joins twice is two users.
    ///
    /// - Parameters:
    ///   - projectDirectory: The folder that holds `.reprocess`, or will.
    ///   - announce: Gets a sentence for the user before the server's files are made, which takes a second or two.
    /// - Returns: The server, which accepts connections.
    /// - Throws: `LedgerError`; of code `interrupted` where the task was cancelled while it waited.
    package static func join(
        projectDirectory: String, announce: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(LedgerError) -> EmbeddedCluster {
        let thread = BlockingThread(label: "embedded ledger")
        return try await thread.run { () throws(LedgerError) -> EmbeddedCluster in
            let folder = try ClusterFolder.prepare(in: projectDirectory)
            let server = try ClusterServer(folder: folder)
            let users = try FileLock(path: folder.usersLock)
            let conninfo = try enter(server, users, announce)
            // Another process may have made the data since, by a version or for a user that only the data tell.
            return EmbeddedCluster(
                server: try ClusterServer(folder: folder), users: users, thread: thread, conninfo: conninfo)
        }
    }

    /// Starts the server again where it is gone, as after `kill -9`.
    ///
    /// - Returns: How to connect to it now, which is also `conninfo`.
    /// - Throws: `LedgerError`, as `join` does.
    package func revive() async throws(LedgerError) -> String {
        try await thread.run { [self] () throws(LedgerError) -> String in
            let conninfo = try Self.enter(server, users) { _ in }
            current.withLock { $0 = conninfo }
            return conninfo
        }
    }

    /// Ends the use by this process, and stops the server where it was the last user.
    ///
    /// Afterwards the value is of no use. A server that cannot be stopped is left to itself: it does no harm, and the next
    /// process that joins uses it.
    package func leave() async {
        await thread.run { [self] in
            defer { users.release() }
            guard users.attempt(.exclusive) else { return }
            do {
                try server.stop(within: Self.stopLimit)
            } catch {
                // Documented above: nothing depends on it.
            }
        }
    }

    /// Becomes a user, by the short way where the server answers already.
    ///
    /// Whoever stops it holds the users' lock alone meanwhile: while we hold it in common, nobody does. When several
    /// leave at once, the last to ask for the lock alone gets it, because asking gives up the share.
    private static func enter(
        _ server: ClusterServer, _ users: FileLock, _ announce: (String) -> Void
    ) throws(LedgerError) -> String {
        if users.attempt(.shared), let conninfo = server.answeringConninfo() { return conninfo }
        var patience = Patience(startLimit)
        try users.acquire(.shared, &patience)
        return try startWhereNeeded(server.folder, announce, &patience)
    }

    /// Finds the server answering, or makes and starts it.
    ///
    /// Called with the users' lock held in common: nobody stops the server. Only one makes or starts it, holding the
    /// server's lock, and the others wait until it answers.
    private static func startWhereNeeded(
        _ folder: ClusterFolder, _ announce: (String) -> Void, _ patience: inout Patience
    ) throws(LedgerError) -> String {
        let processes = try FileLock(path: folder.serverLock)
        while true {
            // Anew each time: that of a folder without data is another one than that of data of some user and version.
            if let conninfo = try ClusterServer(folder: folder).answeringConninfo() { return conninfo }
            // Held by a server that starts, recovers or stops, by the last processes of a killed one, or by an initdb
            // whose starter was killed.
            if processes.attempt(.exclusive) { break }
            try patience.wait {
                "The server of the embedded ledger in \(folder.path) is running and does not answer. It may be stopped, "
                    + "or run on another machine or in another container that shares the folder; then set `database:` "
                    + "to a server that both can reach. \(folder.log) has its last words."
            }
        }
        if !folder.isInitialised {
            announce("Making the embedded ledger in \(folder.path) (only this once)")
            try ClusterServer(folder: folder).initialise(holding: processes)
        }
        return try ClusterServer(folder: folder).start(holding: processes, &patience)
    }
}
