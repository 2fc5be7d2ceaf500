import Foundation
import Lakehouse
import Partitions
import ProgressStore
import TestSupport
import Testing

/// File systems that are full, read-only or somebody else's.
///
/// Mounting them needs root.
@Suite(.serialized, .enabled(if: geteuid() == 0, "mounting a file system needs root"))
struct DiskTests {
    @Test func `A full disk is reported as such, and the old generation stays`() throws {
        let mount = try Mount(options: "size=1m,nr_inodes=64")
        let sample = try Sample(in: mount.path)
        let table = try sample.table()
        try sample.publish(1, of: table)
        let staging = try table.begin(Sample.key, writer: .attempt(2))
        try Sample.stage(staging)
        try fill(sample.folder.path)
        let error = #expect(throws: TableError.self) { try table.publish(staging, rows: 3) }
        #expect(error?.code == .diskFull)
        #expect(throws: TableError.self) { try table.begin(Sample.key.next, writer: .attempt(3)) }
        #expect(error?.message.contains(sample.sibling) == true)
        #expect(try table.current(Sample.key)?.writer == .attempt(1))
        try FileManager.default.removeItem(atPath: sample.folder.appending("filler-1"))
        // The one inode is enough for the record; the replaced generation waits for the next attempt.
        #expect(try table.publish(staging, rows: 3).generation?.writer == .attempt(2))
        #expect(try table.current(Sample.key)?.writer == .attempt(2))
    }

    @Test func `A read-only file system is refused before any work`() throws {
        let mount = try Mount(options: "size=1m")
        let sample = try Sample(in: mount.path)
        try sample.publish(1)
        try mount.remount("ro")
        defer { try? mount.remount("rw") }
        let table = try sample.table()
        let check = #expect(throws: TableError.self) { try table.check() }
        #expect(check?.code == .notWritable)
        let begin = #expect(throws: TableError.self) { try table.begin(Sample.key, writer: .attempt(2)) }
        #expect(begin?.code == .notWritable)
        #expect(try table.current(Sample.key)?.writer == .attempt(1))
    }

    @Test func `A table that is a mount of its own is refused`() throws {
        let mount = try Mount(options: "size=1m")
        let error = #expect(throws: TableError.self) { try HiveTable(path: mount.path, column: "day").check() }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("mount") == true)
    }

    @Test func `A folder of another user is refused with its path, the users and the mode`() throws {
        let sample = try Sample()
        try sample.publish(1)
        chmod(sample.folder.path, 0o755)
        let probe = try ProbeProcess(
            sample, fence: 2, fault: "", prefix: ["setpriv", "--reuid=65534", "--clear-groups", "--"])
        #expect(try probe.waitForChange() == .exited(0))
        let text = try probe.text()
        #expect(text.hasPrefix("failed "))
        #expect(text.contains("Permission denied") && text.contains("65534") && text.contains("mode 755"), "\(text)")
        #expect(try sample.table().current(Sample.key)?.writer == .attempt(1))
    }

    /// Takes every block and every inode that is left.
    private func fill(_ folder: String) throws {
        let first = open(folder + "/filler-0", O_WRONLY | O_CREAT, 0o600)
        let block = [UInt8](repeating: 1, count: 4096)
        while write(first, block, block.count) > 0 {}
        try #require(errno == ENOSPC)
        close(first)
        var number = 1
        while case let descriptor = open("\(folder)/filler-\(number)", O_WRONLY | O_CREAT, 0o600), descriptor >= 0 {
            close(descriptor)
            number += 1
        }
        try #require(errno == ENOSPC)
    }
}

/// A file system in memory, mounted for one test.
private final class Mount {
    let path: String
    private let folder: TemporaryDirectory

    init(options: String) throws {
        folder = try TemporaryDirectory()
        path = folder.appending("mount")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Mount.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", path])
    }

    deinit { try? Mount.run(["umount", "-l", path]) }

    func remount(_ options: String) throws {
        try Mount.run(["mount", "-o", "remount," + options, path])
    }

    private static func run(_ arguments: [String]) throws {
        let result = try ProgramResult.of(ProgramLaunch(["/usr/bin/env"] + arguments))
        try #require(result.succeeded, "\(arguments.joined(separator: " ")): \(result.output)")
    }
}
