import DuckDBEngine
import Foundation
import Partitions
import TestSupport
import Testing
import Transforms

struct StagingTests {
    @Test func `rows are written as one Parquet file with its counts`() async throws {
        let bench = try await StagingBench()
        let result = try await bench.stage("SELECT range AS a, 'x' AS b FROM range(1000)")
        let file = try #require(result.files.first)
        #expect(result.files.count == 1)
        #expect(result.rows == 1000)
        #expect(try bench.stagedNames() == [(file as NSString).lastPathComponent])
        let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int64
        #expect(result.bytes == size)
        #expect(try await bench.session.countRows(inParquetFiles: [file]) == 1000)
    }

    @Test(arguments: ParquetOptions.Compression.allCases, ParquetOptions.Version.allCases)
    func `files have the codec and version asked for`(
        codec: ParquetOptions.Compression, version: ParquetOptions.Version
    ) async throws {
        let bench = try await StagingBench()
        let options = ParquetOptions(compression: codec, version: version, rowGroupSize: 2048)
        let request = try bench.request(Query("SELECT range AS a FROM range(5000)"), parquet: options)
        let file = try #require(try await bench.session.stage(request).files.first)
        let found = try await bench.read("SELECT DISTINCT compression FROM parquet_metadata('\(file)')")
        let expected = codec == .lz4 ? "LZ4_RAW" : codec.rawValue.uppercased()
        #expect(found == ["text(\"\(expected)\")"])
        #expect(try await bench.read("SELECT num_row_groups FROM parquet_file_metadata('\(file)')") == ["integer(3)"])
    }

    @Test func `a higher level of zstd makes a smaller file`() async throws {
        let bench = try await StagingBench()
        var sizes: [Int64] = []
        for level in [1, 22] {
            let request = try bench.request(
                Query("SELECT hash(range) % 9000 AS a, 'order ' || range AS b FROM range(50000)"),
                parquet: ParquetOptions(compressionLevel: level))
            sizes.append(try await bench.session.stage(request).bytes)
        }
        #expect(sizes[1] < sizes[0])
    }

    @Test func `the footer says who made a file`() async throws {
        let bench = try await StagingBench()
        let provenance = ["reprocess.fence": "7", "who's \"there\"": "it's {me}, 'you'"]
        let request = try bench.request(Query("SELECT 1 AS a"), provenance: provenance)
        let file = try #require(try await bench.session.stage(request).files.first)
        let found = try await bench.read(
            "SELECT decode(key), decode(value) FROM parquet_kv_metadata('\(file)') ORDER BY 1")
        #expect(
            found == [
                "text(\"reprocess.fence\")|text(\"7\")",
                "text(\"who\\'s \\\"there\\\"\")|text(\"it\\'s {me}, \\'you\\'\")",
            ])
    }

    @Test func `a result without rows is a file with its columns`() async throws {
        let bench = try await StagingBench()
        let result = try await bench.stage("SELECT 1 AS a, 'x' AS b, DATE '2024-01-02' AS day WHERE false")
        #expect(result.rows == 0)
        let file = try #require(result.files.first)
        #expect(
            try await bench.read("SELECT name FROM parquet_schema('\(file)') OFFSET 1") == [
                "text(\"a\")", "text(\"b\")",
            ])
    }

    @Test(arguments: [
        ("2024-01-02", Granularity.day, "DATE '2024-01-02'", "DATE '2024-01-03'"),
        ("2024-02", .month, "DATE '2024-02-01'", "DATE '2024-03-01'"),
        ("2024-12-31T23", .hour, "TIMESTAMP '2024-12-31 23:00:00'", "TIMESTAMP '2025-01-01 00:00:00'"),
    ])
    func `parameters are typed values of the partition`(
        key: String, granularity: Granularity, start: String, end: String
    ) async throws {
        let bench = try await StagingBench()
        let sql = """
            SELECT $partition = '\(key)' AND $partition_start = \(start) AND $partition_end = \(end)
                AND typeof($partition_start) = typeof(\(start)) AND typeof($partition) = 'VARCHAR' AS fits,
                '$partition' AS plain -- $partition
            """
        let result = try await bench.stage(sql, day: key, as: granularity)
        let file = try #require(result.files.first)
        #expect(try await bench.read("FROM '\(file)'") == ["boolean(true)|text(\"$partition\")"])
    }

    @Test(arguments: [
        "SELECT 1 AS a", "SELECT 1 AS a;", "SELECT 1 AS a ; -- the end\n", "SELECT 1 AS a -- no line end",
        "WITH x AS (SELECT 1 AS a) SELECT * FROM x", "WITH source AS (SELECT 1 AS a) FROM source", "VALUES (1)",
        "FROM (SELECT 1 AS a)", "(SELECT 1 AS a)", "SELECT 1 AS a UNION ALL SELECT 2 ORDER BY 1 LIMIT 1",
        "/* first */ SELECT 1 AS a /* ; */", "SELECT $partition_start::TIMESTAMP AS a, $partition_start.year() AS b",
        "SELECT ')' AS a", "SELECT $$)$$ AS a;;",
        "SELECT 1 AS a ORDER BY ALL", "SELECT CASE WHEN $partition LIKE '2024%' THEN 1 END AS a",
    ])
    func `one SELECT is staged however it is written`(sql: String) async throws {
        let bench = try await StagingBench()
        #expect(try await bench.stage(sql).rows == 1)
    }

    @Test(arguments: [
        "INSERT INTO x VALUES (1)", "CREATE TABLE x (a INT)", "COPY (SELECT 1) TO '/tmp/x.csv'", "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE x", "SELECT 1) AS x; COPY (SELECT 2", "SELECT 1) TO '/tmp/x' (FORMAT csv) --",
        "SELECT 1 /*", "SELECT 'open", "", " ; ", "-- nothing", "ATTACH '/tmp/x.db'", "PRAGMA threads=1",
        "SET threads = 1", "EXPLAIN SELECT 1", "SELECT $unknown", "SELECT $1", "SELECT 1) AS result WHERE (true",
    ])
    func `anything but one SELECT is refused, and nothing is written`(sql: String) async throws {
        let bench = try await StagingBench()
        #expect(try await bench.stagingError(Query(sql)).code == .syntax)
        #expect(try bench.stagedNames() == [])
        await #expect(throws: TransformError.self) { try await bench.session.check(Query(sql)) }
    }

    @Test func `checking binds nothing`() async throws {
        let bench = try await StagingBench()
        try await bench.session.check(
            Query("SELECT * FROM source JOIN read_csv('/nowhere.csv') USING (a) WHERE b = $partition"))
    }

    @Test func `the order of rows is kept`() async throws {
        let bench = try await StagingBench()
        let result = try await bench.stage("SELECT hash(range) AS a FROM range(500000) ORDER BY a DESC")
        let file = try #require(result.files.first)
        let unsorted = "SELECT count(*) FROM (SELECT a, lag(a) OVER (ORDER BY file_row_number) AS b FROM "
        #expect(
            try await bench.read(unsorted + "read_parquet('\(file)', file_row_number = true)) WHERE a > b") == [
                "integer(0)"
            ])
    }

    @Test func `a second statement of a partition gets a file of its own`() async throws {
        let bench = try await StagingBench()
        let files = [try await bench.stage("SELECT 1 AS a").files, try await bench.stage("SELECT 2 AS a").files]
        #expect(Set(files.joined()).count == 2)
    }
}

