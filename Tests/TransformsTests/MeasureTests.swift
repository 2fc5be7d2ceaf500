import Foundation
import Partitions
import TestSupport
import Testing

@testable import Transforms

/// Rows that are measured while they are written, and once more when they are read.
struct MeasureTests {
    private func measured(
        _ sql: String, day: String = "2024-01-02", parquet: ParquetOptions = ParquetOptions(), in bench: StagingBench
    ) async throws -> (staged: PartitionStatistics, read: PartitionStatistics) {
        var request = try bench.request(Query(sql), day: day, parquet: parquet)
        request.measures = true
        let result = try await bench.session.stage(request)
        let read = try await bench.session.measure(
            MeasureRequest(rows: .files(result.files), key: request.key, column: "day", refusesOutside: true))
        let staged = try #require(result.statistics)
        #expect(staged.rows == result.rows)
        return (staged, read)
    }

    private func digest(_ sql: String, in bench: StagingBench) async throws -> String {
        let (staged, read) = try await measured(sql, in: bench)
        #expect(staged == read)
        return try #require(staged.digest)
    }

    /// Every type, as values of `i`, a number from 0 on.
    static let types = [
        "(i * 7919 % 251 - 125)::TINYINT", "(i * 7919 % 60000 - 30000)::SMALLINT",
        "((hash(i) % 4000000000)::BIGINT - 2000000000)::INTEGER",
        "(hash(i) // 2)::BIGINT", "(i % 256)::UTINYINT", "(i % 65536)::USMALLINT",
        "(hash(i) % 4294967296)::UINTEGER",
        "hash(i)::UBIGINT", "hash(i)::HUGEINT * 12345 - 99", "-(i::HUGEINT)", "hash(i)::UHUGEINT * 7",
        "(i / 7)::FLOAT", "sin(i) * 1e300",
        "CASE i % 5 WHEN 0 THEN 'nan'::DOUBLE WHEN 1 THEN '-inf' WHEN 2 THEN '-0.0' "
            + "WHEN 3 THEN 'inf' ELSE 0 END", "CASE i % 3 WHEN 0 THEN '-0.0'::FLOAT WHEN 1 THEN 'nan' ELSE 1.5 END",
        "(i % 9000 / 10 - 450)::DECIMAL(4,1)", "(i / 100 - 3)::DECIMAL(9,2)",
        "(hash(i) % 1000000000000 / 1000)::DECIMAL(18,3)",
        "hash(i)::DECIMAL(38,5) * 12345", "DATE '2024-01-01' + (i::INT - 500)", "DATE '0001-01-01' - (i::INT)",
        "TIME '00:00:00' + to_microseconds(i * 7919777)",
        "('10:00:0' || i % 10 || CASE WHEN i % 2 = 0 THEN '+02' ELSE '-05:30' END)::TIMETZ",
        "make_timestamp(i * 7919777001)::TIMESTAMP_S", "make_timestamp(i * 7919777001)::TIMESTAMP_MS",
        "make_timestamp(i * 7919777001 - 5000000000000)", "make_timestamp_ns(i * 7919777001)",
        "make_timestamp(i * 7919777001)::TIMESTAMPTZ", "'r' || i", "repeat('é', (i % 9)::INT)",
        "repeat('long text ', (i % 30)::INT) || i",
        "'\\x00\\xFF'::BLOB || ('' || i)::BLOB", "md5(i::VARCHAR)::UUID", "i % 3 = 0",
        "(CASE i % 3 WHEN 0 THEN 'low' WHEN 1 THEN 'high' ELSE 'a longer word' END)::ENUM ('low', 'high', 'a longer word')",
        "to_months((i % 50)::INT) + to_days((i % 40)::INT) + to_microseconds(i * 1777)", "[i, i + 1, NULL]",
        "CASE i % 3 WHEN 0 THEN [] WHEN 1 THEN [NULL] ELSE [[i]] END", "{'a': i, 'b': 'x' || i}",
        "MAP {'k' || i: i}", "{'l': [{'m': MAP {i: [i]}}]}", "NULL", "bitstring('0' || (i % 2), 5)", "i::BIGNUM",
        "to_json({'a': i})", "CASE i % 2 WHEN 0 THEN DATE 'infinity' ELSE DATE '-infinity' END",
        "CASE i % 2 WHEN 0 THEN TIMESTAMP 'infinity' ELSE TIMESTAMP '-infinity' END",
        "('0' || i % 9 || ':00:00.5')::TIME_NS",
    ]

