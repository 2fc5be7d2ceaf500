import Foundation
import Lakehouse
import PartitionBackfill
import ProgressStore
import TestSupport
import Testing
import Transforms

@testable import PartitionBackfill

/// How many rows the sources of a partition have, as it is recorded with whatever became of it.
@Suite(.timeLimit(.minutes(3))) struct RowsReadTests {
    /// Makes Parquet files of a day, as an earlier step of a pipeline does.
    private func makeFiles(_ fixture: BackfillFixture, _ name: String, rows: Int) async throws {
        let job = Job(
            name, version: "1", target: .hive(fixture.folder.appending(name), partitionedBy: "day")
        ) { partition in
            try await partition.overwrite("SELECT range AS id, {'x': [range]} AS nested FROM range(\(rows))")
        }
        #expect(try await run(fixture, job).complete == 1)
    }

    private func run(_ fixture: BackfillFixture, _ job: Job, holds: Bool = false) async throws -> BackfillReport {
        var request = BackfillRequest(
            partitions: try BackfillFixture.days("2024-01-01", "2024-01-01"), workers: 1, retries: 0)
        request.holdsEverything = holds
        return try await fixture.backfill(job).planAndRun(request)
    }

    private func job(_ fixture: BackfillFixture, _ sql: String, _ sources: [Source], name: String = "orders") -> Job {
        Job(
            name: name, partitioning: Partitioning(column: "day"),
            target: Target(path: fixture.folder.appending(name), format: .hive),
            transform: .sql(Query(sql, sources: sources)), version: "1")
    }

    private func rowsRead(_ fixture: BackfillFixture, _ job: String = "orders") async throws -> [[String?]] {
        try await fixture.cluster.execute(
            "SELECT outcome, rows_read FROM \(fixture.schema).attempt WHERE job = '\(job)' ORDER BY fence")
    }

    /// A source in each of the forms whose rows can be told.
    private func sources(_ fixture: BackfillFixture) -> [Source] {
        [
            Source(name: "source", path: fixture.folder.appending("many"), format: .hive),
            Source(name: "few", path: fixture.folder.appending("few/day=%Y-%m-%d/*.parquet"), format: .parquet),
        ]
    }

    @Test func `Each row of the sources counts once, whatever the statement does with it`() async throws {
        let fixture = try await BackfillFixture()
        try await makeFiles(fixture, "many", rows: 5000)
        try await makeFiles(fixture, "few", rows: 7)
        let sql = "SELECT a.id FROM source a JOIN source b USING (id) JOIN few c USING (id) WHERE a.id < 5"
        #expect(try await run(fixture, job(fixture, sql, sources(fixture))).rows == 5)
        #expect(try await rowsRead(fixture) == [["COMPLETE", "5007"]])
        let progress = try await fixture.cluster.execute(
            "SELECT rows_read, rows_written FROM \(fixture.schema).partition_progress WHERE job = 'orders'")
        #expect(progress == [["5007", "5"]])
    }

    @Test func `What failed and what is held has read its sources too`() async throws {
        let fixture = try await BackfillFixture()
        try await makeFiles(fixture, "many", rows: 60)
        let source = [sources(fixture)[0]]
        _ = try await run(fixture, job(fixture, "SELECT error('no rate') AS x FROM source", source))
        _ = try await run(fixture, job(fixture, "SELECT id FROM source", source), holds: true)
        #expect(try await rowsRead(fixture) == [["FAILED", "60"], ["HELD", "60"]])
    }

    @Test func `Where the rows of one source cannot be told, none are`() async throws {
        let fixture = try await BackfillFixture()
        try await makeFiles(fixture, "many", rows: 60)
        try Data("id\n7\n".utf8).write(to: URL(filePath: fixture.folder.appending("2024-01-01.csv")))
        let text = Source(name: "text", path: fixture.folder.appending("%Y-%m-%d.csv"), format: .csv)
        let deep = Source(name: "deep", path: fixture.folder.appending("**/day=%Y-%m-%d/*.parquet"), format: .parquet)
        for (name, other) in [("with_text", text), ("with_deep", deep)] {
            let sql = "SELECT id FROM source UNION ALL SELECT id FROM \(other.name)"
            let mixed = job(fixture, sql, [sources(fixture)[0], other], name: name)
            #expect(try await run(fixture, mixed).complete == 1)
            #expect(try await rowsRead(fixture, name) == [["COMPLETE", nil]], "\(name)")
        }
    }

    @Test func `The log of a table tells its rows, without those that were deleted`() async throws {
        let fixture = try await BackfillFixture()
        try await makeFiles(fixture, "few", rows: 7)
        let folder = fixture.folder
        let parts = folder.appending("few/day=2024-01-01")
        let real = "\(parts)/\(try #require(try FileManager.default.contentsOfDirectory(atPath: parts).first))"
        func file(_ rows: Int64?, deleted: Int64 = 0, at path: String = real) -> TableSnapshot.File {
            TableSnapshot.File(
                path: path, values: [], deletionVector: deleted > 0 ? "u1" : nil, bytes: 10, rows: rows,
                deletedRows: deleted)
        }
        func count(_ files: [TableSnapshot.File], features: [String] = []) throws -> Int64? {
            let source = Source(name: "source", path: folder.path, format: .delta)
            let query = Query("SELECT 1", sources: [source])
            let table = TableSnapshot(
                path: folder.path, version: 3, columns: [], files: files, filterColumn: nil, features: features)
            let identity = try query.sourceIdentity(
                for: try BackfillFixture.day("2024-01-01"), column: "day", tables: ["source": table])
            return identity.flatMap { SourceFiles(query, ["source": table], $0, asRead: true, most: .max)?.counted() }
        }
        #expect(try count([file(40), file(40, at: real + ".other")]) == 80)
        #expect(try count([file(40), file(40)]) == 40, "a file that is named twice is one")
        #expect(try count([file(38, deleted: 2)], features: ["deletion vectors"]) == 38)
        #expect(
            try count([file(nil, deleted: 3)], features: ["deletion vectors"]) == 4,
            "the footer of a file knows nothing of what was deleted from it")
        #expect(try count([file(nil)]) == 7, "where the log does not say it, the footer does")
        #expect(try count([file(nil, at: real + ".none")]) == nil, "a file that is not there")
        #expect(try count([], features: ["column mapping"]) == nil)
        #expect(try count([]) == 0)
    }

    @Test func `A footer that is cut off, or none, tells nothing`() async throws {
        let fixture = try await BackfillFixture()
        try await makeFiles(fixture, "many", rows: 12_345)
        let folder = fixture.folder.appending("many/day=2024-01-01")
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        let path = "\(folder)/\(name)"
        #expect(try FooterRowCount.rows(ofFile: path) == 12_345)
        let bytes = try Data(contentsOf: URL(filePath: path))
        let length = Int(bytes.suffix(8).prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        for damaged in [bytes.prefix(bytes.count - 1), Data("PAR1".utf8), Data(), Data(repeating: 0x50, count: 64)] {
            try damaged.write(to: URL(filePath: path))
            #expect(try FooterRowCount.rows(ofFile: path) == nil, "\(damaged.count) bytes")
        }
        var cut = bytes
        let footer = bytes.count - 8 - length
        cut.replaceSubrange(footer..<footer + length, with: repeatElement(0x15, count: length))
        try cut.write(to: URL(filePath: path))
        #expect(try FooterRowCount.rows(ofFile: path) == nil)
        #expect(throws: TableError.self) { try FooterRowCount.rows(ofFile: path + ".none") }
    }
}
