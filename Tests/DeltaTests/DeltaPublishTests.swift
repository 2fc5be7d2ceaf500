import FaultPoints
import Foundation
import Lakehouse
import Partitions
import Synchronization
import TestSupport
import Testing

/// One attempt after the other.
@Suite struct DeltaPublishTests {
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    @Test func `The first partition makes the table`() async throws {
        let table = try sample.table()
        #expect(try table.current(DeltaSample.key) == nil)
        let generation = try #require(try sample.publish(7, of: table).generation)
        #expect(generation.writer == .attempt(7))
        #expect(generation.version == Writer.attempt(7).text)
        let file = sample.root + "/order_date=2024-01-01/part-\(Writer.attempt(7).text)-00000.parquet"
        #expect(generation.files == [file])
        #expect(generation.rows == 3)
        #expect(try table.current(DeltaSample.key) == generation)
        // Another process sees the same.
        #expect(try sample.table().current(DeltaSample.key) == generation)

        let read = try await ReadTable.read(sample)
        #expect(read.version == 0)
        #expect(read.columns == ["name", "order_date", "v"])
        #expect(read.deltalake == (0..<3).map { ["n\($0)", "2024-01-01", "\($0)"] })
        #expect(read.duckdb == read.deltalake)
        #expect(read.history.map(\.engine) == ["reprocess"])
        #expect(read.history.map(\.txn) == [Writer.attempt(7).claimID.uuidString.lowercased()])
    }

    @Test func `A replaced partition is one entry, and the others do not change`() async throws {
        let table = try sample.table()
        try sample.publish(1, of: table, DeltaSample.key.next)
        let neighbour = try table.current(DeltaSample.key.next)
        try sample.publish(2, of: table)
        try sample.publish(3, of: table, rows: 2, query: "SELECT i AS v, 'new' AS name FROM range(2) t(i)")
        #expect(try table.current(DeltaSample.key)?.writer == .attempt(3))
        #expect(try table.current(DeltaSample.key)?.rows == 2)
        #expect(try table.current(DeltaSample.key.next) == neighbour)
        #expect(sample.versions == [0, 1, 2])

        let actions = try sample.actions(of: 2)
        #expect(actions.map { $0.keys.first } == ["commitInfo", "txn", "remove", "add"])
        let removed = try #require(actions[2]["remove"] as? [String: Any])
        let added = try #require(try sample.actions(of: 1).compactMap { $0["add"] as? [String: Any] }.first)
        #expect(removed["path"] as? String == added["path"] as? String)
        #expect(removed["partitionValues"] as? [String: String] == ["order_date": "2024-01-01"])
        let read = try await ReadTable.read(sample)
        #expect(read.values("name", where: "order_date", is: "2024-01-01") == ["new", "new"])
        #expect(read.values("v", where: "order_date", is: "2024-01-02") == ["0", "1", "2"])
        #expect(read.duckdb == read.deltalake)
        // The replaced file stays for readers of older versions.
        #expect(sample.dataFiles.count == 3)
    }

    @Test func `No rows replace a partition by a file without rows`() async throws {
        try sample.publish(1)
        try sample.publish(2, rows: 0, query: "SELECT 1::BIGINT AS v, 'x' AS name LIMIT 0")
        #expect(try sample.table().current(DeltaSample.key)?.writer == .attempt(2))
        #expect(try sample.table().current(DeltaSample.key)?.rows == 0)
        let read = try await ReadTable.read(sample)
        #expect(read.deltalake.isEmpty && read.duckdb.isEmpty)
    }

