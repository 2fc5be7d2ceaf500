import Foundation
import TestSupport
import Testing

@testable import ProgressStore

/// Who may use the embedded server, and as whom it runs.
@Suite(.timeLimit(.minutes(3))) struct EmbeddedUserTests {
    @Test(.enabled(if: geteuid() == 0, "Only root starts servers as another user."))
    func `A folder that the server's user cannot enter has its files elsewhere, and says where`() async throws {
        let project = try EmbeddedProject(mode: 0o700)
        let first = try project.startUser()
        let conninfo = try await project.conninfo(of: first)
        #expect(try await TestCluster.execute("SELECT 1", at: conninfo) == [["1"]])
        let location = try String(contentsOfFile: project.path + "/.reprocess/postgres/location", encoding: .utf8)
        #expect(location == (try project.folder().path) + "\n")
        #expect(!location.hasPrefix(project.path))
        let second = try project.startUser()
        #expect(try await project.conninfo(of: second) == conninfo)

        for user in [first, second] {
            try user.closeInput()
            #expect(try await user.wait() == .exited(0))
        }
        #expect(project.serverProcesses().isEmpty)
        try FileManager.default.removeItem(atPath: project.folder().path)
        await #expect { try await EmbeddedCluster.join(projectDirectory: project.path) } throws: { error in
            "\(error)".contains("is not there") && "\(error)".contains("/location")
        }
    }

    @Test(.enabled(if: geteuid() == 0, "Only root runs programs as another user."))
    func `A user without rights has a server of his own, which root uses as his`() async throws {
        let stranger = try Stranger()
        let project = try EmbeddedProject(mode: 0o755)
        try #require(chown(project.path, stranger.uid, stranger.gid) == 0)
        let user = try project.startUser(as: stranger.command)
        let conninfo = try await project.conninfo(of: user)
        #expect(conninfo.contains("requirepeer='\(stranger.name)'"))

        let cluster = try await EmbeddedCluster.join(projectDirectory: project.path)
        #expect(cluster.conninfo == conninfo)
        try user.closeInput()
        #expect(try await user.wait() == .exited(0))
        await cluster.leave()
        #expect(project.serverProcesses().isEmpty)

        // Started by root, it is still his.
        let again = try await EmbeddedCluster.join(projectDirectory: project.path)
        #expect(again.conninfo == conninfo)
        var process = stat()
        #expect(stat("/proc/\(try project.postmaster())", &process) == 0)
        #expect(process.st_uid == stranger.uid)
        await again.leave()
    }

    @Test(.enabled(if: geteuid() == 0, "Only root runs programs as another user."))
    func `A user without rights is told whose folder and whose ledger it is`() async throws {
        let stranger = try Stranger()
        let project = try EmbeddedProject(mode: 0o755)
        let refused = try project.startUser(as: stranger.command)
        #expect(try await refused.wait() == .exited(2))
        #expect(refused.errorOutput.contains("User \(stranger.name) cannot use \(project.path)/.reprocess"))
        #expect(refused.errorOutput.contains("Permission denied"))

        let cluster = try await EmbeddedCluster.join(projectDirectory: project.path)
        let foreign = try project.startUser(as: stranger.command)
        #expect(try await foreign.wait() == .exited(2))
        #expect(foreign.errorOutput.contains("belongs to user postgres"))
        await cluster.leave()
    }

    @Test func `A folder for the socket that somebody else has made first is not used`() throws {
        let parent = try TemporaryDirectory()
        let user = try ServerUser.forNewServer()
        let first = try SocketFolder.make(for: parent.path, user: user, parent: parent.path)
        #expect(try SocketFolder.make(for: parent.path, user: user, parent: parent.path) == first)

        try #require(chmod(first, 0o777) == 0)
        let second = try SocketFolder.make(for: parent.path, user: user, parent: parent.path)
        #expect(second != first)

        try FileManager.default.removeItem(atPath: first)
        try FileManager.default.createSymbolicLink(atPath: first, withDestinationPath: second)
        #expect(try SocketFolder.make(for: parent.path, user: user, parent: parent.path) != first)
    }
}

/// A user who has no rights here, and can run the probe.
private struct Stranger {
    let name = "nobody"
    let uid: uid_t
    let gid: gid_t
    let command: [String]

    init() throws {
        let account = try #require(getpwnam(name)?.pointee)
        (uid, gid) = (account.pw_uid, account.pw_gid)
        command = ["/usr/bin/setpriv", "--reuid=\(uid)", "--regid=\(gid)", "--clear-groups", "--"]
        let probe = try RunningProcess.built("EmbeddedClusterProbe")
        let test = ProgramLaunch(command + ["/usr/bin/test", "-x", probe])
        guard try ProgramResult.of(test).succeeded else {
            try Test.cancel("User \(name) cannot enter the folder of the built programs, \(probe).")
        }
    }
}
