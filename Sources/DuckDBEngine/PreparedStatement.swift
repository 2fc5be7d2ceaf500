internal import CDuckDB

/// One statement, parsed and bound to the files and tables that it names.
struct PreparedStatement: ~Copyable {
    private let connection: Connection
    private let pointer: duckdb_prepared_statement

    init(_ sql: String, on connection: Connection) throws(DuckDBError) {
        var prepared: duckdb_prepared_statement?
        let state = duckdb_prepare(connection.pointer, sql, &prepared)
        guard state == REPROCESS_DUCKDB_SUCCESS, let prepared else {
            defer { duckdb_destroy_prepare(&prepared) }
            throw DuckDBError(report: duckdb_prepare_error(prepared).map { String(cString: $0) } ?? "Not prepared.")
        }
        self.connection = connection
        pointer = prepared
    }

    deinit {
        var destroyed: duckdb_prepared_statement? = pointer
        duckdb_destroy_prepare(&destroyed)
    }

    var columns: [Column] {
        (0..<duckdb_prepared_statement_column_count(pointer)).map { index in
            let name = duckdb_prepared_statement_column_name(pointer, index)
            defer { duckdb_free(UnsafeMutableRawPointer(mutating: name)) }
            return Column(
                name: name.map { String(cString: $0) } ?? "",
                type: ColumnType(code: duckdb_prepared_statement_column_type(pointer, index)))
        }
    }

    func bind(_ values: [DuckDBValue]) throws(DuckDBError) {
        for (offset, value) in values.enumerated() {
            guard bind(value, at: idx_t(offset + 1)) == REPROCESS_DUCKDB_SUCCESS else {
                throw DuckDBError(
                    .binder,
                    "The statement has \(duckdb_nparams(pointer)) parameters, but \(values.count) values were given.")
            }
        }
    }

    private func bind(_ value: DuckDBValue, at index: idx_t) -> duckdb_state {
        switch value {
        case .null: return duckdb_bind_null(pointer, index)
        case .boolean(let value): return duckdb_bind_boolean(pointer, index, value)
        case .integer(let value): return duckdb_bind_int64(pointer, index, value)
        case .double(let value): return duckdb_bind_double(pointer, index, value)
        case .text(var value):
            return value.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    duckdb_bind_varchar_length(pointer, index, $0.baseAddress, idx_t($0.count))
                }
            }
        case .date(let days): return duckdb_bind_date(pointer, index, duckdb_date(days: days))
        case .timestamp(let micros): return duckdb_bind_timestamp(pointer, index, duckdb_timestamp(micros: micros))
        case .keys, .unreadable: return REPROCESS_DUCKDB_ERROR
        }
    }

    func execute(in scope: CancellationScope) throws(DuckDBError) -> QueryResult {
        try scope.begin(on: connection)
        defer { scope.end() }
        return try ResultHandle.filled { duckdb_execute_prepared(pointer, $0) }
    }

    /// Hands the rows out as the statement makes them, without keeping any.
    func stream(in scope: CancellationScope, _ body: ([DuckDBValue]) throws -> Void) throws {
        try scope.begin(on: connection)
        defer { scope.end() }
        try ResultHandle.streamed(to: body) { duckdb_execute_prepared_streaming(pointer, $0) }
    }
}
