import Foundation
import Partitions
import TestSupport
import Testing
import Transforms

struct SourceIdentityTests {
    private let folder: TemporaryDirectory
    private let key: PartitionKey

    init() throws {
        folder = try TemporaryDirectory()
        key = try PartitionKey(parsing: "2024-01-02", as: .day)
    }

    private func write(_ text: String, to name: String) throws {
        let file = URL(filePath: folder.appending(name))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    private func identity(_ paths: String..., root: String? = nil) throws -> SourceIdentity? {
        let sources = paths.enumerated().map { index, path in
            Source(name: "s\(index)", path: (root ?? folder.path) + "/" + path, format: .csv)
        }
        return try Query("FROM s0", sources: sources).sourceIdentity(for: key, column: "day")
    }

    @Test func `files have an identity of names, sizes and times`() throws {
        try write("a\n1\n", to: "2024-01-02.csv")
        let first = try #require(try identity("%F.csv"))
        #expect(first.digest.hasPrefix("1:"))
        #expect(first.files.map(\.bytes) == [4])
        #expect(try identity("%F.csv") == first)
        try write("a\n1\n2\n", to: "2024-01-02.csv")
        #expect(try identity("%F.csv")?.digest != first.digest)
    }

    @Test func `the same bytes written again are another identity`() throws {
        try write("a\n1\n", to: "2024-01-02.csv")
        let first = try #require(try identity("%F.csv"))
        let past = [FileAttributeKey.modificationDate: Date(timeIntervalSince1970: 1)]
        try FileManager.default.setAttributes(past, ofItemAtPath: folder.appending("2024-01-02.csv"))
        let second = try #require(try identity("%F.csv"))
        #expect(second.digest != first.digest)
        #expect(second.files.map(\.modified) == [1_000_000_000])
    }

    @Test func `a file more or less is another identity, and none is one too`() throws {
        let none = try #require(try identity("*-%F.csv"))
        #expect(none.files == [])
        try write("a\n", to: "x-2024-01-02.csv")
        let one = try #require(try identity("*-%F.csv"))
        try write("a\n", to: "y-2024-01-02.csv")
        let two = try #require(try identity("*-%F.csv"))
        #expect(Set([none.digest, one.digest, two.digest]).count == 3)
        #expect(two.files.count == 2)
    }

    @Test func `files of other partitions do not count`() throws {
        try write("a\n", to: "2024-01-02.csv")
        let first = try identity("%F.csv")
        try write("a\n", to: "2024-01-03.csv")
        #expect(try identity("%F.csv") == first)
    }

    @Test func `a project may be moved`() throws {
        try write("a\n", to: "one/2024-01-02.csv")
        try FileManager.default.moveItem(atPath: folder.appending("one"), toPath: folder.appending("two"))
        let moved = try identity("%F.csv", root: folder.appending("two"))?.digest
        try FileManager.default.moveItem(atPath: folder.appending("two"), toPath: folder.appending("one"))
        #expect(try identity("%F.csv", root: folder.appending("one"))?.digest == moved)
    }

    @Test func `what only the engine can list has no identity, and hides no other source's`() throws {
        try write("a\n", to: "2024-01-02.csv")
        #expect(try identity("**/%F.csv") == nil)
        #expect(try Query("SELECT 1").sourceIdentity(for: key, column: "day") == nil)
        let both = try #require(try identity("%F.csv", "**/%F.csv"))
        #expect(both.files.count == 1)
        #expect(both.digest == (try identity("%F.csv"))?.digest)
    }

    @Test func `of a table, the list of files counts and not the version`() throws {
        let source = Source(path: "/t", format: .delta)
        let query = Query("FROM source", sources: [source])
        func digest(_ version: Int64, _ files: [TableSnapshot.File]) throws -> String? {
            let snapshot = TableSnapshot(
                path: "/t", version: version, columns: [], files: files, filterColumn: nil, features: [])
            return try query.sourceIdentity(for: key, column: "day", tables: ["source": snapshot])?.digest
        }
        let file = TableSnapshot.File(path: "/t/a.parquet", values: ["x"])
        let first = try digest(1, [file])
        #expect(try digest(2, [file]) == first)
        #expect(try digest(2, []) != first)
        #expect(try digest(2, [file, TableSnapshot.File(path: "/t/b.parquet", values: ["x"])]) != first)
        #expect(try digest(2, [TableSnapshot.File(path: "/t/a.parquet", values: ["x"], deletionVector: "u1")]) != first)
        #expect(try digest(2, [TableSnapshot.File(path: "/t/a.parquet", values: [nil])]) != first)
        #expect(try query.sourceIdentity(for: key, column: "day") == nil)
        let mapped = TableSnapshot(
            path: "/t", version: 1, columns: [], files: [], filterColumn: nil, features: ["column mapping"])
        #expect(
            try query.sourceIdentity(for: key, column: "day", tables: ["source": mapped]) == nil,
            "files that nobody names are no files that never change")
    }

    @Test func `a schema signature tells layouts of files apart`() async throws {
        let bench = try await StagingBench()
        try bench.write("\u{FEFF}a,b\r\n1,2\r\n", to: "2024-01-01.csv")
        try bench.write("a,b\n7,8\n", to: "2024-01-02.csv")
        try bench.write("a,c\n1,2\n", to: "2024-01-03.csv")
        let source = Source(path: bench.folder.appending("%F.csv"), format: .csv)
        var found: [String?] = []
        for day in ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"] {
            let key = try PartitionKey(parsing: day, as: .day)
            found.append(try await bench.session.schemaSignature(of: source, key: key, column: "day", table: nil))
        }
        #expect(found == ["a,b", "a,b", "a,c", nil])
        let file = try #require(try await bench.stage("SELECT 1 AS a, 'x' AS b").files.first)
        let parquet = Source(path: file, format: .parquet)
        let signature = try await bench.session.schemaSignature(of: parquet, key: key, column: "day", table: nil)
        #expect(signature == "a INTEGER, b VARCHAR")
    }
}
