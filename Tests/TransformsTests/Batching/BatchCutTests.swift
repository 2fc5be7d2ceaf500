import Partitions
import TestSupport
import Testing

@testable import Transforms

/// Where a source is cut into batches, and what statements see of one.
struct BatchCutTests {
    private static let rows = """
        SELECT (i * 7919) % 1000 AS id, i % 7 AS project, 'it''s "' || (i % 90) AS name,
            DATE '2024-01-01' + (i % 40)::INTEGER AS placed, TIMESTAMP '2024-01-01' + INTERVAL (i % 77) MINUTE AS moment,
            ((i % 300) / 4.0)::DECIMAL(9, 2) AS amount, i::DOUBLE AS ratio, if(i = 500, NULL, i) AS hole
        FROM range(1000) AS numbers (i)
        """

    private func bench(_ sql: String = rows) async throws -> (bench: StagingBench, source: Source) {
        let bench = try await StagingBench()
        return (bench, Source(path: try bench.copy(sql, to: "source.parquet"), format: .parquet))
    }

    private func request(
        _ source: Source, _ columns: [String], _ rows: Int64, from: BatchKey? = nil
    ) throws -> BatchCutRequest {
        BatchCutRequest(
            source: source, batching: Batching(by: columns, rows: rows), rows: rows, from: from,
            key: try PartitionKey(parsing: "2024-01-02", as: .day), column: "day", tables: [:])
    }

    /// The ids that a statement sees of each batch.
    private func ids(
        _ statement: String, _ bench: StagingBench, _ source: Source, _ columns: [String], _ ranges: [BatchRange]
    ) async throws -> [Set<String>] {
        var found: [Set<String>] = []
        for range in ranges {
            let query = Query(statement, sources: [source], batching: Batching(by: columns, rows: 1))
            var request = try bench.request(query)
            request.slice = BatchSlice(source: "source", range: range)
            let staged = try await bench.session.stage(request)
            found.append(Set(try await bench.read("SELECT id FROM read_parquet('\(staged.files[0])')")))
            #expect(Int64(found.last?.count ?? 0) == staged.rows, "a row that is there twice")
        }
        return found
    }

    @Test(arguments: [
        ["id"], ["project", "id"], ["name"], ["name", "project"], ["placed"], ["moment", "placed", "id"], ["amount"],
    ])
    func `Every row is in one batch, whatever the key, and rows with the same key in the same`(
        columns: [String]
    ) async throws {
        let (bench, source) = try await bench()
        let cuts = try await bench.session.cuts(request(source, columns, 130)).ranges
        #expect(cuts.count > 3)
        #expect(cuts.last?.isLast == true && cuts.dropLast().allSatisfy { !$0.isLast })
        let key = columns.count == 1 ? columns[0] : "(\(columns.joined(separator: ", ")))"
        let statements = [
            "SELECT * FROM source", "SELECT * FROM source WHERE \(key) >= $batch_from AND \(key) < $batch_to",
        ]
        for statement in statements {
            let batches = try await ids(statement, bench, source, columns, cuts)
            #expect(batches.reduce(0) { $0 + $1.count } == 1000, "\(statement)")
            #expect(batches.reduce(into: Set()) { $0.formUnion($1) }.count == 1000, "\(statement)")
        }
        let greatest = try await bench.read(
            "SELECT max(n) FROM (SELECT count(*) AS n FROM read_parquet('\(source.path)') GROUP BY \(columns.joined(separator: ", ")))"
        )
        let equal = Int(greatest[0].filter(\.isNumber)) ?? 0
        for batch in try await ids(statements[0], bench, source, columns, cuts) { #expect(batch.count <= 130 + equal) }
    }

    @Test func `The rest of a source is cut from a key on`() async throws {
        let (bench, source) = try await bench()
        let all = try await bench.session.cuts(request(source, ["project", "id"], 100)).ranges
        let from = try #require(all[3].from)
        #expect(
            try await bench.session.cuts(request(source, ["project", "id"], 100, from: from)).ranges == Array(all[3...])
        )
        let smaller = try await bench.session.cuts(request(source, ["project", "id"], 50, from: from)).ranges
        #expect(smaller.count == 14 && smaller.first?.from == from)
    }

    @Test func `A key that all rows share makes one batch, and no rows make one without any`() async throws {
        let (bench, source) = try await bench("SELECT 7 AS id FROM range(50)")
        let cuts = try await bench.session.cuts(request(source, ["id"], 10)).ranges
        #expect(cuts.count == 1 && cuts[0].isLast)
        #expect(BatchSlice(source: "source", range: cuts[0]).literals["batch_to"] == "(CAST('7' AS HUGEINT) + 1)")
        let empty = try await self.bench("SELECT 7 AS id FROM range(0)")
        let nothing = try await empty.bench.session.cuts(request(empty.source, ["id"], 10)).ranges
        #expect(nothing == [BatchRange(from: nil, to: nil)])
    }

    @Test(arguments: [
        (
            "hole",
            "In the source 'source' there is a null in hole, by which the partition 2024-01-02 is read in batches: in 1 of 1000 rows"
        ),
        (
            "projekt",
            "The source 'source' has no column 'projekt', by which its partitions are to be read in batches. It has: id, "
        ),
        ("ratio", "The column 'ratio' of the source 'source' is DOUBLE, by which no batches can be ordered"),
    ])
    func `What has no order is refused`(column: String, expected: String) async throws {
        let (bench, source) = try await bench()
        let request = try request(source, [column], 100)
        let error = try #require(
            await #expect(throws: TransformError.self) { try await bench.session.cuts(request) })
        #expect(error.message.contains(expected) && error.nature == .permanent, "\(error)")
    }

    @Test func `The parameters of batches are there for batches only`() async throws {
        let bench = try await StagingBench()
        let error = try await bench.stagingError(Query("SELECT 1 AS a WHERE 1 >= $batch_from"))
        #expect(error.message.contains("'$batch_from' is there only where a partition is read in batches"))
    }

    @Test func `A key is the same after it was written down`() throws {
        let key = BatchKey(parts: [
            .init(column: "a", type: "DECIMAL(9,2)", value: "1.50"),
            .init(column: "b", type: "VARCHAR", value: "it's \"é"),
        ])
        #expect(BatchKey(json: try key.json) == key)
        #expect(BatchKey(json: #"[{"column":"a","type":"BLOB); DROP","value":"1"}]"#) == nil)
        #expect(BatchKey(json: "[]") == nil && BatchKey(json: "7") == nil)
    }

    @Test func `Batches are halved down to a floor, and doubled after a while`() {
        var size = BatchSize(asked: 100_000, last: nil)
        var sizes: [Int64] = []
        while size.memoryRanOut() { sizes.append(size.rows) }
        #expect(sizes == [50_000, 25_000, 12_500, 6_250, 3_125, 1_562])
        for _ in 1..<BatchSize.recovery { #expect(size.batchFinished() == false) }
        #expect(size.batchFinished() == true)
        #expect(size.rows == 3_124)
        for _ in 0..<100 { _ = size.batchFinished() }
        #expect(size.rows == 100_000)
        #expect(size.batchFinished() == false)
        #expect(BatchSize(asked: 100, last: nil).floor == 100)
        #expect(BatchSize(asked: 100, last: 7).rows == 7)
        #expect(BatchSize(asked: 100, last: 700).rows == 100)
        #expect(BatchSize(asked: 6_400_000, last: nil).floor == 100_000)
    }
}