    @Test(arguments: types, [3, 5000])
    func `what is measured while it is written is what is read`(type: String, rows: Int) async throws {
        let bench = try await StagingBench()
        let sql = "SELECT CASE WHEN i % 11 = 4 THEN NULL ELSE \(type) END AS v, i FROM range(\(rows)) AS t(i)"
        let (staged, read) = try await measured(sql, in: bench)
        #expect(staged == read)
        #expect(staged.rows == rows)
        #expect(staged.columns[0].nulls == Int64(type == "NULL" ? rows : (rows + 6) / 11))
    }

    @Test(arguments: types) func `the numbers are those of DuckDB`(type: String) async throws {
        let bench = try await StagingBench()
        let sql = "SELECT CASE WHEN i % 11 = 4 THEN NULL ELSE \(type) END AS v FROM range(3000) AS t(i)"
        var request = try bench.request(Query(sql))
        request.measures = true
        let result = try await bench.session.stage(request)
        let file = try #require(result.files.first)
        let column = try #require(result.statistics?.columns.first)
        let found = try await bench.session.rows(
            of: Query(
                "SELECT min(v)::VARCHAR AS least, max(v)::VARCHAR AS greatest, count(DISTINCT v) AS n, "
                    + "typeof(any_value(v)) AS type FROM '\(file)'"), key: request.key, column: "day")[0]
        if let least = column.min { #expect(Self.text(found["least"]).map { String($0.prefix(64)) } == least) }
        if let greatest = column.max { #expect(Self.text(found["greatest"]).map { String($0.prefix(64)) } == greatest) }
        if case .integer(let count) = found["n"] {
            #expect(abs(Double(column.distinct ?? 0) - Double(count)) <= 3 + 0.05 * Double(count))
        }
        if column.type != "VARCHAR" { #expect(found["type"] == .text(column.type)) }
        guard let sum = column.sum else { return }
        let isInexact = ["DOUBLE", "FLOAT"].contains(column.type)
        // The sums of doubles are exact here; DuckDB's `fsum` is next to that.
        let query = Query("SELECT CAST(\(isInexact ? "fsum" : "sum")(v) AS VARCHAR) AS s FROM '\(file)'")
        let expected = try await bench.session.rows(of: query, key: request.key, column: "day")[0]["s"]
        if isInexact, let number = Double(sum), number.isFinite {
            let other = Self.text(expected).flatMap(Double.init) ?? .nan
            #expect(abs(other - number) <= 1e-9 * abs(number))
        } else {
            #expect(Self.text(expected) == sum)
        }
    }

    /// Text of the engine, in which a zero has no sign.
    private static func text(_ value: Value?) -> String? {
        guard case .text(let text) = value else { return nil }
        return text == "-0.0" ? "0.0" : text
    }

    @Test func `an array is measured as the list that it becomes`() async throws {
        let bench = try await StagingBench()
        let (staged, read) = try await measured("SELECT [range, 1]::BIGINT[2] AS v FROM range(5)", in: bench)
        #expect(staged == read)
        #expect(staged.columns.map(\.type) == ["BIGINT[]"])
    }

    @Test func `a sum of doubles is exact, whatever their order`() async throws {
        let bench = try await StagingBench()
        let rows = "FROM (SELECT unnest([1e308, 1.0, -1e308, 1e-300, -1.0, 3.5]) AS v)"
        for order in ["v", "v DESC", "hash(v)"] {
            let (staged, _) = try await measured("\(rows) ORDER BY \(order)", in: bench)
            #expect(staged.columns.first?.sum == "3.5")
        }
        let (large, _) = try await measured(
            "SELECT unnest([repeat('8', 38)::DECIMAL(38,0), -5, repeat('7', 38)::DECIMAL(38,0)]) AS v", in: bench)
        #expect(large.columns.first?.sum == "166666666666666666666666666666666666660")
        let (tooLarge, _) = try await measured(
            "SELECT unnest([repeat('9', 38)::DECIMAL(38,0), repeat('9', 38)::DECIMAL(38,0)]) AS v", in: bench)
        #expect(tooLarge.columns.first?.sum == nil)
    }

    private static let base = """
        SELECT i AS id, 'name ' || (i % 100) AS name, CASE WHEN i % 7 = 0 THEN NULL ELSE i / 3 END AS share,
        DATE '2024-01-02' AS day FROM range(20000) AS t(i)
        """

    @Test func `the order of rows, threads, files and row groups do not matter`() async throws {
        let bench = try await StagingBench()
        let expected = try await digest(Self.base, in: bench)
        #expect(expected.hasPrefix("1:"))
        #expect(try await digest("FROM (\(Self.base)) ORDER BY hash(id)", in: bench) == expected)
        #expect(try await digest("FROM (\(Self.base)) ORDER BY id DESC", in: bench) == expected)
        for threads in [1, 4] {
            let other = try await StagingBench(engine: DuckDBSQLEngine(options: EngineOptions(threads: threads)))
            #expect(try await digest(Self.base, in: other) == expected)
        }
        let parquet = ParquetOptions(compression: .uncompressed, rowGroupSize: 2048, fileSize: 100_000)
        let (staged, read) = try await measured(Self.base, parquet: parquet, in: bench)
        #expect(staged.digest == expected)
        #expect(read == staged)
    }

    @Test func `the digest is the same in every process and on every machine`() async throws {
        let bench = try await StagingBench()
        let found = try await digest(
            """
            SELECT i AS a, 'x' || i AS b, repeat('long ', i::INT) AS c, NULL::DOUBLE AS d, i / 3 AS e, i % 2 = 0 AS f,
            DATE '2024-01-01' + i::INT AS g, [i] AS h, i::DECIMAL(38,2) AS k FROM range(20) AS t(i)
            """, in: bench)
        #expect(found == "1:554ef2881fa72c39a99acca0d4cb46175ce2a7fa1a37d6a2")
    }

    @Test(arguments: [
        "SELECT * REPLACE (CASE WHEN id = 77 THEN 'other' ELSE name END AS name) FROM (base)",
        "SELECT * REPLACE (CASE WHEN id = 77 THEN NULL ELSE name END AS name) FROM (base)",
        "SELECT * REPLACE (CASE id WHEN 1 THEN 'name 2' WHEN 2 THEN 'name 1' ELSE name END AS name) FROM (base)",
        "FROM (base) UNION ALL FROM (base) WHERE id = 5",
        "FROM (base) WHERE id <> 5",
        "FROM (base) UNION ALL FROM (base)",
        "SELECT id AS key, * EXCLUDE (id) FROM (base)",
        "SELECT id::INTEGER AS id, * EXCLUDE (id) FROM (base)",
        "SELECT name, id, share, day FROM (base)",
        "SELECT *, 1 AS more FROM (base)",
        "SELECT * EXCLUDE (share) FROM (base)",
        "SELECT * REPLACE (CASE WHEN id = 3 THEN share + 1e-12 ELSE share END AS share) FROM (base)",
    ])
    func `whatever changes changes the digest`(sql: String) async throws {
        let bench = try await StagingBench()
        let expected = try await digest(Self.base, in: bench)
        let changed = sql.replacingOccurrences(of: "(base)", with: "(\(Self.base))")
        #expect(try await digest(changed, in: bench) != expected)
    }

    @Test(arguments: [
        ("[[1], [2]]", "[[1, 2]]"), ("[]::INT[]", "[NULL]::INT[]"), ("[]::INT[]", "NULL::INT[]"),
        ("{'a': NULL::INT}", "NULL::STRUCT(a INT)"), ("['a, b']", "['a', 'b']"), ("['NULL']", "[NULL]::VARCHAR[]"),
        ("''", "NULL::VARCHAR"), ("'a'", "'a' || chr(0)"), ("0", "NULL::INT"), ("repeat('x', 13)", "repeat('x', 14)"),
    ])
    func `values that are much alike have digests of their own`(one: String, other: String) async throws {
        let bench = try await StagingBench()
        let (first, second) = (
            try await digest("SELECT \(one) AS v, 1 AS i", in: bench),
            try await digest("SELECT \(other) AS v, 1 AS i", in: bench)
        )
        #expect(first != second)
    }

    @Test func `what a statement counted in vain is not counted`() async throws {
        let bench = try await StagingBench()
        // The guess of the shape, and that of the columns to be cast, fail from one day to the next.
        let days = [
            ("2024-01-01", "1 AS a, DATE '2024-01-01' AS day"), ("2024-01-02", "1 AS a, 2 AS b"),
            ("2024-01-03", "1 AS a, DATE '2024-01-03' AS day"), ("2024-01-04", "[1] AS a"),
            ("2024-01-05", "[1] AS a, DATE '2024-01-05' AS day, [2] AS b"), ("2024-01-06", "1 AS a"),
        ]
        let query = Query(
            "FROM source",
            sources: [Source(path: bench.folder.appending("%F.parquet"), format: .parquet)])
        for (day, columns) in days {
            try bench.copy("SELECT \(columns) FROM range(3000)", to: "\(day).parquet")
            var request = try bench.request(query, day: day)
            request.measures = true
            let result = try await bench.session.stage(request)
            #expect(result.statistics?.rows == 3000)
            let names = columns.contains(" b") ? ["a", "b"] : ["a"]
            #expect(result.statistics?.columns.map(\.name) == names)
            let written = try await bench.read("SELECT column_name FROM (DESCRIBE FROM '\(result.files[0])')")
            #expect(written == names.map { "text(\"\($0)\")" })
        }
    }

    @Test func `the partition column is not measured, and rows outside of the partition are refused`() async throws {
        let bench = try await StagingBench()
        let (staged, _) = try await measured("SELECT 1 AS a, DATE '2024-01-02' AS \"DAY\"", in: bench)
        #expect(staged.columns.map(\.name) == ["a"])
        var request = try bench.request(Query("SELECT 1 AS a, DATE '2024-01-01' + range::INT AS day FROM range(3)"))
        request.measures = true
        let error = await #expect(throws: TransformError.self) { try await bench.session.stage(request) }
        #expect(error?.code == .outsidePartition)
    }

    @Test(arguments: [
        "SELECT * FROM f WHERE day = $partition_start",
        "SELECT * FROM f QUALIFY day = $partition_start AND row_number() OVER (PARTITION BY day ORDER BY a) > 2",
        "SELECT * FROM f WHERE day = $partition_start ORDER BY a LIMIT 5",
        "SELECT f.* FROM f LEFT JOIN g USING (day) WHERE g.day IS NOT NULL",
        "SELECT day, a FROM f WHERE a % 7 = 0 AND day = $partition_start UNION ALL SELECT day, a FROM f JOIN g USING (day)",
        "SELECT DISTINCT day, a % 3 AS a FROM f WHERE day = $partition_start",
        "SELECT a FROM f WHERE a > 100 LIMIT 50 OFFSET 3", "SELECT a FROM f USING SAMPLE 100 ROWS",
        "SELECT a, random() AS r FROM f WHERE a < 1000", "SELECT unnest([a, a]) AS a FROM f",
    ])
    func `exactly the rows that are written are measured`(sql: String) async throws {
        // An engine of its own, which counts how often the rows had to be read once more.
        let bench = try await StagingBench(engine: DuckDBSQLEngine(options: EngineOptions(threads: 2)))
        let tables = """
            WITH f AS MATERIALIZED (SELECT DATE '2024-01-01' + (i % 3)::INT AS day, i AS a FROM range(20000) AS t(i)),
            g AS MATERIALIZED (SELECT DATE '2024-01-02' AS day)

            """
        for _ in 1...2 {
            let (staged, read) = try await measured(tables + sql, in: bench)
            #expect(staged == read)
            #expect(staged.rows > 0)
            #expect((bench.session as? DuckDBSession)?.instance.remeasuredCount == 0)
        }
    }

    @Test(arguments: [
        "1 AS \"a b\", 2 AS \"it's\", 3 AS \"é\"\"\", 4 AS \"select\"",
        "1 AS result, {'day': 2} AS row, 3 AS reprocess_barrier_",
        "1 AS a, 2 AS a, 3 AS A", "[1] AS a, [2] AS a", "1, 2, 'x'", "[1] AS \"it's\"",
    ])
    func `odd names of columns are measured`(columns: String) async throws {
        let bench = try await StagingBench(engine: DuckDBSQLEngine(options: EngineOptions(threads: 2)))
        for _ in 1...2 {
            let (staged, read) = try await measured("SELECT \(columns) FROM range(3)", in: bench)
            #expect(staged == read)
            #expect((bench.session as? DuckDBSession)?.instance.remeasuredCount == 0)
        }
    }

    @Test func `the order of rows is kept`() async throws {
        let bench = try await StagingBench()
        var request = try bench.request(Query("SELECT hash(range) AS a FROM range(500000) ORDER BY a DESC"))
        request.measures = true
        let file = try #require(try await bench.session.stage(request).files.first)
        let unsorted = "SELECT count(*) FROM (SELECT a, lag(a) OVER (ORDER BY file_row_number) AS b FROM "
        #expect(
            try await bench.read(unsorted + "read_parquet('\(file)', file_row_number = true)) WHERE a > b") == [
                "integer(0)"
            ])
    }

    @Test func `many statements at once do not mix their counts`() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...8 {
                group.addTask {
                    let bench = try await StagingBench()
                    let (staged, read) = try await measured(
                        "SELECT range AS a FROM range(\(number * 10_000))", in: bench)
                    #expect(staged == read)
                    #expect(staged.rows == number * 10_000)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test(arguments: [
        "SELECT reprocess_measure(1) AS a", "SELECT reprocess_measure() AS a",
        "SELECT reprocess_measure(CASE WHEN false THEN [{'mxyz': {'a': 1}}] END, 1) AS a",
        "SELECT reprocess_measure(NULL, a) AS a FROM (SELECT 1 AS a)",
    ])
    func `a user's own call is an error`(sql: String) async throws {
        let bench = try await StagingBench()
        #expect(try await bench.stagingError(Query(sql)).message.contains("this program alone"))
    }

    @Test func `nothing is measured unless it is asked for`() async throws {
        let bench = try await StagingBench()
        #expect(try await bench.stage("SELECT 1 AS a").statistics == nil)
    }

    @Test func `other formatting is another version of a query and the same digest`() async throws {
        let bench = try await StagingBench()
        let (one, other) = (Query("SELECT 1 AS a, 'x' AS b"), Query("select\n    1 as a,\n    'x' as b\n"))
        #expect(one.fingerprint() != other.fingerprint())
        #expect(try await digest(one.text, in: bench) == (try await digest(other.text, in: bench)))
    }

    @Test func `the rows of a table are measured by its schema`() async throws {
        let bench = try await StagingBench()
        let (staged, _) = try await measured("SELECT range AS a, 'x' AS b FROM range(10)", in: bench)
        let files = try bench.stagedNames().map {
            TableSnapshot.File(path: bench.staging + "/" + $0, values: ["2024-01-02"])
        }
        let snapshot = TableSnapshot(
            path: bench.staging, version: 1,
            columns: [
                TableSnapshot.Column(name: "a", type: "BIGINT", valueIndex: nil),
                TableSnapshot.Column(name: "b", type: "VARCHAR", valueIndex: nil),
                TableSnapshot.Column(name: "day", type: "DATE", valueIndex: 0),
            ], files: files, filterColumn: nil, features: [])
        let key = try PartitionKey(parsing: "2024-01-02", as: .day)
        let read = try await bench.session.measure(
            MeasureRequest(rows: .table(snapshot), key: key, column: "day", refusesOutside: true))
        #expect(read == staged)
    }
}
