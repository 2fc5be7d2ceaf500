/// A value on its way into DuckDB or out of it.
package enum DuckDBValue: Sendable, Hashable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case double(Double)
    /// Text; also a decimal, or an integer beyond 64 bits, in digits, so that none is lost.
    case text(String)
    /// Days since 1970-01-01.
    case date(Int32)
    /// Microseconds since 1970-01-01 00:00:00, without a time zone.
    case timestamp(Int64)
    /// The keys of a map with text keys. Only statistics of written files are read in this form.
    case keys([String])
    /// A value of a type that is not read.
    case unreadable

    /// The number, where the value is an integer.
    package var integer: Int64? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    /// The text, where the value is one.
    package var text: String? {
        guard case .text(let value) = self else { return nil }
        return value
    }

    /// The keys, where the value is a map.
    package var keys: [String]? {
        guard case .keys(let value) = self else { return nil }
        return value
    }
}

/// A column of a result.
package struct Column: Sendable, Hashable {
    /// The name, as the statement spells it.
    package let name: String
    /// The type.
    package let type: ColumnType
}

/// All rows of a result.
package struct QueryResult: Sendable {
    /// The columns.
    package let columns: [Column]
    /// The rows, each with one value a column.
    package let rows: [[DuckDBValue]]
}
