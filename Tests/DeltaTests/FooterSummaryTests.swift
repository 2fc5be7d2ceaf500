import DuckDBEngine
import Foundation
import TestSupport
import Testing

@testable import Lakehouse

/// What footers tell of the rows of files.
@Suite struct FooterSummaryTests {
    private let folder: TemporaryDirectory
    init() throws { folder = try TemporaryDirectory() }

    private func write(_ query: String, to name: String, _ options: String = "ROW_GROUP_SIZE 2048") throws -> String {
        let path = folder.appending(name)
        let connection = try Database(options: DatabaseOptions(), environment: ProcessInfo.processInfo.environment)
            .connect()
        _ = try connection.run("COPY (\(query)) TO '\(path)' (FORMAT parquet, \(options))", in: CancellationScope())
        return path
    }

    private static let query = """
        SELECT i - 5000 AS id, i % 2 = 0 AS flag, (i * 1.5)::DOUBLE AS amount, (i / 4)::DECIMAL(30, 2) AS wide,
        (i - 2000)::DECIMAL(9, 2) AS price, repeat('x', (i % 100)::INTEGER) AS word, DATE '2024-01-01' + i::INTEGER AS day,
        TIMESTAMP '2024-01-01' + INTERVAL (i) SECOND AS moment, NULL::VARCHAR AS nothing, [i, NULL] AS list,
        {'a': {'b': i}, 'c': i} AS tree, MAP {'k': i} AS pairs, 'x'::BLOB AS bytes, i::UBIGINT AS positive,
        CASE WHEN i > 9000 THEN i END AS some FROM range(10000) t(i)
        """

    @Test func `Every column is told, across row groups, and what is nested or unknown only by its name`() throws {
        let summary = try #require(try FooterSummary(ofFiles: [write(Self.query, to: "a.parquet")]))
        #expect(summary.rows == 10_000 && summary.fileRows == [10_000])
        let told = summary.columns.map { column in
            [
                column.name, column.type ?? "-", column.nulls.map(String.init) ?? "-", column.minimum ?? "-",
                column.maximum ?? "-",
            ].joined(separator: " ")
        }
        #expect(
            told == [
                "id BIGINT 0 -5000 4999", "flag BOOLEAN 0 false true", "amount DOUBLE 0 0.0 14998.5",
                "wide DECIMAL(30,2) 0 0.00 2499.75", "price DECIMAL(9,2) 0 -2000.00 7999.00",
                "word VARCHAR 0  \(String(repeating: "x", count: 64))", "day DATE 0 2024-01-01 2051-05-18",
                "moment TIMESTAMP 0 2024-01-01 00:00:00 2024-01-01 02:46:39", "nothing VARCHAR 10000 - -",
                "list - - - -",
                "tree - - - -", "pairs - - - -", "bytes - 0 - -", "positive - 0 - -", "some BIGINT 9001 9001 9999",
            ])
    }

    @Test func `A column that a file lacks is null there, and one of another type has no extremes`() throws {
        let files = [
            try write("SELECT 1::BIGINT AS a, 2::BIGINT AS b FROM range(3)", to: "a.parquet"),
            try write("SELECT 5::BIGINT AS A, 'x' AS b, 7::BIGINT AS c FROM range(4)", to: "b.parquet"),
            try write("SELECT 9::BIGINT AS a, 2::BIGINT AS b LIMIT 0", to: "c.parquet"),
        ]
        let summary = try #require(try FooterSummary(ofFiles: files))
        #expect(summary.fileRows == [3, 4, 0] && summary.columns.map(\.name) == ["a", "b", "c"])
        #expect(summary.columns.map(\.nulls) == [0, 0, 3])
        #expect(
            summary.columns.map(\.minimum) == ["1", nil, "7"] && summary.columns.map(\.maximum) == ["5", nil, "7"])
    }

    @Test func `There is one zero`() throws {
        let path = try write("SELECT v::DOUBLE AS v FROM (VALUES (-0.0), (1.5)) t(v)", to: "zero.parquet")
        #expect(try FooterSummary(ofFiles: [path])?.columns.first?.minimum == "0.0")
    }

    @Test func `What is no Parquet file is not understood, and what is not there is an error`() throws {
        let path = folder.appending("text.parquet")
        try Data("a,b\n1,2\n3,4\n5,6\n".utf8).write(to: URL(filePath: path))
        #expect(try FooterSummary(ofFiles: [path]) == nil)
        #expect(throws: TableError.self) { try FooterSummary(ofFiles: [folder.appending("missing.parquet")]) }
    }

    @Test func `No damage to a footer does more than to make it unknown`() throws {
        let path = try write(Self.query + " LIMIT 3000", to: "damaged.parquet")
        let whole = try Data(contentsOf: URL(filePath: path))
        let length = whole.suffix(8).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        let footer = whole.count - 8 - length..<whole.count - 8
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                damaged[Int.random(in: footer, using: &random)] = .random(in: 0...255, using: &random)
            }
            try damaged.write(to: URL(filePath: path))
            // Whatever it says, it comes back.
            _ = try FooterSummary(ofFiles: [path, path])
        }
    }
}
