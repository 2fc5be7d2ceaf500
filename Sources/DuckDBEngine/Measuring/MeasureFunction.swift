internal import CDuckDB
internal import CMeasure

/// The SQL function that measures the rows of a statement while they pass: `reprocess_measure(shape, column, …)`.
///
/// It is true for every row. The shape is a null whose type is a list of a struct, which has one field named by the
/// measurement's token, which is a struct of the result's columns: names do not reach a function otherwise. The other
/// arguments are the columns that are measured as they are, and then those that the statement casts.
enum MeasureFunction {
    static let name = "reprocess_measure"

    /// Makes the function known to an instance.
    static func register(on connection: duckdb_connection) throws(DuckDBError) {
        var function = duckdb_create_scalar_function()
        defer { duckdb_destroy_scalar_function(&function) }
        var any = duckdb_create_logical_type(34)
        var boolean = duckdb_create_logical_type(1)
        defer {
            duckdb_destroy_logical_type(&any)
            duckdb_destroy_logical_type(&boolean)
        }
        duckdb_scalar_function_set_name(function, name)
        duckdb_scalar_function_set_varargs(function, any)
        duckdb_scalar_function_set_return_type(function, boolean)
        // Nulls are counted, not passed over; and DuckDB must neither fold, move nor repeat a call.
        duckdb_scalar_function_set_special_handling(function)
        duckdb_scalar_function_set_volatile(function)
        duckdb_scalar_function_set_bind(function) { info in
            guard let info else { return }
            do throws(DuckDBError) {
                try MeasureFunction.bind(info)
            } catch {
                duckdb_scalar_function_bind_set_error(info, error.message)
            }
        }
        duckdb_scalar_function_set_function(function, reprocess_measure_execute)
        guard duckdb_register_scalar_function(connection, function) == REPROCESS_DUCKDB_SUCCESS else {
            throw DuckDBError(.other("Function"), "DuckDB could not take the function that measures rows.")
        }
    }

    private static func bind(_ info: duckdb_bind_info) throws(DuckDBError) {
        guard let shape = LogicalType(ofArgument: 0, in: info), shape.code == 24, let named = shape.element(),
            named.code == 25, named.fieldCount == 1, let measurement = RowMeasurement.named(named.fieldName(0)),
            let row = named.field(0), row.code == 25
        else {
            throw DuckDBError(.binder, "\(name) is for the statements of this program alone.")
        }
        let binding = try bound(row, to: measurement, info)
        binding.bind(info)
        measurement.add(binding)
    }

    /// Finds the argument of each column: first come those as they are, then the cast ones.
    private static func bound(
        _ row: borrowing LogicalType, to measurement: RowMeasurement, _ info: duckdb_bind_info
    ) throws(DuckDBError) -> MeasurementBinding {
        var columns: [MeasurementBinding.Column] = []
        var castNames: [String] = []
        var plainCount = 0
        var hasExcludedColumn = false
        let count = Int(duckdb_scalar_function_bind_get_argument_count(info)) - 1
        let firstCast = count - measurement.casts.count + 1
        for index in 0..<row.fieldCount {
            guard let type = row.field(index) else { continue }
            let name = row.fieldName(index)
            let target = ColumnType(code: type.code).measuredAs
            let isCast = measurement.casts.contains(name)
            let argument = isCast ? firstCast + castNames.count : 1 + plainCount
            if isCast { castNames.append(name) } else { plainCount += 1 }
            guard name.lowercased() != measurement.excluded else {
                hasExcludedColumn = true
                continue
            }
            guard isCast == (target != nil), argument >= 1, argument <= count,
                let value = LogicalType(ofArgument: argument, in: info),
                target.map({ $0 == value.measuredName }) ?? (value.code == type.code),
                let form = MeasuredForm(value, isText: type.measuredName == "VARCHAR")
            else { throw otherColumns }
            columns.append(
                MeasurementBinding.Column(name: name, type: type.measuredName, form: form, argument: argument))
        }
        guard castNames == measurement.casts, plainCount + castNames.count == count else { throw otherColumns }
        return try MeasurementBinding(columns: columns, hasExcludedColumn: hasExcludedColumn)
    }

    private static let otherColumns = DuckDBError(.binder, "The result has other columns than were expected.")
}
