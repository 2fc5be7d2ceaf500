import Foundation
import Glibc
import TestSupport
import Testing

@testable import Lakehouse

/// Empty files that are names of one file, and files of their own where that cannot be.
@Suite struct EmptyFilesTests {
    private let folder: TemporaryDirectory
    init() throws { folder = try TemporaryDirectory() }

    private func path(_ name: String) -> String { folder.appending(name) }

    private func node(_ name: String) throws -> FileStatus { try #require(try FileSystem.status(of: path(name))) }

    private func areSame(_ one: String, _ other: String) throws -> Bool {
        let (one, other) = (try node(one), try node(other))
        return one.isSameNode(as: other)
    }

    @Test func `The second empty file is another name of the first`() throws {
        let marks = EmptyFiles()
        try marks.make(path("one"))
        try marks.make(path("two"))
        #expect(try areSame("one", "two"))
        #expect(try node("two").size == 0)
        // One goes, the other stays.
        try FileSystem.removeFile(path("one"))
        #expect(try node("two").kind == .file)
    }

    @Test func `A known file that has gone is made anew, and one that was renamed is used under its new name`() throws {
        let marks = EmptyFiles()
        try marks.make(path("one"))
        try FileSystem.rename(path("one"), to: path("renamed"))
        try marks.make(path("two"))
        #expect(try !areSame("renamed", "two"))
        try FileSystem.rename(path("two"), to: path("again"))
        marks.note(path("again"))
        try marks.make(path("three"))
        #expect(try areSame("again", "three"))
    }

    @Test func `A rename leaves one name, also where the other is of the same file`() throws {
        let marks = EmptyFiles()
        try marks.make(path("one"))
        try marks.make(path("two"))
        try #require(try areSame("one", "two"))
        try marks.rename(path("one"), to: path("two"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["two"])
        try marks.make(path("three"))
        #expect(try areSame("two", "three"))
        try FileSystem.removeFile(path("three"))
        let error = #expect(throws: SystemCallError.self) { try marks.rename(path("three"), to: path("four")) }
        #expect(error?.number == ENOENT)
    }

    @Test func `A name that is there stays what it is`() throws {
        let marks = EmptyFiles()
        try marks.make(path("one"))
        try Data("kept".utf8).write(to: URL(filePath: path("two")))
        try marks.make(path("two"))
        #expect(try node("two").size == 4)
        try marks.make(path("one"))
        #expect(try node("one").size == 0)
    }

    @Test func `A file that cannot have more names gets company`() throws {
        let marks = EmptyFiles()
        // Another file system refuses another name, as a file does that has too many.
        let elsewhere = "/dev/shm/reprocess-test-\(UUID().uuidString)"
        try FileSystem.touch(elsewhere)
        defer { unlink(elsewhere) }
        marks.note(elsewhere)
        try marks.make(path("one"))
        try marks.make(path("two"))
        #expect(try areSame("one", "two"))
    }

    @Test func `A folder that is not there is an error about the new name`() throws {
        let marks = EmptyFiles()
        try marks.make(path("one"))
        let error = #expect(throws: SystemCallError.self) { try marks.make(path("missing/two")) }
        #expect(error?.number == ENOENT && error?.path == path("missing/two"))
    }
}
