/// The types of column that this project tells apart, by the numbers of the C API (`duckdb_type`).
package enum ColumnType: Sendable, Hashable {
    case boolean
    case signed(bits: Int), unsigned(bits: Int)
    case float, double
    case decimal
    case text
    case date
    /// A timestamp without time zone that counts so many units a second.
    case timestamp(unitsPerSecond: Int64)
    case timestampWithTimeZone
    case map
    /// A type that is not read, by its number.
    case other(UInt32)

    package init(code: UInt32) {
        switch code {
        case 1: self = .boolean
        case 2: self = .signed(bits: 8)
        case 3: self = .signed(bits: 16)
        case 4: self = .signed(bits: 32)
        case 5: self = .signed(bits: 64)
        case 16: self = .signed(bits: 128)
        case 6: self = .unsigned(bits: 8)
        case 7: self = .unsigned(bits: 16)
        case 8: self = .unsigned(bits: 32)
        case 9: self = .unsigned(bits: 64)
        case 10: self = .float
        case 11: self = .double
        case 19: self = .decimal
        case 17: self = .text
        case 13: self = .date
        case 12: self = .timestamp(unitsPerSecond: 1_000_000)
        case 20: self = .timestamp(unitsPerSecond: 1)
        case 21: self = .timestamp(unitsPerSecond: 1000)
        case 22: self = .timestamp(unitsPerSecond: 1_000_000_000)
        case 31: self = .timestampWithTimeZone
        case 26: self = .map
        default: self = .other(code)
        }
    }
}
