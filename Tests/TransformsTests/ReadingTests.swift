import Foundation
import Partitions
import TestSupport
import Testing
import Transforms

/// What is read of files that are in the table already.
struct ReadingTests {
    private func stage(_ bench: StagingBench, _ sql: String) async throws -> String {
        try #require(try await bench.stage(sql).files.first)
    }

    private func everything(_ bench: StagingBench, _ file: String) async throws -> ParquetReading {
        try await bench.session.readEverything(
            inParquetFile: file, key: try PartitionKey(parsing: "2024-01-01", as: .day), column: "order_date")
    }

    private func isUnreadable(_ reading: ParquetReading?) -> Bool {
        if case .unreadable = reading { true } else { false }
    }

    @Test func `footers of many files come together`() async throws {
        let bench = try await StagingBench()
        var files: [String: ParquetReading] = [:]
        for count in [0, 1, 1000] {
            files[try await stage(bench, "SELECT range AS a FROM range(\(count))")] = .readable(
                rows: Int64(count), outside: 0)
        }
        #expect(try await bench.session.footers(ofParquetFiles: Array(files.keys)) == files)
        #expect(try await bench.session.footers(ofParquetFiles: []).isEmpty)
    }

    @Test(arguments: [true, false])
    func `what was read stays in memory only where that is wanted`(keeps: Bool) async throws {
        var options = EngineOptions(threads: 1)
        options.keepsFilesInMemory = keeps
        let bench = try await StagingBench(engine: DuckDBSQLEngine(options: options))
        let file = try await stage(bench, "SELECT range AS a FROM range(1000)")
        _ = try await bench.session.footers(ofParquetFiles: [file])
        _ = try await everything(bench, file)
        let bytes = try await bench.read(
            "SELECT sum(memory_usage_bytes) > 0 FROM duckdb_memory() WHERE tag = 'EXTERNAL_FILE_CACHE'")
        #expect(bytes == ["boolean(\(keeps))"])
    }

    @Test func `a file that cannot be read fails no other`() async throws {
        let bench = try await StagingBench()
        let good = try await stage(bench, "SELECT 1 AS a")
        let broken = good + "-broken [1].parquet"
        try Data("PAR1 and nothing more".utf8).write(to: URL(filePath: broken))
        let readings = try await bench.session.footers(ofParquetFiles: [good, broken, good + "-gone"])
        #expect(readings[good] == .readable(rows: 1, outside: 0))
        #expect(isUnreadable(readings[broken]) && isUnreadable(readings[good + "-gone"]))
    }

    @Test func `a query without rows takes paths literally`() async throws {
        let bench = try await StagingBench()
        let good = try await stage(bench, "SELECT 1 AS a, 'x' AS b")
        // As a pattern, this name would match the file beside it, and not itself.
        let strange = (good as NSString).deletingLastPathComponent + "/o'[a].parquet"
        try FileManager.default.copyItem(atPath: good, toPath: strange)
        let empty = bench.folder.appending("empty")
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
        let staged = try await bench.session.stage(
            try bench.request(.withoutRows(likeParquetFiles: [strange]), into: empty))
        #expect(staged.rows == 0)
        #expect(staged.files.count == 1)
    }

    @Test func `a name with wildcards is a name`() async throws {
        let bench = try await StagingBench()
        let good = try await stage(bench, "SELECT 1 AS a")
        let strange = (good as NSString).deletingLastPathComponent + "/o'[a]*?.parquet"
        try FileManager.default.copyItem(atPath: good, toPath: strange)
        #expect(try await bench.session.footers(ofParquetFiles: [strange])[strange] == .readable(rows: 1, outside: 0))
        #expect(try await everything(bench, strange) == .readable(rows: 1, outside: 0))
    }

    /// The begin of a block of zstd, which every page is: the footer is not touched.
    @Test func `only reading everything finds a broken page`() async throws {
        let bench = try await StagingBench()
        let file = try await stage(bench, "SELECT range AS a, hash(range) AS b FROM range(5000)")
        #expect(try await everything(bench, file) == .readable(rows: 5000, outside: 0))
        var bytes = try Data(contentsOf: URL(filePath: file))
        let page = try #require(bytes.lastRange(of: Data([0x28, 0xb5, 0x2f, 0xfd])))
        bytes[page.lowerBound] ^= 0xff
        try bytes.write(to: URL(filePath: file))
        #expect(try await bench.session.footers(ofParquetFiles: [file])[file] == .readable(rows: 5000, outside: 0))
        #expect(isUnreadable(try await everything(bench, file)))
    }

    /// The limit of what reading can find: the files carry no checksums.
    @Test func `a value that was changed and still decodes is not found`() async throws {
        let bench = try await StagingBench()
        let request = try bench.request(
            Query("SELECT 'needle' AS a"), parquet: ParquetOptions(compression: .uncompressed))
        let file = try #require(try await bench.session.stage(request).files.first)
        var bytes = try Data(contentsOf: URL(filePath: file))
        let value = try #require(bytes.firstRange(of: Data("needle".utf8)))
        bytes[value.lowerBound] = UInt8(ascii: "N")
        try bytes.write(to: URL(filePath: file))
        #expect(try await everything(bench, file) == .readable(rows: 1, outside: 0))
    }

    @Test(arguments: ["DATE", "TIMESTAMP", "VARCHAR"])
    func `rows of other partitions are counted where the files have the column`(type: String) async throws {
        let bench = try await StagingBench()
        let file = try await stage(
            bench,
            "SELECT (DATE '2024-01-01' + (range // 8)::INTEGER)::\(type) AS Order_Date, range AS id FROM range(10)")
        #expect(try await everything(bench, file) == .readable(rows: 10, outside: 2))
    }

    @Test func `a column that tells no partition is not judged`() async throws {
        let bench = try await StagingBench()
        let file = try await stage(bench, "SELECT 20240101 AS order_date, 1 AS id")
        #expect(try await everything(bench, file) == .readable(rows: 1, outside: 0))
    }
}
