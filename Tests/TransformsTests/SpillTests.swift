import Foundation
import Partitions
import TestSupport
import Testing
import Transforms

/// The folders into which engines put what does not fit into memory.
struct SpillTests {
    private func folders(in folder: TemporaryDirectory) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    private func find(_ folder: TemporaryDirectory, removes: Bool) -> [AbandonedSpill] {
        AbandonedSpill.find(
            options: EngineOptions(temporaryDirectory: folder.path), environment: [:], removes: removes)
    }

    @Test func `a living engine's folder is left, and goes with the engine`() async throws {
        let folder = try TemporaryDirectory()
        var options = EngineOptions(memoryLimit: "60MB", threads: 1)
        options.temporaryDirectory = folder.path
        do {
            let engine = DuckDBSQLEngine(options: options)
            let session = try await engine.openSession()
            let spill = try #require(try folders(in: folder).first)
            #expect(find(folder, removes: true).isEmpty)
            #expect(try folders(in: folder) == [spill])
            // It is used: this does not fit into the memory that it may take.
            let rows = try await session.rows(
                of: Query(
                    "SELECT count(*) AS n FROM (SELECT range AS a, hash(range) AS b FROM range(9000000) ORDER BY b)"),
                key: try PartitionKey(parsing: "2024-01-01", as: .day), column: "order_date")
            #expect(rows.count == 1)
            #expect(find(folder, removes: true).isEmpty)
            await session.close()
        }
        #expect(try folders(in: folder).isEmpty)
    }

    @Test func `a dead process's folder is found, told, and removed when that is asked for`() throws {
        let folder = try TemporaryDirectory()
        let path = folder.appending("reprocess-spill-0b8f")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try Data(count: 1000).write(to: URL(filePath: path + "/duckdb_temp_storage_DEFAULT-0.tmp"))
        for other in ["reprocess-duckdb-1", "elsewhere"] {
            try FileManager.default.createDirectory(atPath: folder.appending(other), withIntermediateDirectories: false)
        }
        let before = try folders(in: folder)
        let found = find(folder, removes: false)
        #expect(found.map(\.path) == [path] && found.map(\.bytes) == [1000] && found.map(\.files) == [1])
        #expect(try folders(in: folder) == before)
        #expect(find(folder, removes: true) == found)
        #expect(try folders(in: folder) == ["elsewhere", "reprocess-duckdb-1"])
    }

    @Test func `an engine works where no folder can be made`() async throws {
        var options = EngineOptions()
        options.temporaryDirectory = "/proc/none"
        let session = try await DuckDBSQLEngine(options: options).openSession()
        #expect(
            try await session.rows(
                of: Query("SELECT 1 AS a"), key: try PartitionKey(parsing: "2024-01-01", as: .day), column: "order_date"
            ).count == 1)
        await session.close()
    }
}