/// A result that is cut into files of about a size.
struct FileSizeTests {
    /// Numbers that do not compress: some 3 MB.
    private static let bulky = "SELECT range AS id, hash(range) AS noise, DATE '2024-01-02' AS day FROM range(300000)"
    private let options = ParquetOptions(rowGroupSize: 20_480, fileSize: 1_000_000)

    @Test func `a result is cut into several files, of which none is much larger`() async throws {
        let bench = try await StagingBench()
        let request = try bench.request(
            Query(FileSizeTests.bulky), parquet: options, provenance: ["reprocess.fence": "7"])
        for round in 1...2 {
            // The second time, the shape of the result is known.
            let result = try await bench.session.stage(request)
            #expect(result.rows == 300_000)
            #expect(result.files.count >= 2)
            var bytes: Int64 = 0
            for file in result.files {
                let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int64 ?? 0
                #expect(size < 2_000_000)
                bytes += size
            }
            #expect(result.bytes == bytes)
            #expect(try await bench.session.countRows(inParquetFiles: result.files) == 300_000)
            let list = result.files.map { "'\($0)'" }.joined(separator: ", ")
            #expect(
                try await bench.read("SELECT count(DISTINCT id), max(id) FROM read_parquet([\(list)])") == [
                    "integer(300000)|integer(299999)"
                ])
            #expect(
                try await bench.read("SELECT count(*) FROM parquet_kv_metadata([\(list)])") == [
                    "integer(\(result.files.count))"
                ])
            #expect(try bench.stagedNames().count == (round == 1 ? 1 : 2) * result.files.count)
            #expect(try bench.stagedNames().allSatisfy { $0.hasSuffix(".parquet") })
        }
    }

    @Test(arguments: ["SELECT 1 AS a", "SELECT 1 AS a WHERE false"])
    func `a small result, or one without rows, is one file`(sql: String) async throws {
        let bench = try await StagingBench()
        let result = try await bench.session.stage(try bench.request(Query(sql), parquet: options))
        #expect(result.files.count == 1)
        #expect(result.rows == (sql.hasSuffix("false") ? 0 : 1))
        #expect(try await bench.session.countRows(inParquetFiles: result.files) == result.rows)
        #expect(
            try await bench.read("SELECT name FROM parquet_schema('\(result.files[0])') OFFSET 1") == ["text(\"a\")"])
    }

    @Test func `a result that fails leaves nothing, also after a guess that was wrong`() async throws {
        let bench = try await StagingBench()
        // The same text, with the partition column and without it.
        let file = bench.folder.appending("shape.parquet")
        let copy = { (columns: String) in
            "COPY (SELECT \(columns) FROM range(300000)) TO '\(file)' (FORMAT parquet)"
        }
        let query = Query("SELECT * FROM '\(file)'")
        let request = try bench.request(query, parquet: options)
        try await FileSizeTests.run(copy("range AS id, hash(range) AS noise"))
        #expect(try await bench.session.stage(request).rows == 300_000)
        try await FileSizeTests.run(copy("range AS id, hash(range) AS noise, DATE '2024-01-02' AS day"))
        let second = try await bench.session.stage(request)
        let columns = try await bench.read("SELECT name FROM parquet_schema('\(second.files[0])') OFFSET 1")
        #expect(columns == ["text(\"id\")", "text(\"noise\")"])
        let names = try bench.stagedNames()
        try await FileSizeTests.run(copy("range AS id, hash(range) AS noise, DATE '2024-01-03' AS day"))
        await #expect(throws: TransformError.self) { try await bench.session.stage(request) }
        #expect(try bench.stagedNames() == names)
    }

    private static func run(_ sql: String) async throws {
        let connection = try database.get().connect()
        _ = try connection.run(sql, in: CancellationScope())
    }

    private static let database = Result {
        try Database(options: DatabaseOptions(threads: 1), environment: ProcessInfo.processInfo.environment)
    }
}
