import DuckDBEngine
import Foundation
import Testing

struct ConnectionTests {
    private let connection: Connection

    init() throws {
        let environment = ProcessInfo.processInfo.environment
        connection = try Database(options: DatabaseOptions(threads: 2), environment: environment).connect()
    }

    @Test(arguments: [
        ("NULL", DuckDBValue.null), ("true", .boolean(true)), ("(-7)::TINYINT", .integer(-7)),
        ("200::UTINYINT", .integer(200)), ("9223372036854775807", .integer(.max)),
        ("18446744073709551615::UBIGINT", .text("18446744073709551615")),
        ("sum(x) FILTER (WHERE x > 0)", .integer(3)),
        (
            "(-170141183460469231731687303715884105728)::HUGEINT",
            .text("-170141183460469231731687303715884105728")
        ),
        ("1.5::FLOAT", .double(1.5)), ("0.1::DOUBLE", .double(0.1)), ("(-0.05)::DECIMAL(4,2)", .text("-0.05")),
        ("123.4::DECIMAL(38,1)", .text("123.4")), ("7::DECIMAL(4,0)", .text("7")),
        ("'twelve bytes'", .text("twelve bytes")),
        ("'thirteen byte'", .text("thirteen byte")),
        ("'é' || repeat('x', 20)", .text("é" + String(repeating: "x", count: 20))),
        ("DATE '1969-12-31'", .date(-1)), ("TIMESTAMP '1970-01-01 00:00:01'", .timestamp(1_000_000)),
        ("'1970-01-01 00:00:01'::TIMESTAMP_S", .timestamp(1_000_000)),
        ("'1969-12-31 23:59:59.9999999'::TIMESTAMP_NS", .timestamp(-1)),
        ("'infinity'::TIMESTAMP", .unreadable), ("[1]", .unreadable), ("MAP {'a': 1, 'b': 2}", .keys(["a", "b"])),
    ])
    func `values come out typed`(expression: String, value: DuckDBValue) throws {
        let result = try connection.run("SELECT \(expression) FROM (VALUES (1), (2)) AS t(x)", in: CancellationScope())
        #expect(result.rows.first == [value])
    }

    @Test(arguments: [
        DuckDBValue.null, .boolean(false), .integer(.min), .double(2.5), .text("it's \"quoted\" é"), .text(""),
        .date(19723), .timestamp(-1),
    ])
    func `values go in and come out unchanged`(value: DuckDBValue) throws {
        let result = try connection.run("SELECT $1", [value], in: CancellationScope())
        #expect(result.rows == [[value]])
    }

    @Test func `rows of many chunks come complete and in order`() throws {
        let result = try connection.run("SELECT i, i % 3 = 0 FROM range(10000) AS t(i)", in: CancellationScope())
        #expect(result.rows.count == 10000)
        #expect(result.rows[9999] == [.integer(9999), .boolean(true)])
    }

    @Test(arguments: [
        ("SELECT 1 frm x y", DuckDBError.Kind.parser), ("SELECT nosuch", .binder), ("FROM nosuch", .catalog),
        ("SELECT 'x'::INT", .conversion), ("SELECT 9223372036854775807 + 1", .outOfRange),
        ("SELECT error('x')", .invalidInput), ("FROM read_csv('/nowhere.csv')", .io),
    ])
    func `errors come typed`(sql: String, kind: DuckDBError.Kind) {
        let error = #expect(throws: DuckDBError.self) { try connection.run(sql, in: CancellationScope()) }
        #expect(error?.kind == kind)
        #expect(error?.message.contains("{") == false)
    }

    @Test func `the parser counts characters and the binder bytes`() {
        let parser = #expect(throws: DuckDBError.self) {
            try connection.run("SELECT 'é', x y z", in: CancellationScope())
        }
        #expect(parser?.position == .characters(16))
        let binder = #expect(throws: DuckDBError.self) { try connection.run("SELECT 'é', z", in: CancellationScope()) }
        #expect(binder?.position == .bytes(13))
    }

    @Test func `columns are known without running the query`() throws {
        let columns = try connection.columns(
            of: "SELECT error('ran') AS a, DATE '2024-01-01' AS b", in: CancellationScope())
        #expect(columns.map(\.name) == ["a", "b"])
        #expect(columns.last?.type == .date)
    }

    @Test func `nothing is installed or fetched by itself`() throws {
        let sql =
            "SELECT current_setting('autoinstall_known_extensions'), current_setting('allow_community_extensions')"
        #expect(try connection.run(sql, in: CancellationScope()).rows == [[.boolean(false), .boolean(false)]])
    }

    @Test func `rows are appended with every type`() throws {
        _ = try connection.run(
            "CREATE TEMP TABLE t (a BIGINT, b DOUBLE, c VARCHAR, d DATE, e TIMESTAMP, f BOOLEAN)",
            in: CancellationScope())
        let row: [DuckDBValue] = [.integer(1), .double(0.5), .text("x"), .date(3), .timestamp(4), .boolean(true)]
        let appender = try RowAppender(table: "t", on: connection)
        try appender.append(row)
        try appender.append([.null, .null, .null, .null, .null, .null])
        try appender.finish()
        #expect(try connection.run("FROM t WHERE a = 1", in: CancellationScope()).rows == [row])
        #expect(try connection.run("SELECT count(*) FROM t", in: CancellationScope()).rows == [[.integer(2)]])
    }

    @Test func `rows can be had one by one`() throws {
        var sum: Int64 = 0
        try connection.forEachRow(of: "SELECT i, i::VARCHAR FROM range(100000) t(i)", in: CancellationScope()) { row in
            sum += row[0].integer ?? 0
            if row[0].integer == 70_000 { #expect(row[1] == .text("70000")) }
        }
        #expect(sum == 4_999_950_000)
    }

    @Test func `an error in the middle of the rows is no end`() throws {
        let query = "SELECT CASE WHEN i < 5000000 THEN i ELSE error('half way') END FROM range(10000000) t(i)"
        var count = 0
        let error = #expect(throws: DuckDBError.self) {
            try connection.forEachRow(of: query, in: CancellationScope()) { _ in count += 1 }
        }
        #expect(error?.message.contains("half way") == true, "\(String(describing: error))")
        // Late enough to come after rows have been given out.
        #expect(count > 0 && count < 10_000_000)
        let next = try connection.run("SELECT 1", in: CancellationScope())
        #expect(next.rows == [[.integer(1)]])
    }

    @Test func `what takes the rows may end them`() throws {
        var count = 0
        #expect(throws: CancellationError.self) {
            try connection.forEachRow(of: "SELECT * FROM range(10000000)", in: CancellationScope()) { _ in
                count += 1
                if count == 10 { throw CancellationError() }
            }
        }
        #expect(count == 10)
        #expect(try connection.run("SELECT 1", in: CancellationScope()).rows == [[.integer(1)]])
    }
}
