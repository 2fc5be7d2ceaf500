internal import DuckDBEngine
internal import Partitions

extension DuckDBWork {
    /// Runs a query and reads all its rows.
    func rows(
        of query: Query, key: PartitionKey, column: String, tables: [String: TableSnapshot]
    ) throws -> [Row] {
        try check(query)
        let scan = SQLScanner(query.text)
        let relations = try relations(of: query, key: key, column: column, tables: tables)
        let request = StageRequest(
            query: query, key: key, column: column, directory: "", parquet: ParquetOptions(), provenance: [:])
        let text = StageStatement(request: request, scan: scan, relations: relations).probe()
        let translation = FailureTranslation(query: query, scan: scan, files: relations.flatMap(\.files))
        let result = try run(text, translation)
        let columns = result.columns.map(\.name)
        return try result.rows.map { values in
            Row(columns: columns, values: try zip(columns, values).map { try Value($1, column: $0) })
        }
    }

    /// Adds rows to a temporary table, which is made where it is not there.
    func append(_ rows: [[Value]], columns: [ValueColumn], to relation: String) throws {
        let table = SQLLiteral.name(relation)
        let definitions = columns.map { "\(SQLLiteral.name($0.name)) \($0.type.sqlName)" }.joined(separator: ", ")
        _ = try run(own: "CREATE TEMPORARY TABLE IF NOT EXISTS \(table) (\(definitions))")
        do {
            let appender = try RowAppender(table: relation, on: connection)
            for row in rows {
                try scope.checkCancellation()
                try appender.append(row.map(\.engineValue))
            }
            try appender.finish()
        } catch {
            let redaction = Redaction(known: columns.map(\.name), hasOwnErrors: false)
            throw TransformError(.query, "The rows could not be appended: \(redaction.message(of: error))")
        }
    }

    /// Removes a temporary table; nothing where there is none.
    func drop(_ relation: String) throws {
        _ = try run(own: "DROP TABLE IF EXISTS \(SQLLiteral.name(relation))")
    }
}

extension Value {
    fileprivate init(_ value: DuckDBValue, column: String) throws(TransformError) {
        switch value {
        case .null: self = .null
        case .boolean(let value): self = .boolean(value)
        case .integer(let value): self = .integer(value)
        case .double(let value): self = .double(value)
        case .text(let value): self = .text(value)
        case .date(let days): self = .date(CivilDate(daysSinceEpoch: Int(days)))
        case .timestamp(let micros): self = .timestamp(microsecondsSinceEpoch: micros)
        case .keys, .unreadable:
            throw TransformError(
                .query, "The column '\(column)' has a type that cannot be read as a value: cast it to VARCHAR.")
        }
    }

    fileprivate var engineValue: DuckDBValue {
        switch self {
        case .null: .null
        case .boolean(let value): .boolean(value)
        case .integer(let value): .integer(value)
        case .double(let value): .double(value)
        case .text(let value): .text(value)
        case .date(let date): .date(Int32(date.daysSinceEpoch))
        case .timestamp(let micros): .timestamp(micros)
        }
    }
}

extension ValueColumn.ValueType {
    fileprivate var sqlName: String {
        switch self {
        case .boolean: "BOOLEAN"
        case .integer: "BIGINT"
        case .double: "DOUBLE"
        case .text: "VARCHAR"
        case .date: "DATE"
        case .timestamp: "TIMESTAMP"
        }
    }
}
