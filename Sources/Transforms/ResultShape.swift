internal import DuckDBEngine

/// What has to be known of a statement's result before it is written.
struct ResultLayout: Sendable, Hashable {
    /// What the result has to do with the partition column.
    let shape: ResultShape
    /// How its columns are measured.
    let measured: MeasuredLayout

    init(columns: [Column], partitionColumn: String) throws(TransformError) {
        shape = try ResultShape(columns: columns, partitionColumn: partitionColumn)
        measured = MeasuredLayout(columns: columns)
    }
}

/// What a statement's result has to do with the partition column.
enum ResultShape: Sendable, Hashable {
    /// The column is not in the result: every row belongs to the partition.
    case withoutColumn
    /// The column is a date or a timestamp: every row must lie between the partition's start and end.
    case temporal
    /// The column is text: every row must have the partition's key.
    case text

    /// Looks at the columns of a result.
    ///
    /// Names are compared as DuckDB does, without regard to case.
    ///
    /// - Throws: `TransformError` where the column is of a type in which a partition cannot be told.
    init(columns: [Column], partitionColumn: String) throws(TransformError) {
        guard let column = columns.first(where: { $0.name.lowercased() == partitionColumn.lowercased() }) else {
            self = .withoutColumn
            return
        }
        guard columns.count > 1 else {
            throw TransformError(
                .query, "The result has only the partition column '\(column.name)', so that nothing is left to write.")
        }
        switch column.type {
        case .date, .timestamp: self = .temporal
        case .text: self = .text
        case .timestampWithTimeZone:
            throw TransformError(
                .query,
                "The partition column '\(column.name)' is a TIMESTAMP WITH TIME ZONE, but a partition is a calendar "
                    + "value: say which zone's calendar is meant, for example "
                    + "(\(column.name) AT TIME ZONE 'UTC')::DATE AS \(column.name).")
        default:
            throw TransformError(
                .query,
                "The partition column '\(column.name)' is neither a date, a timestamp nor text: cast it, for example "
                    + "\(column.name)::DATE AS \(column.name), or leave it out.")
        }
    }

    /// The condition under which a row of `result` lies in the partition; nil where there is nothing to check.
    func condition(column: String, literals: PartitionLiterals) -> String? {
        let name = "result." + SQLLiteral.name(column)
        switch self {
        case .withoutColumn: return nil
        case .temporal: return "\(name) >= \(literals.start) AND \(name) < \(literals.end)"
        case .text: return "\(name) = \(literals.key)"
        }
    }
}
