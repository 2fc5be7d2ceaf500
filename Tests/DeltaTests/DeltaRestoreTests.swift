import FaultPoints
import Foundation
import Partitions
import TestSupport
import Testing

@testable import Lakehouse

/// Putting back what an attempt replaced in a Delta table.
@Suite struct DeltaRestoreTests {
    private static let key = DeltaSample.key
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    /// The table as it is some days from now.
    private func table(days: Int64) throws -> DeltaTable {
        try DeltaTable(
            path: sample.root, column: "order_date", every: .day, faults: .none,
            clock: { Int64(Date().timeIntervalSince1970 * 1000) + days * 86_400_000 })
    }

    private func undo(
        _ undone: Int64, by fence: Int64, rows: Int64, _ key: PartitionKey = key, of table: DeltaTable? = nil
    ) throws -> Generation {
        let table = try table ?? sample.table()
        let staging = try table.begin(key, writer: .attempt(fence))
        for _ in 0..<2 { try table.stageReplaced(by: .attempt(undone), into: staging) }
        return try #require(try table.publish(staging, rows: rows).generation)
    }

    private func kept(_ fence: Int64, _ key: PartitionKey = key) throws -> ReplacedGeneration.Kept {
        switch try sample.table().replaced(key, by: .attempt(fence)) {
        case .kept(let kept): return kept
        case .nothing: throw TableError(.missing, "nothing")
        case .gone(let reason): throw TableError(.missing, reason)
        }
    }

    private func reason(_ fence: Int64, of table: DeltaTable? = nil) throws -> String {
        guard case .gone(let reason) = try (table ?? sample.table()).replaced(Self.key, by: .attempt(fence)) else {
            return "kept"
        }
        return reason
    }

    private func bytes(_ files: [String]) throws -> [Data] {
        try files.map { try Data(contentsOf: URL(filePath: $0)) }
    }

    private static func query(_ text: String) -> String { "SELECT i AS v, '\(text)' AS name FROM range(4) t(i)" }

