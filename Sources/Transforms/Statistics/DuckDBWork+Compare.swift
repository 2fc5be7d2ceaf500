internal import DuckDBEngine
internal import Partitions

extension DuckDBWork {
    /// Compares two generations row by row.
    func compare(_ request: RowComparisonRequest) throws -> RowComparison {
        let sides = try ComparedSides(
            new: described(request.new, request.key), old: described(request.old, request.key), request: request)
        let statement = sides.statement
        _ = try run(own: statement.prepare())
        defer {
            // A temporary table goes with its session at the latest.
            _ = try? run(own: statement.dropTable())
        }
        let counts = try run(own: statement.counts()).rows.first?.map { $0.integer ?? 0 } ?? [0, 0, 0, 0]
        let rows = try run(own: statement.countNew()).rows.first?.first?.integer ?? 0
        // Whole rows are counted, so that none of them is twice the same key.
        let duplicates =
            request.keyColumns.isEmpty ? 0 : try run(own: statement.duplicateKeys()).rows.first?.first?.integer ?? 0
        let size = max(request.sampleSize, 0)
        return RowComparison(
            added: counts[0], removed: counts[1], changed: counts[2], unchanged: rows - counts[3],
            duplicateKeys: duplicates, onlyNew: sides.onlyNew, onlyOld: sides.onlyOld,
            addedSample: try sample(statement, isAdded: true, size),
            removedSample: try sample(statement, isAdded: false, size),
            changedSample: try changedSample(statement, size))
    }

    /// A generation as a SELECT, with its columns; nothing where it has no files.
    private func described(
        _ rows: PartitionRows, _ key: PartitionKey
    ) throws -> (selection: String, columns: [ComparedSides.TypedColumn])? {
        guard let selection = RowsRelation(rows: rows, key: key).selection else { return nil }
        let described = try run(own: "SELECT column_name, column_type FROM (DESCRIBE \(selection))").rows
        return (
            selection,
            described.compactMap { row in
                guard let name = row.first?.text, let type = row.last?.text else { return nil }
                return ComparedSides.TypedColumn(name: name, type: type)
            }
        )
    }

    private func sample(_ statement: ComparisonStatement, isAdded: Bool, _ size: Int) throws -> [[RowComparison.Cell]] {
        try run(own: statement.sample(isAdded, limit: size)).rows.map { row in
            zip(statement.columns, row).map { column, value in
                RowComparison.Cell(
                    column: column.name, old: isAdded ? nil : value.text, new: isAdded ? value.text : nil)
            }
        }
    }

    private func changedSample(_ statement: ComparisonStatement, _ size: Int) throws -> [[RowComparison.Cell]] {
        try run(own: statement.changedSample(limit: size)).rows.map { row in
            statement.columns.enumerated().compactMap { index, column in
                let isKey = index < statement.keyCount
                guard isKey || row[3 * index + 2] == .boolean(true) else { return nil }
                return RowComparison.Cell(column: column.name, old: row[3 * index].text, new: row[3 * index + 1].text)
            }
        }
    }
}

/// The columns of two generations, put side by side.
private struct ComparedSides {
    struct TypedColumn {
        let name: String
        let type: String
    }

    let statement: ComparisonStatement
    let onlyNew: [String]
    let onlyOld: [String]

    init(
        new: (selection: String, columns: [TypedColumn])?, old: (selection: String, columns: [TypedColumn])?,
        request: RowComparisonRequest
    ) throws {
        guard new != nil || old != nil else {
            throw TransformError(.misuse, "There are no files to compare for the partition \(request.key).")
        }
        let isCompared = { (column: TypedColumn) in column.name.lowercased() != request.column.lowercased() }
        let (newColumns, oldColumns) = (
            (new?.columns ?? []).filter(isCompared), (old?.columns ?? []).filter(isCompared)
        )
        let pairs = ComparedSides.paired(newColumns, oldColumns)
        let keys = try ComparedSides.keys(request, among: pairs.map(\.name))
        let others = pairs.filter { pair in !keys.contains { $0 == pair.name } }
        let ordered = keys.compactMap { key in pairs.first { $0.name == key } } + others
        // Without key columns, a row is its own key.
        statement = ComparisonStatement(
            columns: ordered, keyCount: keys.isEmpty ? ordered.count : keys.count,
            new: new?.selection ?? ComparedSides.empty(like: old), old: old?.selection ?? ComparedSides.empty(like: new)
        )
        let (newNames, oldNames) = (ComparedSides.names(newColumns), ComparedSides.names(oldColumns))
        onlyNew = old == nil ? [] : newColumns.map(\.name).filter { !oldNames.contains($0.lowercased()) }
        onlyOld = new == nil ? [] : oldColumns.map(\.name).filter { !newNames.contains($0.lowercased()) }
    }

    private static func names(_ columns: [TypedColumn]) -> Set<String> { Set(columns.map { $0.name.lowercased() }) }

    private static func empty(like other: (selection: String, columns: [TypedColumn])?) -> String {
        "SELECT * FROM (\(other?.selection ?? "SELECT 1")) WHERE false"
    }

    /// The columns of both, those of the new generation first; of two types, both are compared as text.
    private static func paired(_ new: [TypedColumn], _ old: [TypedColumn]) -> [ComparisonStatement.ComparedColumn] {
        let byName = Dictionary(old.map { ($0.name.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
        let known = names(new)
        let shared = new.map { column in
            let name = SQLLiteral.name(column.name)
            guard let other = byName[column.name.lowercased()] else {
                return ComparisonStatement.ComparedColumn(
                    name: column.name, new: name, old: old.isEmpty ? name : "CAST(NULL AS \(column.type))")
            }
            let otherName = SQLLiteral.name(other.name)
            guard other.type != column.type else {
                return ComparisonStatement.ComparedColumn(name: column.name, new: name, old: otherName)
            }
            return ComparisonStatement.ComparedColumn(
                name: column.name, new: "CAST(\(name) AS VARCHAR)", old: "CAST(\(otherName) AS VARCHAR)")
        }
        let gone = old.filter { !known.contains($0.name.lowercased()) }.map { column in
            let name = SQLLiteral.name(column.name)
            return ComparisonStatement.ComparedColumn(
                name: column.name, new: new.isEmpty ? name : "CAST(NULL AS \(column.type))", old: name)
        }
        return shared + gone
    }

    /// The key columns as the generations spell them, without the partition column, which has one value.
    private static func keys(_ request: RowComparisonRequest, among names: [String]) throws -> [String] {
        try request.keyColumns.filter { $0.lowercased() != request.column.lowercased() }.map { key in
            guard let name = names.first(where: { $0.lowercased() == key.lowercased() }) else {
                throw TransformError(
                    .query,
                    "There is no column '\(key)' to tell rows apart by. The columns are \(names.joined(separator: ", "))."
                )
            }
            return name
        }
    }
}
