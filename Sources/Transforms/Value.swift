public import Partitions

/// A value of a row, on its way into the engine or out of it.
public enum Value: Sendable, Hashable {
    /// No value.
    case null
    /// True or false.
    case boolean(Bool)
    /// An integer of up to 64 bits.
    case integer(Int64)
    /// A floating-point number.
    case double(Double)
    /// Text; also a decimal, or an integer beyond 64 bits, in digits, so that none is lost.
    case text(String)
    /// A date.
    case date(CivilDate)
    /// A timestamp without time zone, in microseconds since 1970-01-01 00:00:00.
    case timestamp(microsecondsSinceEpoch: Int64)
}

/// A row that a query returned.
public struct Row: Sendable, Hashable {
    /// The names of the columns.
    public let columns: [String]
    /// The values, one a column.
    public let values: [Value]

    /// Creates a row.
    public init(columns: [String], values: [Value]) {
        precondition(columns.count == values.count, "A row has one value for each column.")
        self.columns = columns
        self.values = values
    }

    /// The value of a column; nil where the row has no such column.
    public subscript(column: String) -> Value? {
        columns.firstIndex(of: column).map { values[$0] }
    }
}

/// The name and the type of a column of rows that a closure makes.
public struct ValueColumn: Sendable, Hashable {
    /// A type that a closure's rows can have.
    public enum ValueType: Sendable, Hashable, CaseIterable {
        case boolean, integer, double, text, date, timestamp
    }

    /// The name.
    public var name: String
    /// The type.
    public var type: ValueType

    /// Creates a column.
    public init(_ name: String, _ type: ValueType) {
        self.name = name
        self.type = type
    }
}