    @Test func `The files come back as they were, under new names, and undoing can be undone`() async throws {
        let first = try #require(try sample.publish(1, rows: 4, query: Self.query("first")).generation)
        let second = try #require(try sample.publish(2).generation)
        let kept = try kept(2)
        #expect(kept.writer == .attempt(1) && kept.version == first.version && kept.files == first.files)
        #expect(kept.bytes == first.bytes && kept.rows == 4)
        guard case .after(let left) = kept.expiry else { return #expect(kept.expiry == .unknown) }
        #expect(left > .seconds(6 * 86_400) && left <= .seconds(7 * 86_400))

        let undone = try undo(2, by: 3, rows: 4)
        #expect(undone.files != first.files)
        #expect(try bytes(undone.files) == bytes(first.files))
        #expect(try sample.table().current(Self.key) == undone)
        let read = try await ReadTable.read(sample)
        #expect(Set(read.values("name", where: "order_date", is: "2024-01-01")) == ["first"])
        #expect(read.deltalake.count == 4 && read.duckdb == read.deltalake)

        #expect(try self.kept(3).version == second.version)
        #expect(try bytes(undo(3, by: 4, rows: 3).files) == bytes(second.files))
        #expect(try self.kept(4).version == undone.version)
        #expect(try self.kept(2).version == first.version)
    }

    @Test func `What cannot be put back says why`() async throws {
        try sample.publish(1)
        let table = try sample.table()
        #expect(try table.replaced(Self.key, by: .attempt(1)) == .nothing)
        #expect(try reason(2).contains("has never published"))
        #expect(try reason(1, of: DeltaTable(path: sample.root + "2", column: "c", every: .day)).contains("no log"))
        let first = try #require(try table.current(Self.key))
        try sample.publish(2)
        // It is in time, and later it is not; but as long as the files are there it can be done.
        let staging = try self.table(days: 8).begin(Self.key, writer: .attempt(3))
        guard case .kept(let kept) = try self.table(days: 8).replaced(Self.key, by: .attempt(2)) else {
            return #expect(Bool(false), "gone")
        }
        #expect(kept.expiry == .after(.zero))
        for item in try self.table(days: 8).leftovers(of: Self.key).items where item.kind == .replaced {
            #expect(try self.table(days: 8).remove(item, of: Self.key))
        }
        #expect(!FileManager.default.fileExists(atPath: first.files[0]))
        let error = #expect(throws: TableError.self) { try table.stageReplaced(by: .attempt(2), into: staging) }
        #expect(error?.code == .missing && error?.message.contains("1 of its 1 files have been removed") == true)
    }

    @Test func `Where the log entry has been cleaned up nobody can tell`() async throws {
        for fence in Int64(1)...3 { try sample.publish(fence) }
        let table = try sample.table()
        // Known in this process from an earlier question, or not at all.
        #expect(try kept(2).writer == .attempt(1))
        #expect(try table.replaced(Self.key, by: .attempt(3)) != .nothing)
        try await sample.other("checkpoint")
        for version in Int64(0)..<2 { try FileManager.default.removeItem(atPath: SampleLog(sample.root).path(version)) }
        #expect(try reason(2).contains("has been cleaned up"))
        #expect(try reason(2, of: table).contains("has been cleaned up"))
        // The names say whose generation it was, where the entry that counted it has gone.
        #expect(try kept(3).writer == .attempt(2))
        try FileManager.default.removeItem(atPath: SampleLog(sample.root).path(2))
        #expect(try reason(3).contains("has been cleaned up"))
    }

    @Test func `Files of another program come back, and those that it had rearranged`() async throws {
        try await sample.other("create-plain")
        let foreign = try #require(try sample.table().current(Self.key))
        try sample.publish(1)
        #expect(try kept(1).version == foreign.version && kept(1).writer == nil && kept(1).rows == 3)
        let undone = try undo(1, by: 2, rows: 3)
        #expect(try bytes(undone.files) == bytes(foreign.files))

        try await sample.other("append", "2024-01-01", "2")
        try await sample.other("optimize")
        let compacted = try #require(try sample.table().current(Self.key))
        #expect(compacted.writer == nil && compacted.files.count == 1)
        try sample.publish(3)
        #expect(try bytes(undo(3, by: 4, rows: 5).files) == bytes(compacted.files))
        let read = try await ReadTable.read(sample)
        #expect(read.values("v", where: "order_date", is: "2024-01-01").count == 5)
        #expect(read.duckdb == read.deltalake)
    }

    @Test func `An entry that names an attempt's files again is not its commit`() async throws {
        try sample.publish(1)
        try sample.publish(2)
        try await sample.other("restore", "0")
        // The newest entry adds the file of the first attempt, and removes that of the second.
        #expect(try sample.table().current(Self.key)?.writer == .attempt(1))
        #expect(try sample.table().replaced(Self.key, by: .attempt(1)) == .nothing)
        #expect(try kept(2).writer == .attempt(1))
    }

    @Test func `A partition from which somebody had taken a file is not its attempt's`() throws {
        let table = try sample.table()
        let staging = try table.begin(Self.key, writer: .attempt(1))
        for name in ["a", "b"] { try DeltaSample.stage(staging, as: name + ".parquet") }
        let first = try #require(try table.publish(staging, rows: 6).generation)
        let path = String(first.files[1].dropFirst(sample.root.count + 1))
        try SampleLog(sample.root).write([SampleLog(sample.root).remove(path, "2024-01-01")], version: 1)
        let rest = try #require(try sample.table().current(Self.key))
        #expect(rest.writer == nil)
        try sample.publish(2)
        #expect(try kept(2).version == rest.version && kept(2).writer == nil && kept(2).rows == 3)
    }

    @Test func `The values of other partition columns come back, and the files byte for byte`() async throws {
        try await sample.other("create")
        let before = try await ReadTable.read(sample)
        let foreign = try #require(try sample.table().current(Self.key))
        try sample.publish(1, rows: 1, query: "SELECT 9::BIGINT AS v, 'x' AS name, 'a' AS region")
        let undone = try undo(1, by: 2, rows: 3)
        #expect(Set(try bytes(undone.files)) == Set(try bytes(foreign.files)))
        let read = try await ReadTable.read(sample)
        #expect(read.deltalake == before.deltalake && read.duckdb == read.deltalake)
        // Ours, with values that need escaping and one that is null.
        let query = "SELECT i AS v, 'n' AS name, ['a', NULL, 'x=y%z/é'][1 + i % 3] AS region FROM range(5) t(i)"
        let ours = try #require(try sample.publish(3, rows: 5, query: query).generation)
        let written = try await ReadTable.read(sample)
        try sample.publish(4, rows: 0, query: query + " LIMIT 0")
        #expect(Set(try bytes(undo(4, by: 5, rows: 5).files)) == Set(try bytes(ours.files)))
        let again = try await ReadTable.read(sample)
        #expect(again.deltalake == written.deltalake && again.duckdb == again.deltalake)
    }

    @Test func `Of a group's entry only the partition's own files come back`() async throws {
        let days = (0..<3).map { Self.key.advanced(by: $0) }
        for (number, day) in days.enumerated() {
            try sample.publish(Int64(1 + number), day, rows: 4, query: Self.query("day \(number)"))
        }
        let first = try #require(try sample.table().current(days[1]))
        let group = try GroupedAttempts(sample, [days[0]: 101, days[1]: 102, days[2]: 103])
        #expect(group.finish().values.allSatisfy { $0 == .published })
        #expect(try kept(102, days[1]).files == first.files)
        let undone = try undo(102, by: 200, rows: 4, days[1])
        #expect(try bytes(undone.files) == bytes(first.files))
        let read = try await ReadTable.read(sample)
        #expect(Set(read.values("name", where: "order_date", is: "2024-01-02")) == ["day 1"])
    }

    @Test func `Rows that were deleted without rewriting their file stay deleted: such a file is refused`() throws {
        let log = SampleLog(sample.root)
        try log.create()
        let vector =
            #"{"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":4,"sizeInBytes":40,"cardinality":6}"#
        try log.write(
            [
                """
                {"add":{"path":"order_date=2024-01-01/a.parquet","partitionValues":{"order_date":"2024-01-01"},"size":5,\
                "modificationTime":0,"dataChange":true,"deletionVector":\(vector)}}
                """
            ], version: 1)
        try FileManager.default.createDirectory(
            atPath: sample.root + "/order_date=2024-01-01", withIntermediateDirectories: true)
        try DeltaSample.write("SELECT 1::BIGINT AS v", to: sample.root + "/order_date=2024-01-01/a.parquet")
        try sample.publish(1, rows: 1, query: "SELECT 1::BIGINT AS v")
        let reason = try reason(1)
        #expect(reason.contains("a.parquet") && reason.contains("RESTORE") && reason.contains("version 1"))
        let staging = try sample.table().begin(Self.key, writer: .attempt(2))
        let error = #expect(throws: TableError.self) {
            try sample.table().stageReplaced(by: .attempt(1), into: staging)
        }
        #expect(error?.code == .missing && error?.message == reason)
    }

