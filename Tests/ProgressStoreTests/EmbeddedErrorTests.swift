import Foundation
import TestSupport
import Testing

@testable import ProgressStore

/// What a user is told when the embedded server cannot be had.
@Suite(.timeLimit(.minutes(2))) struct EmbeddedErrorTests {
    @Test func `Missing server programs are named with their package`() throws {
        let empty = try TemporaryDirectory()
        let error = #expect(throws: LedgerError.self) {
            try PostgresPrograms.locate(roots: [empty.path], searchPath: empty.path)
        }
        #expect(error?.message.contains("Debian package `postgresql`") == true)
        #expect(error?.message.contains("are not installed") == true)
    }

    @Test func `Data of a version that is not installed are named with that version's package`() throws {
        let error = #expect(throws: LedgerError.self) { try PostgresPrograms.locate(major: 7) }
        #expect(error?.message.contains("made by PostgreSQL 7") == true)
        #expect(error?.message.contains("postgresql-7`") == true)
    }

    @Test func `Of several versions the newest is used, and only in the search path a link is followed`() throws {
        let real = try PostgresPrograms.locate()
        let root = try TemporaryDirectory()
        for version in ["9.6", "12", "13", "14"] {
            try FileManager.default.createDirectory(
                atPath: root.appending(version), withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: root.appending(version + "/bin"), withDestinationPath: real.folder)
        }
        #expect(try PostgresPrograms.locate(roots: [root.path], searchPath: "").major == 14)
        #expect(try PostgresPrograms.locate(major: 13, roots: [root.path], searchPath: "").major == 13)

        let links = try TemporaryDirectory()
        try FileManager.default.createSymbolicLink(
            atPath: links.appending("postgres"), withDestinationPath: real.path("postgres"))
        #expect(try PostgresPrograms.locate(roots: [], searchPath: "/nowhere:\(links.path)") == real)
    }

    @Test func `A server that does not start is explained by the last lines of its log`() async throws {
        let project = try EmbeddedProject()
        let first = try await EmbeddedCluster.join(projectDirectory: project.path)
        await first.leave()
        let settings = try project.folder().data + "/postgresql.conf"
        let good = try String(contentsOfFile: settings, encoding: .utf8)
        try (good + "\nno_such_setting = 1\n").write(toFile: settings, atomically: false, encoding: .utf8)
        let error = await #expect(throws: LedgerError.self) {
            try await EmbeddedCluster.join(projectDirectory: project.path)
        }
        #expect(error?.code == .cluster)
        #expect(error?.message.contains("unrecognized configuration parameter \"no_such_setting\"") == true)
        #expect(error?.message.contains(try project.folder().log) == true)

        try good.write(toFile: settings, atomically: false, encoding: .utf8)
        let second = try await EmbeddedCluster.join(projectDirectory: project.path)
        await second.leave()
    }

    @Test(.enabled(if: geteuid() == 0, "Only root makes a small disk."))
    func `A full disk is said to be full, and nothing half made stays`() async throws {
        let disk = try TemporaryDirectory()
        let mount = ProgramLaunch(["/usr/bin/mount", "-t", "tmpfs", "-o", "size=16m,mode=755", "tmpfs", disk.path])
        guard try ProgramResult.of(mount).succeeded else { try Test.cancel("No file system can be mounted here.") }
        let error = await #expect(throws: LedgerError.self) {
            try await EmbeddedCluster.join(projectDirectory: disk.path)
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: disk.path + "/.reprocess/postgres")
        let unmounted = try ProgramResult.of(ProgramLaunch(["/usr/bin/umount", disk.path]))
        #expect(unmounted.succeeded, "\(unmounted.output)")
        #expect(error?.message.contains("The disk is full") == true, "\(error?.message ?? "no error")")
        #expect(left.allSatisfy { $0.hasSuffix(".lock") }, "\(left)")
    }

    @Test func `A folder that does not exist is named`() async throws {
        let error = await #expect(throws: LedgerError.self) {
            try await EmbeddedCluster.join(projectDirectory: "/no/such/folder")
        }
        #expect(error?.message.contains("/no/such/folder") == true)
    }

    @Test func `A wait for a server that does not answer ends when the task is cancelled`() async throws {
        let project = try EmbeddedProject()
        let cluster = try await EmbeddedCluster.join(projectDirectory: project.path)
        try await project.killAll(project.serverProcesses())
        // As a server does that is stopped, or runs on another machine.
        let lock = try FileLock(path: project.folder().serverLock)
        #expect(lock.attempt(.exclusive))
        let joining = Task { try await EmbeddedCluster.join(projectDirectory: project.path) }
        joining.cancel()
        await #expect {
            try await joining.value
        } throws: { error in
            (error as? LedgerError)?.code == .interrupted
        }
        lock.release()
        #expect(try await !cluster.revive().isEmpty)
        await cluster.leave()
    }

    @Test(arguments: [
        ("123\n/data\n1700000000\n5432\n/tmp/socket\n\n  5432001   98304\nready   \n", 123 as pid_t?, true),
        ("123\n/data\n1700000000\n5432\n/tmp/socket\n\n  5432001   98304\nstarting\n", 123, false),
        ("123\n/data\n1700000000\n5432\n/tmp/socket\n\n  5432001   98304\n", 123, false),
        ("123\n/data\n1700000000\n5432\n", nil, false), ("", nil, false), ("-5\n\n\n5432\n/s\n\n\nready\n", nil, false),
    ])
    func `What a server says of itself is understood, and half of it is not`(
        text: String, pid: pid_t?, isReady: Bool
    ) {
        let file = PostmasterFile(parsing: text)
        #expect(file?.pid == pid)
        #expect(file?.isReady ?? false == isReady)
        #expect(file.map(\.socketFolder) ?? "/tmp/socket" == "/tmp/socket")
    }
}
