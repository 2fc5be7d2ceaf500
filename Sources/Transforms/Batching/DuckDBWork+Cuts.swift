internal import DuckDBEngine
internal import Partitions

extension DuckDBWork {
    /// Finds out at which keys the batches of a source begin.
    ///
    /// One pass over the columns of the key, which are sorted: on the disk where they do not fit into memory.
    func cuts(_ request: BatchCutRequest) throws -> BatchCuts {
        let query = Query("", sources: [request.source])
        var relation = try relations(
            of: query, key: request.key, column: request.column, tables: request.tables)[0]
        if let from = request.from {
            relation.slice = BatchSlice(source: request.source.name, range: BatchRange(from: from, to: nil))
        }
        let source = "WITH " + relation.definition(key: request.key, column: request.column)
        try checkColumns(source, request)
        let total = try countKeys(source, request)
        guard total > 0 else { return BatchCuts(starts: [], greatest: nil) }
        let rows = try run(own: statement(source, request, total: total)).rows
        let keys = try rows.map { try key(of: $0, request) }
        return BatchCuts(starts: keys.count > 1 ? Array(keys.dropLast()) : keys, greatest: keys.last)
    }

    /// Refuses a key of which the source does not have every column.
    private func checkColumns(_ source: String, _ request: BatchCutRequest) throws {
        let found = try columns(ofOwn: "\(source) SELECT * FROM \(SQLLiteral.name(request.source.name))").map(\.name)
        let known = Set(found.map { $0.lowercased() })
        guard let missing = request.batching.by.first(where: { !known.contains($0.lowercased()) }) else { return }
        throw TransformError(
            .query,
            "The source '\(request.source.name)' has no column '\(missing)', by which its partitions are to be read in batches. "
                + "It has: \(found.joined(separator: ", ")).", nature: .permanent)
    }

    /// The number of rows; a null among their keys is refused.
    private func countKeys(_ source: String, _ request: BatchCutRequest) throws -> Int64 {
        let columns = request.batching.by.map(SQLLiteral.name)
        let nulls = columns.map { "\($0) IS NULL" }.joined(separator: " OR ")
        let counts =
            try run(
                own:
                    "\(source) SELECT count(*), count(*) FILTER (WHERE \(nulls)) FROM \(SQLLiteral.name(request.source.name))"
            ).rows.first ?? []
        if let missing = counts.last?.integer, missing > 0 {
            throw TransformError(
                .query,
                """
                In the source '\(request.source.name)' there is a null in \
                \(request.batching.by.joined(separator: ", ")), by which the partition \(request.key) is read in batches: in \
                \(missing) of \(counts.first?.integer ?? 0) rows. Choose columns without nulls for 'batch'.
                """, nature: .permanent)
        }
        return counts.first?.integer ?? 0
    }

    /// The keys of every so many rows, and of the last one twice where it is one of these.
    private func statement(_ source: String, _ request: BatchCutRequest, total: Int64) -> String {
        let columns = request.batching.by.map(SQLLiteral.name)
        let keys = columns.enumerated().map { "\($1) AS key\($0)" }.joined(separator: ", ")
        let texts = columns.indices.map { "typeof(key\($0)), CAST(key\($0) AS VARCHAR)" }.joined(separator: ", ")
        let numbered =
            "SELECT \(keys), row_number() OVER (ORDER BY \(columns.joined(separator: ", "))) - 1 AS place "
            + "FROM \(SQLLiteral.name(request.source.name))"
        return
            "\(source), numbered AS (\(numbered)) SELECT \(texts) FROM ("
            + "SELECT * FROM numbered WHERE place % \(request.rows) = 0 UNION ALL "
            + "SELECT * FROM numbered WHERE place = \(total - 1)) AS cuts ORDER BY place"
    }

    private func key(of row: [DuckDBValue], _ request: BatchCutRequest) throws -> BatchKey {
        let texts = row.compactMap(\.text)
        let parts = try request.batching.by.enumerated().map { index, column in
            guard texts.count == request.batching.by.count * 2 else {
                throw TransformError(.query, "The engine did not tell where batches of '\(request.source.name)' begin.")
            }
            let type = texts[index * 2]
            guard BatchKeyType(type) != nil else {
                throw TransformError(
                    .query,
                    "The column '\(column)' of the source '\(request.source.name)' is \(type), by which no batches can be "
                        + "ordered: choose integers, decimals, text, dates or timestamps for 'batch'.",
                    nature: .permanent)
            }
            return BatchKey.Part(column: column, type: type, value: texts[index * 2 + 1])
        }
        return BatchKey(parts: parts)
    }
}