    @Test(arguments: [false, true])
    func `A column that was added since is null again in what comes back`(regional: Bool) async throws {
        try await sample.other(regional ? "create" : "create-plain")
        let before = try await ReadTable.read(sample)
        let adding = try DeltaTable(
            path: sample.root, column: "order_date", every: .day, options: DeltaOptions(addsColumns: true))
        let region = regional ? ", 'a' AS region" : ""
        try sample.publish(
            1, of: adding, rows: 1, query: "SELECT 1::BIGINT AS v, 'x' AS name, 2.5::DOUBLE AS price\(region)")
        // Also where the job does not add columns by itself.
        _ = try undo(1, by: 2, rows: 3)
        let read = try await ReadTable.read(sample)
        #expect(read.values("price", where: "order_date", is: "2024-01-01") == [nil, nil, nil])
        #expect(
            read.values("v", where: "order_date", is: "2024-01-01")
                == before.values("v", where: "order_date", is: "2024-01-01"))
        #expect(read.duckdb == read.deltalake)
        // A transform that lacks the column is refused as before.
        let error = #expect(throws: TableError.self) {
            try sample.publish(3, rows: 1, query: "SELECT 1::BIGINT AS v, 'x' AS name\(region)")
        }
        #expect(error?.message.contains("price (double) is missing") == true)
    }

    @Test func `Files that do not fit the table any more are refused`() async throws {
        try await sample.other("create")
        try sample.publish(1, rows: 1, query: "SELECT 9::BIGINT AS v, 'x' AS name, 'a' AS region")
        let table = try sample.table()
        let staging = try table.begin(Self.key, writer: .attempt(2))
        try table.stageReplaced(by: .attempt(1), into: staging)
        // Meanwhile a column gets another type, which no rule of the format stops.
        let metadata = try #require(
            try sample.actions(of: 0).compactMap { $0["metaData"] as? [String: Any] }.first)
        var changed = metadata
        changed["schemaString"] = (metadata["schemaString"] as? String)?.replacing(#""long""#, with: #""double""#)
        let line = try JSONSerialization.data(withJSONObject: ["metaData": changed])
        try SampleLog(sample.root).write([String(decoding: line, as: UTF8.self)], version: sample.versions.count.int64)
        let error = #expect(throws: TableError.self) { try table.publish(staging, rows: 3) }
        #expect(error?.message.contains("v is long, the table has double") == true)
    }
}

extension Int {
    fileprivate var int64: Int64 { Int64(self) }
}
