import Partitions
import TestSupport
import Testing
import Transforms

struct ReplaceWhereTests {
    @Test(arguments: [
        ("DATE '2024-01-02'", "2024-01-02", Granularity.day),
        ("TIMESTAMP '2024-01-02 23:59:59.999999'", "2024-01-02", .day),
        ("TIMESTAMP_NS '2024-01-02 23:59:59.999999999'", "2024-01-02", .day),
        ("'2024-01-02'", "2024-01-02", .day),
        ("DATE '2024-02-29'", "2024-02", .month),
        ("'2024-02'", "2024-02", .month),
        ("TIMESTAMP '2024-01-02 05:59:59'", "2024-01-02T05", .hour),
        ("'2024-01-02T05'", "2024-01-02T05", .hour),
    ])
    func `rows of the partition are written without the column`(
        value: String, key: String, granularity: Granularity
    ) async throws {
        let bench = try await StagingBench()
        let result = try await bench.stage("SELECT 1 AS a, \(value) AS \"DAY\", 2 AS b", day: key, as: granularity)
        let file = try #require(result.files.first)
        #expect(
            try await bench.read("SELECT column_name FROM (DESCRIBE FROM '\(file)')") == ["text(\"a\")", "text(\"b\")"])
    }

    @Test(arguments: [
        ("DATE '2024-01-03'", "2024-01-02", Granularity.day),
        ("DATE '2024-01-01'", "2024-01-02", .day),
        ("TIMESTAMP '2024-01-03 00:00:00'", "2024-01-02", .day),
        ("NULL::DATE", "2024-01-02", .day),
        ("NULL::VARCHAR", "2024-01-02", .day),
        ("'2024-01-02 '", "2024-01-02", .day),
        ("'2024-1-2'", "2024-01-02", .day),
        ("DATE 'infinity'", "2024-01-02", .day),
        ("DATE '2024-03-01'", "2024-02", .month),
        ("TIMESTAMP '2024-01-02 06:00:00'", "2024-01-02T05", .hour),
    ])
    func `a row of another partition fails and leaves nothing`(
        value: String, key: String, granularity: Granularity
    ) async throws {
        let bench = try await StagingBench()
        let inside = granularity == .month ? "2024-02-01" : "2024-01-02 05:30:00"
        let sql = """
            SELECT 1 AS a, \(value) AS day UNION ALL SELECT 2, CASE WHEN typeof(\(value)) = 'VARCHAR' THEN '\(key)'
            ELSE '\(inside)' END::\(value.hasPrefix("'") || value.contains("VARCHAR") ? "VARCHAR" : "TIMESTAMP")
            """
        let request = try bench.request(Query(sql), day: key, as: granularity)
        let error = await #expect(throws: TransformError.self) { try await bench.session.stage(request) }
        #expect(error?.code == .outsidePartition)
        #expect(error?.message.hasPrefix("1 of 2 rows lie outside of the partition \(key)") == true)
        #expect(try bench.stagedNames() == [])
    }

    @Test(arguments: [
        "20240102", "1.5", "true", "TIMESTAMPTZ '2024-01-02 00:00:00+00'", "TIME '10:00:00'", "[DATE '2024-01-02']",
    ])
    func `a column in which no partition can be told is refused with advice`(value: String) async throws {
        let bench = try await StagingBench()
        let error = try await bench.stagingError(Query("SELECT 1 AS a, \(value) AS day"))
        #expect(error.code == .query)
        #expect(error.message.contains("partition column 'day'"))
        #expect(try bench.stagedNames() == [])
    }

    @Test func `a result of nothing but the partition column is refused`() async throws {
        let bench = try await StagingBench()
        #expect(
            try await bench.stagingError(Query("SELECT $partition_start AS day")).message.contains("nothing is left"))
    }

    @Test(arguments: [
        "SELECT * FROM f WHERE day = $partition_start",
        "SELECT f.* FROM f JOIN g USING (day)",
        "SELECT * FROM f SEMI JOIN g USING (day)",
        "SELECT day, a FROM f EXCEPT SELECT day, a FROM f WHERE day <> $partition_start",
        "SELECT day, a FROM f INTERSECT SELECT day, a FROM f WHERE day = $partition_start",
        "SELECT day, sum(a) AS s FROM f GROUP BY day HAVING day = $partition_start",
        "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY day ORDER BY a) AS n FROM f) WHERE day = $partition_start",
        "SELECT * FROM f QUALIFY day = $partition_start AND row_number() OVER (PARTITION BY day ORDER BY a) > 2",
        "SELECT DISTINCT day, a FROM f WHERE day = $partition_start",
        "SELECT * FROM f ORDER BY day = $partition_start DESC, a LIMIT 5",
        "SELECT f.* FROM f LEFT JOIN g USING (day) WHERE g.day IS NOT NULL",
        "SELECT * FROM f WHERE EXISTS (FROM g WHERE g.day = f.day)",
        "SELECT day, a FROM f WHERE a % 7 = 0 AND day = $partition_start UNION ALL SELECT day, a FROM f JOIN g USING (day)",
    ])
    func `rows that the statement itself removes are never judged`(sql: String) async throws {
        let bench = try await StagingBench()
        let tables = """
            WITH f AS MATERIALIZED (SELECT DATE '2024-01-01' + (i % 3)::INT AS day, i AS a FROM range(20000) AS t(i)),
            g AS MATERIALIZED (SELECT DATE '2024-01-02' AS day)

            """
        #expect(try await bench.stage(tables + sql).rows > 0)
    }

    @Test func `the result may change its shape from one partition to the next`() async throws {
        let bench = try await StagingBench()
        try bench.write("a,day\n1,2024-01-01\n", to: "2024-01-01.csv")
        try bench.write("a,b\n1,2\n", to: "2024-01-02.csv")
        try bench.write("a,day\n1,2024-01-03\n", to: "2024-01-03.csv")
        try bench.write("a,DAY\n1,2024-01-04x\n", to: "2024-01-04.csv")
        let source = Source(path: bench.folder.appending("%F.csv"), format: .csv, options: ["header": .bool(true)])
        let query = Query("FROM source", sources: [source])
        for (day, columns) in [("2024-01-01", 1), ("2024-01-02", 2), ("2024-01-03", 1)] {
            let file = try #require(try await bench.session.stage(try bench.request(query, day: day)).files.first)
            #expect(try await bench.read("SELECT count(*) FROM (DESCRIBE FROM '\(file)')") == ["integer(\(columns))"])
        }
        #expect(try await bench.stagingError(query, day: "2024-01-04").code == .outsidePartition)
    }

    @Test func `a column of a type that cannot be, where there was none before, leaves nothing`() async throws {
        let bench = try await StagingBench()
        try bench.write("a,b\n1,2\n", to: "2024-01-01.csv")
        try bench.write("a,day\n1,20240102\n", to: "2024-01-02.csv")
        let source = Source(path: bench.folder.appending("%F.csv"), format: .csv)
        let query = Query("FROM source", sources: [source])
        _ = try await bench.session.stage(try bench.request(query, day: "2024-01-01", into: bench.folder.path))
        #expect(try await bench.stagingError(query).code == .query)
        #expect(try bench.stagedNames() == [])
    }
}
