extension ColumnType {
    /// The type to which values are cast before they are measured; nil where they are measured as they are.
    ///
    /// It is what Parquet makes of them, or text where there is no arithmetic for the type: text tells lists and structs
    /// apart, while DuckDB's own hash takes `[[1], [2]]` and `[[1, 2]]`, or `[]` and `[NULL]`, for the same.
    package var measuredAs: String? {
        switch self {
        case .signed(bits: 128): return "DOUBLE"
        case .timestamp(unitsPerSecond: 1), .timestamp(unitsPerSecond: 1000): return "TIMESTAMP"
        case .boolean, .signed, .unsigned, .float, .double, .decimal, .text, .date, .timestamp, .timestampWithTimeZone:
            return nil
        case .map: return "VARCHAR"
        case .other(let code):
            switch code {
            // Times, intervals, blobs, UUIDs, and columns that are null in every row and have no other type.
            case 14, 15, 18, 27, 30, 36: return nil
            case 32: return "DOUBLE"
            default: return "VARCHAR"
            }
        }
    }
}
