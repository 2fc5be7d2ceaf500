import DuckDBEngine
import Foundation
import TestSupport
import Testing

@testable import Lakehouse

/// What is read of a footer without DuckDB is what DuckDB says, or nothing.
@Suite struct PlainFooterTests {
    private let folder: TemporaryDirectory
    init() throws { folder = try TemporaryDirectory() }

    /// Every type that a plain column can have, with values at its limits and without any.
    private static let query = """
        SELECT i % 3 = 0 AS bool, (i % 250 - 125)::TINYINT AS tiny, (i * 60 - 30000)::SMALLINT AS small,
        (i * 4000000 - 2000000000)::INTEGER AS whole, (i - 500)::BIGINT * 9000000000000000 AS big,
        (i * 1.7 - 500)::FLOAT AS single, (i - 500) * 1e300 AS twice, CASE WHEN i = 7 THEN 'nan'::DOUBLE ELSE i END AS nan,
        (i / 3.0 - 100)::DECIMAL(9, 4) AS money,
        ((i - 500) / 1000)::DECIMAL(18, 17) AS long_decimal, (i - 500)::DECIMAL(5, 0) AS no_scale,
        repeat(chr((19968 + i)::INTEGER), (i % 40)::INTEGER) AS "naïve ""name", DATE '1969-06-01' + i::INTEGER AS day,
        TIMESTAMP '1969-12-31 23:59:00.5' + INTERVAL (i * 1000001) MICROSECOND AS moment,
        (TIMESTAMP '2024-01-01' + INTERVAL (i) HOUR)::TIMESTAMPTZ AS instant, NULL::INTEGER AS nothing,
        CASE WHEN i > 400 THEN i END AS some FROM range(1000) t(i)
        """

    @Test(arguments: [
        query, "\(query) LIMIT 0", "SELECT * REPLACE (NULL AS big) FROM (\(query)) WHERE bool",
        "SELECT repeat('x', 20000) AS long_text, 1 AS i",
    ])
    func `The footer of a plain file is what DuckDB says of it`(query: String) throws {
        for options in ["ROW_GROUP_SIZE 2048", "PARQUET_VERSION V2, COMPRESSION zstd", "ROW_GROUP_SIZE 200"] {
            let path = folder.appending("plain.parquet")
            try write(query, to: path, options)
            let plain = try #require(try PlainFooter.footer(of: path))
            let asked = try ParquetFooters().footer(of: path)
            #expect(plain.schema == asked.schema)
            #expect(plain.rows == asked.rows && plain.isByDuckDB == asked.isByDuckDB)
            #expect(FileStatistics(plain) == FileStatistics(asked))
            #expect(plain.chunks.map(Self.comparable) == asked.chunks.map(Self.comparable))
        }
    }

    @Test(arguments: [
        "[i]", "{'a': i}", "MAP {i: 'x'}", "i::UBIGINT", "i::DECIMAL(30, 2)", "'x'::BLOB", "uuid()",
        "TIME '01:02:03'", "TIMESTAMP_NS '2024-01-01 00:00:00'", "DATE '12024-01-01'", "'{}'::JSON",
        "TIMESTAMP '12024-01-01'", "'inf'::DOUBLE", "'-inf'::FLOAT",
    ])
    func `Of anything else DuckDB is asked`(value: String) throws {
        let path = folder.appending("other.parquet")
        try write("SELECT 1 AS i, \(value) AS odd FROM range(3) t(i)", to: path)
        #expect(try PlainFooter.footer(of: path) == nil)
    }

    @Test func `The files of other writers are left to DuckDB`() async throws {
        let path = folder.appending("foreign.parquet")
        _ = try await Python.run("write_arrow.py", [path])
        #expect(try PlainFooter.footer(of: path) == nil)
        #expect(try LazyFooters().footer(of: path).rows == 3)
    }

    @Test func `No damage to a footer does more than to make it unknown`() throws {
        let path = folder.appending("damaged.parquet")
        try write(Self.query, to: path)
        let whole = try Data(contentsOf: URL(filePath: path))
        let length = whole.suffix(8).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        let footer = whole.count - 8 - length..<whole.count - 8
        var random = SeededGenerator(seed: 42)
        for _ in 0..<2_000 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                damaged[Int.random(in: footer, using: &random)] = .random(in: 0...255, using: &random)
            }
            try damaged.write(to: URL(filePath: path))
            // Whatever it says, it comes back.
            _ = try PlainFooter.footer(of: path)
        }
        // A scale that no decimal has: its text would have as many digits.
        let decimal = try #require(whole[footer].firstRange(of: Data([0x15, 0x08, 0x15, 0x12])))
        var damaged = whole
        damaged.replaceSubrange(decimal, with: Data([0x15, 0x7f, 0x15, 0x12]))
        try damaged.write(to: URL(filePath: path))
        #expect(try PlainFooter.footer(of: path) == nil)
        for cut in [0, 4, 11, 12, whole.count - 9, whole.count - 1] {
            try whole.prefix(cut).write(to: URL(filePath: path))
            #expect(try PlainFooter.footer(of: path) == nil)
        }
    }

    private func write(_ query: String, to path: String, _ options: String = "ROW_GROUP_SIZE 2048") throws {
        let database = try Database(
            options: DatabaseOptions(threads: 1), environment: ProcessInfo.processInfo.environment)
        _ = try database.connect().run(
            "COPY (\(query)) TO '\(path)' (FORMAT parquet, \(options))", in: CancellationScope())
    }

    /// Floating-point numbers may be spelled in two ways.
    private static func comparable(_ chunk: ColumnChunk) -> [String] {
        let texts = [chunk.minimum, chunk.maximum].map { text in
            guard let text, ["single", "twice", "nan"].contains(chunk.column) else { return text ?? "none" }
            return Double(text).map { "\($0)" } ?? text
        }
        return [chunk.column, "\(chunk.nulls ?? -1)", "\(chunk.values)", "\(chunk.isExact)"] + texts
    }
}
