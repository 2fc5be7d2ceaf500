import Foundation
import TestSupport
import Testing

@testable import ProgressStore

/// A project's folder whose embedded server is tested, gone with all processes at the end.
final class EmbeddedProject: Sendable {
    private let outer: TemporaryDirectory
    let path: String

    init(named name: String = "project", mode: mode_t = 0o755) throws {
        outer = try TemporaryDirectory()
        path = outer.appending(name)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try #require(chmod(path, mode) == 0)
    }

    deinit {
        for pid in serverProcesses() { kill(pid, SIGKILL) }
        guard let folder = try? folder() else { return }
        if let file = PostmasterFile(inDataFolder: folder.data) {
            try? FileManager.default.removeItem(atPath: file.socketFolder)
        }
        if !folder.path.hasPrefix(path) { try? FileManager.default.removeItem(atPath: folder.path) }
    }

    /// The cluster's files, which must be there.
    func folder() throws -> ClusterFolder { try #require(try ClusterFolder.existing(in: path)) }

    /// Another process that uses the server.
    func startUser(as command: [String] = [], environment: [String: String?] = [:]) throws -> RunningProcess {
        let arguments = command + [try RunningProcess.built("EmbeddedClusterProbe"), path]
        return try RunningProcess(arguments[0], Array(arguments.dropFirst()), environment: environment)
    }

    /// The way to the server that a user has joined.
    func conninfo(of user: RunningProcess) async throws -> String {
        try await user.wait(untilOutputContains: "joined ")
        return String(user.output.dropFirst("joined ".count).prefix { $0 != "\n" })
    }

    func isRunning() async throws -> Bool { try await EmbeddedCluster.describe(projectDirectory: path).isRunning }

    /// Every process that works in the data folder or has the server's lock open, be it an orphan or an `initdb`.
    func serverProcesses() -> [pid_t] {
        let near = path + "/.reprocess/postgres"
        let home = (try? ClusterFolder.existing(in: path))?.path ?? near
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap(pid_t.init).filter { pid in
            // The lock is the only descriptor that the server's processes get, always as number 3.
            let lock = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/3")
            return pid != getpid() && lock == home + "/server.lock"
        }
    }

    func postmaster() throws -> pid_t {
        try #require(PostmasterFile(inDataFolder: try folder().data)).pid
    }

    /// Kills processes and waits until the kernel has taken their locks.
    func killAll(_ processes: [pid_t]) async throws {
        for pid in processes { kill(pid, SIGKILL) }
        try await eventually { self.serverProcesses().allSatisfy { !processes.contains($0) } }
    }
}

/// Waits for something that no event tells of.
func eventually(_ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(30)
    while try await !condition() {
        try #require(ContinuousClock.now < end, "It has not come true within 30 s.")
        try await Task.sleep(for: .milliseconds(5))
    }
}
