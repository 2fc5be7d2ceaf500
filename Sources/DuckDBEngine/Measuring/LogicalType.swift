internal import CDuckDB

/// A type of DuckDB, with its parts.
struct LogicalType: ~Copyable {
    private let pointer: duckdb_logical_type

    /// Takes over a type that DuckDB gave; nil where it gave none.
    init?(_ pointer: duckdb_logical_type?) {
        guard let pointer else { return nil }
        self.pointer = pointer
    }

    /// The type of an argument of a call that is being bound.
    init?(ofArgument index: Int, in info: duckdb_bind_info) {
        guard var argument = duckdb_scalar_function_bind_get_argument(info, idx_t(index)) as duckdb_expression?
        else { return nil }
        defer { LogicalType.destroy(&argument) }
        self.init(duckdb_expression_return_type(argument))
    }

    private static func destroy(_ expression: inout duckdb_expression) {
        var destroyed: duckdb_expression? = expression
        duckdb_destroy_expression(&destroyed)
    }

    deinit {
        var destroyed: duckdb_logical_type? = pointer
        duckdb_destroy_logical_type(&destroyed)
    }

    /// The number of the type in the C API.
    var code: UInt32 { duckdb_get_type_id(pointer) }

    /// The digits of a decimal, and how many of them lie behind the point.
    var decimal: (width: Int, scale: Int, storage: UInt32) {
        (
            Int(duckdb_decimal_width(pointer)), Int(duckdb_decimal_scale(pointer)),
            duckdb_decimal_internal_type(pointer)
        )
    }

    /// The type of a list's elements.
    func element() -> LogicalType? { LogicalType(duckdb_list_type_child_type(pointer)) }

    /// The number of a struct's fields.
    var fieldCount: Int { Int(duckdb_struct_type_child_count(pointer)) }

    func fieldName(_ index: Int) -> String {
        guard let name = duckdb_struct_type_child_name(pointer, idx_t(index)) else { return "" }
        defer { duckdb_free(name) }
        return String(cString: name)
    }

    func field(_ index: Int) -> LogicalType? { LogicalType(duckdb_struct_type_child_type(pointer, idx_t(index))) }

    /// The type as SQL spells it, once Parquet has had its way with it.
    ///
    /// Parquet has no enumerations, no arrays of a length and no integers of 128 bits: what comes back is of another type,
    /// and must have the same digest as what went in.
    var measuredName: String {
        switch code {
        case 19: return "DECIMAL(\(decimal.width),\(decimal.scale))"
        case 24: return LogicalType.name(element()) + "[]"
        case 33: return LogicalType.name(LogicalType(duckdb_array_type_child_type(pointer))) + "[]"
        case 25: return "STRUCT(\(fieldNames))"
        case 28: return "UNION(\(fieldNames))"
        case 26:
            let key = LogicalType.name(LogicalType(duckdb_map_type_key_type(pointer)))
            return "MAP(\(key), \(LogicalType.name(LogicalType(duckdb_map_type_value_type(pointer)))))"
        default: return LogicalType.names[code] ?? "TYPE \(code)"
        }
    }

    private var fieldNames: String {
        (0..<fieldCount).map { "\(fieldName($0)) \(LogicalType.name(field($0)))" }.joined(separator: ", ")
    }

    private static func name(_ type: consuming LogicalType?) -> String {
        switch consume type {
        case .some(let type): type.measuredName
        case .none: "UNKNOWN"
        }
    }

    private static let names: [UInt32: String] = [
        1: "BOOLEAN", 2: "TINYINT", 3: "SMALLINT", 4: "INTEGER", 5: "BIGINT", 6: "UTINYINT", 7: "USMALLINT",
        8: "UINTEGER", 9: "UBIGINT", 10: "FLOAT", 11: "DOUBLE", 12: "TIMESTAMP", 13: "DATE", 14: "TIME",
        15: "INTERVAL", 16: "DOUBLE", 17: "VARCHAR", 18: "BLOB", 20: "TIMESTAMP", 21: "TIMESTAMP", 22: "TIMESTAMP_NS",
        23: "VARCHAR", 27: "UUID", 29: "VARCHAR", 30: "TIME WITH TIME ZONE", 31: "TIMESTAMP WITH TIME ZONE",
        32: "DOUBLE", 35: "VARCHAR", 36: "INTEGER", 39: "VARCHAR",
    ]
}
