import Partitions
import TestSupport
import Testing
import Transforms

struct ComparisonTests {
    private let bench: StagingBench

    init() async throws { bench = try await StagingBench() }

    private func compare(
        _ old: String, _ new: String, keys: [String] = ["id"], sampleSize: Int = 5
    ) async throws -> RowComparison {
        let files = [try bench.copy(old, to: "old.parquet"), try bench.copy(new, to: "new.parquet")]
        return try await bench.session.compare(
            RowComparisonRequest(
                new: .files([files[1]]), old: .files([files[0]]), keyColumns: keys, sampleSize: sampleSize,
                key: try PartitionKey(parsing: "2024-01-02", as: .day), column: "day"))
    }

    private static let base =
        "SELECT i AS id, 'n' || i AS name, CASE WHEN i % 2 = 0 THEN i END AS even FROM range(10) AS t(i)"

    private func cells(_ sample: [[RowComparison.Cell]]) -> [String] {
        sample.map { row in
            row.map { "\($0.column): \($0.old ?? "-") > \($0.new ?? "-")" }.joined(separator: ", ")
        }
    }

    @Test func `equal generations do not differ, whatever their order`() async throws {
        let found = try await compare(Self.base, "FROM (\(Self.base)) ORDER BY id DESC")
        #expect(found == RowComparison(added: 0, removed: 0, changed: 0, unchanged: 10))
    }

    @Test func `rows are told apart by their keys`() async throws {
        let new = """
            SELECT CASE WHEN id = 9 THEN 99 ELSE id END AS id, CASE id WHEN 4 THEN 'x' ELSE name END AS name,
            CASE id WHEN 6 THEN NULL WHEN 5 THEN 5 ELSE even END AS even FROM (\(Self.base)) WHERE id <> 0
            """
        let found = try await compare(Self.base, new)
        #expect((found.added, found.removed, found.changed, found.unchanged) == (1, 2, 3, 5))
        #expect(cells(found.addedSample) == ["id: - > 99, name: - > n9, even: - > -"])
        #expect(
            cells(found.removedSample) == [
                "id: 0 > -, name: n0 > -, even: 0 > -", "id: 9 > -, name: n9 > -, even: - > -",
            ])
        #expect(
            cells(found.changedSample) == [
                "id: 4 > 4, name: n4 > x", "id: 5 > 5, even: - > 5", "id: 6 > 6, even: 6 > -",
            ])
    }

    @Test func `without keys, whole rows are compared`() async throws {
        let found = try await compare(
            Self.base, "SELECT * REPLACE (CASE WHEN id = 4 THEN 'x' ELSE name END AS name) FROM (\(Self.base))",
            keys: [])
        #expect((found.added, found.removed, found.changed, found.unchanged) == (1, 1, 0, 9))
        #expect(cells(found.addedSample) == ["id: - > 4, name: - > x, even: - > 4"])
    }

    @Test func `keys that stand more than once are compared as often as they are there`() async throws {
        let old = "SELECT * FROM (VALUES (1, 'a'), (1, 'a'), (1, 'b'), (2, 'c'), (NULL, 'd')) AS t(id, v)"
        let new = "SELECT * FROM (VALUES (1, 'a'), (1, 'x'), (2, 'c'), (NULL, 'e'), (3, 'f'), (3, 'f')) AS t(id, v)"
        let found = try await compare(old, new)
        // Of key 1, one row is as it was, one has become another, and one is gone.
        #expect((found.added, found.removed, found.changed, found.unchanged) == (2, 1, 2, 2))
        #expect(found.duplicateKeys == 2)
        #expect(cells(found.changedSample).contains("id: - > -, v: d > e"))
        let twice = "FROM (\(Self.base)) UNION ALL FROM (\(Self.base))"
        let doubled = try await compare(Self.base, twice, keys: [])
        #expect((doubled.added, doubled.removed, doubled.unchanged) == (10, 0, 10))
    }

    @Test func `columns of one side are named, and have no value on the other`() async throws {
        let found = try await compare(
            Self.base, "SELECT id, name, 7 AS more, DATE '2024-01-02' AS day FROM (\(Self.base))")
        #expect(found.onlyNew == ["more"])
        #expect(found.onlyOld == ["even"])
        #expect((found.added, found.removed, found.changed) == (0, 0, 10))
        #expect(cells(found.changedSample).first == "id: 0 > 0, more: - > 7, even: 0 > -")
    }

    @Test func `a column that has another type is compared as text`() async throws {
        let found = try await compare(Self.base, "SELECT * REPLACE (id::VARCHAR AS id) FROM (\(Self.base))")
        #expect((found.added, found.removed, found.changed, found.unchanged) == (0, 0, 0, 10))
    }

    @Test func `samples are as many and as long as they may be`() async throws {
        let found = try await compare(
            "SELECT range AS id, 'x' AS v FROM range(10)", "SELECT range AS id, repeat('y', 500) AS v FROM range(20)",
            sampleSize: 2)
        #expect((found.added, found.changed) == (10, 10))
        #expect(found.addedSample.count == 2 && found.changedSample.count == 2 && found.removedSample == [])
        #expect(found.changedSample[0].last?.new?.count == 200)
    }

    @Test func `where nothing was there, everything is added`() async throws {
        let new = try bench.copy(Self.base, to: "new.parquet")
        let key = try PartitionKey(parsing: "2024-01-02", as: .day)
        let found = try await bench.session.compare(
            RowComparisonRequest(
                new: .files([new]), old: .files([]), keyColumns: ["id"], sampleSize: 1, key: key, column: "day"))
        #expect((found.added, found.removed, found.onlyNew) == (10, 0, []))
    }

    @Test func `a key column that is not there is named`() async throws {
        let error = await #expect(throws: TransformError.self) {
            try await compare(Self.base, Self.base, keys: ["idd"])
        }
        #expect(error?.message == "There is no column 'idd' to tell rows apart by. The columns are id, name, even.")
    }
}
