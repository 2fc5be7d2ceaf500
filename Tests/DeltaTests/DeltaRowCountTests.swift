import Partitions
import TestSupport
import Testing
import Transforms

@testable import PartitionBackfill

/// How many rows are in Delta tables that other programs wrote, without reading any.
@Suite struct DeltaRowCountTests {
    private let folder: TemporaryDirectory
    private let sources = DeltaSources()
    private var root: String { folder.appending("orders") }
    init() throws { folder = try TemporaryDirectory() }

    private func files(_ source: Source, _ key: PartitionKey = SourceReader.day) throws -> SourceFiles? {
        let query = Query("FROM source", sources: [source])
        let (snapshots, identity) = try sources.examine(query, key: key, column: "order_date")
        return SourceFiles(query, snapshots, try #require(identity))
    }

    @Test func `Behind a checkpoint the footers tell, without what was deleted and compacted`() async throws {
        _ = try await Python.run("source_table.py", [root, "days"])
        let keys = [SourceReader.day, SourceReader.day.next]
        var all: [PartitionKey: SourceFiles] = [:]
        for key in keys { all[key] = try files(.delta(root), key) }
        let answer = try await FooterReading().rows(all, of: keys)
        #expect(answer.total > 0, "the checkpoint was not asked for the number of rows")
        #expect(
            answer.rows == [
                keys[0]: RowCount(rows: 13, isCounted: true), keys[1]: RowCount(rows: 12, isCounted: true),
            ], "\(answer)")
    }

    @Test func `Rows that are chosen by a column within the files are not told, and all of them are`() async throws {
        _ = try await Python.run("source_table.py", [root, "plain"])
        #expect(try files(.delta(root)) == nil)
        let whole = try #require(try files(.whole(root)))
        let answer = try await FooterReading().rows([SourceReader.day: whole], of: [SourceReader.day])
        #expect(
            answer.rows == [SourceReader.day: RowCount(rows: 9, isCounted: true)] && answer.total == 0, "\(answer)")
    }
}
