import BlockingWork
import Foundation
import PartitionBackfill
import Partitions
import Transforms

/// Reads Delta tables as the sources of a job do: looked up as an attempt looks them up, read by the engine.
struct SourceReader {
    private static let engine = DuckDBSQLEngine(options: EngineOptions(threads: 2))

    let sources = DeltaSources()

    static let day = PartitionKey(granularity: .day, ordinal: 19_723)

    /// Reads a source as the relation `source`.
    func read(
        _ source: Source, _ sql: String = "FROM source", key: PartitionKey = day, column: String = "order_date"
    ) async throws -> [[String]] {
        let snapshot = try sources.examine(source, key: key, column: column)
        return try await rows(Query(sql, sources: [source]), [source.name: snapshot], key, column)
    }

    func rows(
        _ query: Query, _ tables: [String: TableSnapshot], _ key: PartitionKey = day, _ column: String = "order_date"
    ) async throws -> [[String]] {
        let session = try await SourceReader.engine.openSession()
        do {
            let rows = try await session.rows(of: query, key: key, column: column, tables: tables)
            await session.close()
            return rows.map { $0.values.map { "\($0)" } }
        } catch {
            await session.close()
            throw error
        }
    }
}

extension Source {
    /// A Delta table of which the rows of a partition are meant.
    static func delta(_ path: String, column: String? = nil) -> Source {
        Source(path: path, format: .delta, rows: .ofPartition(column: column))
    }

    /// A Delta table of which all rows are meant.
    static func whole(_ path: String) -> Source { Source(path: path, format: .delta, rows: .all) }
}
