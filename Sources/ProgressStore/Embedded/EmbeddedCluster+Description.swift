internal import BlockingWork
internal import Foundation

extension EmbeddedCluster {
    /// What can be said of a project's embedded server without starting or changing anything.
    package struct Description: Sendable {
        /// The server's data folder; nil where none has been made yet.
        package var dataFolder: String?
        /// The file with the server's messages; nil where nothing has been made yet.
        package var logFile: String?
        /// The major version of PostgreSQL that serves the data, or would make them.
        package var version: Int
        /// The folder of PostgreSQL's programs.
        package var programFolder: String
        /// The user that the server runs as.
        package var user: String
        /// The server accepts connections now.
        package var isRunning: Bool
    }

    /// Looks at a project's embedded server.
    ///
    /// - Parameter projectDirectory: The folder that holds `.reprocess`, or will.
    /// - Returns: What is there.
    /// - Throws: `LedgerError` where the server could not be used: programs missing, files of another user.
    package static func describe(projectDirectory: String) async throws(LedgerError) -> Description {
        try await BlockingThread(label: "embedded ledger").run { () throws(LedgerError) -> Description in
            guard let folder = try ClusterFolder.existing(in: projectDirectory), folder.isInitialised else {
                let programs = try PostgresPrograms.locate()
                return Description(
                    version: programs.major, programFolder: programs.folder, user: try ServerUser.forNewServer().name,
                    isRunning: false)
            }
            let server = try ClusterServer(folder: folder)
            return Description(
                dataFolder: folder.data, logFile: folder.log, version: server.programs.major,
                programFolder: server.programs.folder, user: server.user.name,
                isRunning: server.answeringConninfo() != nil)
        }
    }
}
