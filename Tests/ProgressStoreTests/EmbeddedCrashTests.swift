import Foundation
import TestSupport
import Testing

@testable import ProgressStore

/// What is found after processes were killed, and still serves.
@Suite(.timeLimit(.minutes(3))) struct EmbeddedCrashTests {
    @Test func `After kill -9 of every user the server is used again, and the next last one stops it`() async throws {
        let project = try EmbeddedProject()
        let users = try [project.startUser(), project.startUser()]
        for user in users { try await mark(project.conninfo(of: user)) }
        for user in users { user.send(SIGKILL) }
        for user in users { #expect(try await user.wait() == .signalled(SIGKILL)) }
        #expect(try await project.isRunning())
        try await expectMarks(2, in: project)
    }

    @Test func `A Ctrl-C for its starter does not reach the server`() async throws {
        let project = try EmbeddedProject()
        let user = try project.startUser()
        let conninfo = try await project.conninfo(of: user)
        // The terminal sends it to the whole process group, whose number is that of its first process.
        kill(-user.id, SIGINT)
        #expect(try await user.wait() == .signalled(SIGINT))
        try await mark(conninfo)
        try await expectMarks(1, in: project)
    }

    @Test func `After kill -9 of the server a user revives it`() async throws {
        let project = try EmbeddedProject()
        let cluster = try await EmbeddedCluster.join(projectDirectory: project.path)
        try await mark(cluster.conninfo)
        try await project.killAll([project.postmaster()])
        try await mark(try await cluster.revive())
        await cluster.leave()
        try await expectMarks(2, in: project)
    }

    @Test func `After kill -9 of everybody the next one recovers`() async throws {
        let project = try EmbeddedProject()
        let user = try project.startUser()
        try await mark(project.conninfo(of: user))
        user.send(SIGKILL)
        try await project.killAll(project.serverProcesses())
        try await expectMarks(1, in: project)
    }

    @Test func `A server's number that another process of the same user has now does not keep it from starting`()
        async throws
    {
        let project = try EmbeddedProject()
        let user = try project.startUser()
        try await mark(project.conninfo(of: user))
        user.send(SIGKILL)
        try await project.killAll(project.serverProcesses())

        let folder = try project.folder()
        let owner = try ClusterServer(folder: folder).user
        let sleeper = try RunningProcess("/usr/bin/env", owner.command(["/bin/sleep", "1000"]))
        let file = folder.data + "/postmaster.pid"
        var lines = try String(contentsOfFile: file, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        lines[0] = "\(sleeper.id)"
        try lines.joined(separator: "\n").write(toFile: file, atomically: false, encoding: .utf8)

        try await expectMarks(1, in: project)
        sleeper.send(SIGTERM)
        #expect(try await sleeper.wait() == .signalled(SIGTERM))
    }

    @Test(arguments: [true, false])
    func `An initdb that was interrupted leaves nothing that is taken for a ledger`(killsToo: Bool) async throws {
        let project = try await projectWithInterruptedInitdb(killsToo: killsToo)
        let home = project.path + "/.reprocess/postgres"
        let cluster = try await EmbeddedCluster.join(projectDirectory: project.path)
        try await mark(cluster.conninfo)
        await cluster.leave()
        let names = try FileManager.default.contentsOfDirectory(atPath: home)
        #expect(!names.contains { $0.hasPrefix("initialising-") })
    }

    /// Kills the first user while its initdb is at work; where that was done too soon to be caught, another one's.
    private func projectWithInterruptedInitdb(killsToo: Bool) async throws -> EmbeddedProject {
        for _ in 0..<20 {
            let project = try EmbeddedProject()
            let home = project.path + "/.reprocess/postgres"
            let user = try project.startUser()
            try await eventually {
                let names = (try? FileManager.default.contentsOfDirectory(atPath: home)) ?? []
                return names.contains { FileManager.default.fileExists(atPath: "\(home)/\($0)/postgresql.conf") }
            }
            user.send(SIGKILL)
            if killsToo { for pid in project.serverProcesses() { kill(pid, SIGKILL) } }
            #expect(try await user.wait() == .signalled(SIGKILL))
            if !FileManager.default.fileExists(atPath: home + "/data") { return project }
            // Ends the server that was made in time after all.
            let cluster = try await EmbeddedCluster.join(projectDirectory: project.path)
            await cluster.leave()
        }
        throw TestSupportError("initdb was never caught at work")
    }

    private func mark(_ conninfo: String) async throws {
        try await TestCluster.execute(
            "CREATE TABLE IF NOT EXISTS mark (); INSERT INTO mark DEFAULT VALUES", at: conninfo)
    }

    /// The marks are found by whoever joins next, and the server ends when that one leaves.
    private func expectMarks(_ count: Int, in project: EmbeddedProject) async throws {
        let cluster = try await EmbeddedCluster.join(projectDirectory: project.path)
        #expect(try await TestCluster.execute("SELECT count(*) FROM mark", at: cluster.conninfo) == [["\(count)"]])
        await cluster.leave()
        #expect(project.serverProcesses().isEmpty)
    }
}