    @Test func `The log counts attempts, one name a partition`() async throws {
        try sample.publish(4)
        try sample.publish(5, DeltaSample.key.next)
        try sample.publish(6)
        let transactions = try sample.versions.flatMap { try sample.actions(of: Int($0)) }.compactMap {
            $0["txn"] as? [String: Any]
        }
        let id = Writer.attempt(4).claimID.uuidString.lowercased()
        #expect(
            transactions.map { $0["appId"] as? String } == [
                "reprocess/\(id)/2024-01-01", "reprocess/\(id)/2024-01-02", "reprocess/\(id)/2024-01-01",
            ])
        #expect(transactions.map { $0["version"] as? Int } == [4, 5, 6])
    }

    @Test func `Several files are one generation, and one of them alone is nobody's`() async throws {
        let table = try sample.table()
        let staging = try table.begin(DeltaSample.key, writer: .attempt(1))
        try DeltaSample.stage(staging, as: "a.parquet")
        try DeltaSample.stage(staging, as: "b.parquet")
        let published = try #require(try table.publish(staging, rows: 6).generation)
        #expect(published.files.count == 2)
        #expect(try table.current(DeltaSample.key) == published)
        // Rows of both files are 0, 1 and 2; a delete by another program rewrites them.
        _ = try await Python.run("other_writer.py", [sample.root, "delete", "2024-01-02"])
        #expect(try table.current(DeltaSample.key)?.writer == .attempt(1))
        try removeFromLog(published.files[1])
        #expect(try table.current(DeltaSample.key)?.writer == nil)
        #expect(try table.current(DeltaSample.key)?.files == [published.files[0]])
    }

    @Test func `What a checkpoint says of our files is enough to know them`() async throws {
        let published = try sample.publish(1).generation
        try await sample.other("checkpoint")
        try FileManager.default.removeItem(atPath: sample.log + "/00000000000000000000.json")
        #expect(try sample.table().current(DeltaSample.key) == published)
        try sample.publish(2)
        #expect(sample.versions == [1])
        let read = try await ReadTable.read(sample)
        #expect(read.deltalake.count == 3 && read.duckdb.count == 3)
    }

    @Test func `Publishing a staging twice reports the same generation and commits once`() throws {
        let table = try sample.table()
        try sample.publish(1, of: table)
        let staging = try table.begin(DeltaSample.key, writer: .attempt(2))
        try DeltaSample.stage(staging)
        let first = try table.publish(staging, rows: 3)
        #expect(try table.publish(staging, rows: 3) == first)
        #expect(sample.versions == [0, 1])
    }

    @Test(arguments: FaultPoint.deltaPublish, [true, false])
    func `A publish that failed in the middle can be tried again`(point: FaultPoint, replaces: Bool) throws {
        if replaces { try sample.publish(1) }
        let failures = Mutex(0)
        let table = try sample.table { reached in
            guard reached == point else { return }
            let isFirst = failures.withLock { count in
                count += 1
                return count == 1
            }
            if isFirst { throw CancellationError() }
        }
        let staging = try table.begin(DeltaSample.key, writer: .attempt(2))
        try DeltaSample.stage(staging)
        #expect(throws: CancellationError.self) { try table.publish(staging, rows: 3) }
        let generation = try table.publish(staging, rows: 3).generation
        #expect(generation?.writer == .attempt(2))
        #expect(try table.current(DeltaSample.key) == generation)
        #expect(sample.versions.count == (replaces ? 2 : 1))
        #expect(DeltaSample.names(in: sample.attempts) == [Writer.attempt(2).text + ".ended"])
    }

    @Test func `Two publishes of one attempt at once do not mix`() throws {
        let staged = Mutex<Staging?>(nil)
        let inner = Mutex<[TableError.Code]>([])
        let table = try sample.table { [sample] reached in
            guard reached == .entryWritten, let staging = staged.withLock({ $0 }) else { return }
            do {
                _ = try sample.table().publish(staging, rows: 3)
            } catch let error as TableError {
                inner.withLock { $0.append(error.code) }
            }
        }
        let staging = try table.begin(DeltaSample.key, writer: .attempt(1))
        try DeltaSample.stage(staging)
        staged.withLock { $0 = staging }
        #expect(try table.publish(staging, rows: 3).generation != nil)
        #expect(inner.withLock { $0 } == [.busy])
        #expect(sample.versions == [0])
    }

    @Test func `A staging without files, with wrong counts or with a torn file is not published`() throws {
        let table = try sample.table()
        var staging = try table.begin(DeltaSample.key, writer: .attempt(1))
        #expect(throws: TableError.self) { try table.publish(staging, rows: 0) }
        try DeltaSample.stage(staging)
        let error = #expect(throws: TableError.self) { try table.publish(staging, rows: 4) }
        #expect(error?.message.contains("have 3 rows, but 4 were announced") == true)
        staging = try table.begin(DeltaSample.key, writer: .attempt(2))
        try Data("PAR1 torn".utf8).write(to: URL(filePath: staging.directory + "/a.parquet"))
        #expect(throws: TableError.self) { try table.publish(staging, rows: 3) }
        #expect(sample.versions.isEmpty)
        #expect(try table.current(DeltaSample.key) == nil)
    }

    @Test func `Discarded and failed stagings leave nothing in the table's folder`() throws {
        let table = try sample.table { if $0 == .entryWritten { throw CancellationError() } }
        let staging = try table.begin(DeltaSample.key, writer: .attempt(1))
        try DeltaSample.stage(staging)
        #expect(throws: CancellationError.self) { try table.publish(staging, rows: 3) }
        #expect(sample.dataFiles.count == 1)
        try table.discard(staging)
        #expect(sample.dataFiles.isEmpty)
        #expect(DeltaSample.names(in: sample.attempts) == [Writer.attempt(1).text + ".ended"])
        #expect(throws: TableError.self) { try table.publish(staging, rows: 3) }
        #expect(sample.versions.isEmpty)
    }

    /// Writes an entry that removes one file, as another program's delete does.
    private func removeFromLog(_ file: String) throws {
        let path = file.dropFirst(sample.root.count + 1)
        let line = """
            {"remove":{"path":"\(path)","deletionTimestamp":0,"dataChange":true,"partitionValues":{"order_date":"2024-01-01"}}}
            """
        let next = (sample.versions.last ?? -1) + 1
        try Data(line.utf8).write(to: URL(filePath: sample.log + "/" + String(format: "%020lld.json", next)))
    }
}
