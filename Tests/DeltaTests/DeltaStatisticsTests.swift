import Foundation
import Partitions
import TestSupport
import Testing

@testable import Lakehouse

/// Statistics are right where they are given, and are left out where they might not be.
@Suite struct DeltaStatisticsTests {
    private let sample: DeltaSample
    init() throws { sample = try DeltaSample() }

    @Test func `Statistics say what is certain`() throws {
        let stats = try statistics(
            """
            SELECT * FROM (VALUES
            (1, DATE '2024-01-01', 'a"b', 0.1::FLOAT, -1.50::DECIMAL(5,2), TIMESTAMP '2024-01-01 00:00:00.0005', NULL, true),
            (NULL, DATE '2024-12-31', repeat('z', 40), 0.1::FLOAT, 3, TIMESTAMP '2024-01-01 00:00:00.1234567', NULL::INT, true))
            t(i, d, s, f, de, ts, n, b)
            """)
        #expect(stats["numRecords"] as? Int == 2)
        let minimums = try #require(stats["minValues"] as? [String: Any])
        let maximums = try #require(stats["maxValues"] as? [String: Any])
        let nulls = try #require(stats["nullCount"] as? [String: Int])
        #expect(minimums["i"] as? Int == 1 && maximums["i"] as? Int == 1)
        #expect(minimums["d"] as? String == "2024-01-01" && maximums["d"] as? String == "2024-12-31")
        #expect(minimums["s"] as? String == "a\"b")
        #expect(maximums["s"] as? String == String(repeating: "z", count: 32) + "\u{10ffff}")
        #expect(minimums["de"] as? Double == -1.5 && maximums["de"] as? Double == 3)
        #expect(minimums["ts"] as? String == "2024-01-01T00:00:00.000")
        #expect(maximums["ts"] as? String == "2024-01-01T00:00:00.124")
        #expect(minimums["b"] as? Bool == true && maximums["b"] as? Bool == true)
        #expect(minimums["n"] == nil && maximums["n"] == nil)
        #expect(nulls == ["i": 1, "d": 0, "s": 0, "f": 0, "de": 0, "ts": 0, "n": 2, "b": 0])
    }

    @Test(arguments: [
        "'nan'::DOUBLE", "'inf'::DOUBLE", "'nan'::FLOAT", "'x'::BLOB", "1234567890.1234567::DECIMAL(18,7)",
    ])
    func `Where one column is not certain, the file has its number of rows alone`(value: String) throws {
        let stats = try statistics("SELECT 1 AS i, \(value) AS odd")
        #expect(stats.keys.sorted() == ["numRecords"])
        // One that is null has no extremes to be uncertain of.
        let null = try statistics("SELECT 1 AS i, CASE WHEN random() > 2 THEN \(value) END AS odd")
        #expect(null.keys.count == 4)
    }

    @Test func `The extremes of several row groups are those of all of them`() throws {
        let chunks = [("9", "10"), ("-2", "3"), ("7", "7")].map {
            ColumnChunk(column: "i", minimum: $0, maximum: $1, nulls: 0, values: 5, isExact: true)
        }
        let extremes = ColumnExtremes(chunks: chunks, type: "long")
        #expect(extremes?.minimum == "-2" && extremes?.maximum == "10")
        let texts = ColumnExtremes(chunks: chunks, type: "string")
        #expect(texts?.minimum == "\"-2\"" && texts?.maximum == "\"7\"")
    }

    @Test(arguments: [
        ColumnChunk(column: "i", minimum: nil, maximum: nil, nulls: 3, values: 5, isExact: true),
        ColumnChunk(column: "i", minimum: "1", maximum: "2", nulls: 0, values: 5, isExact: false),
        ColumnChunk(column: "i", minimum: "1", maximum: nil, nulls: 0, values: 5, isExact: true),
    ])
    func `A row group that does not say its extremes leaves the column without`(chunk: ColumnChunk) throws {
        let known = ColumnChunk(column: "i", minimum: "1", maximum: "2", nulls: 0, values: 5, isExact: true)
        let schema = DeltaSchema(fields: [DeltaField(name: "i", type: .primitive("long"))])
        let stats = FileStatistics(ParquetFooter(schema: schema, rows: 10, chunks: [known, chunk])).json
        #expect(stats == #"{"numRecords":10}"#)
        let nothing = ColumnChunk(column: "i", minimum: nil, maximum: nil, nulls: 5, values: 5, isExact: true)
        let both = FileStatistics(ParquetFooter(schema: schema, rows: 10, chunks: [known, nothing])).json
        #expect(both.contains(#""minValues":{"i":1},"maxValues":{"i":2},"nullCount":{"i":5}"#), "\(both)")
    }

    @Test func `The extremes of a float are its value, and not its shortest text`() throws {
        let chunk = ColumnChunk(column: "f", minimum: "0.1", maximum: "0.1", nulls: 0, values: 5, isExact: true)
        let extremes = try #require(ColumnExtremes(chunks: [chunk], type: "float"))
        #expect(extremes.maximum == "0.10000000149011612" && extremes.minimum == extremes.maximum)
    }

    @Test func `The floats of other writers may hide NaN`() throws {
        let chunk = ColumnChunk(column: "f", minimum: "1.0", maximum: "2.0", nulls: 0, values: 5, isExact: true)
        let schema = DeltaSchema(fields: [DeltaField(name: "f", type: .primitive("double"))])
        let foreign = ParquetFooter(schema: schema, rows: 5, isByDuckDB: false, chunks: [chunk])
        #expect(FileStatistics(foreign).json == #"{"numRecords":5}"#)
        let ours = ParquetFooter(schema: schema, rows: 5, chunks: [chunk])
        #expect(FileStatistics(ours).json.contains(#""minValues":{"f":1.0}"#))
    }

    @Test(arguments: [
        "v > 150", "v < 100", "v = 137", "s = 'zz9'", "s > 'm'", "d > DATE '2024-03-01'", "f > 1.0",
        "ts > TIMESTAMP '2024-01-01 00:02:30'", "s = 'none'", "g > 150.5",
    ])
    func `Skipping by our statistics finds what a full scan finds`(condition: String) async throws {
        for part in 0..<3 {
            let query = """
                SELECT (\(part) * 100 + i)::BIGINT AS v, CASE WHEN i % 7 = 0 THEN NULL ELSE chr((97 + (i * 5 + \(part)) % 26)::INT)
                || repeat('z', (i % 40)::INT) END AS s, DATE '2024-01-01' + (\(part) * 40 + i % 40)::INT AS d,
                CASE WHEN i = 50 THEN 'nan'::DOUBLE ELSE i / 100.0 END AS f, (\(part) * 100 + i)::DOUBLE AS g,
                TIMESTAMP '2024-01-01' + INTERVAL (\(part) * 100 + i) SECOND AS ts FROM range(100) t(i)
                UNION ALL SELECT 137, 'zz9', DATE '2024-01-01', 0, 137, TIMESTAMP '2024-01-01'
                """
            try sample.publish(Int64(part + 1), DeltaSample.key.advanced(by: part), rows: 101, query: query)
        }
        let read = try await ReadTable.read(sample, where: condition)
        #expect(read.full == read.skipping)
        // Whether NaN is greater than all is a matter of taste.
        #expect(read.fullInArrow == read.pruned)
    }

    private func statistics(_ query: String) throws -> [String: Any] {
        let path = sample.folder.appending("file.parquet")
        try DeltaSample.write(query, to: path)
        let json = FileStatistics(try ParquetFooters().footer(of: path)).json
        return try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    }
}
