internal import CDuckDB

/// Appends rows to a table of a connection, faster than INSERT does.
package struct RowAppender: ~Copyable {
    private let pointer: duckdb_appender

    /// Starts appending to a table, which may be a temporary one.
    package init(table: String, on connection: Connection) throws(DuckDBError) {
        var created: duckdb_appender?
        let state = duckdb_appender_create(connection.pointer, nil, table, &created)
        guard state == REPROCESS_DUCKDB_SUCCESS, let created else {
            defer { duckdb_appender_destroy(&created) }
            throw RowAppender.error(created)
        }
        pointer = created
    }

    deinit {
        var destroyed: duckdb_appender? = pointer
        // A failure here was reported by `finish`, or the rows are being dropped because of an error.
        _ = duckdb_appender_destroy(&destroyed)
    }

    /// Appends one row, with one value a column.
    package func append(_ row: [DuckDBValue]) throws(DuckDBError) {
        for value in row where append(value) != REPROCESS_DUCKDB_SUCCESS { throw RowAppender.error(pointer) }
        guard duckdb_appender_end_row(pointer) == REPROCESS_DUCKDB_SUCCESS else { throw RowAppender.error(pointer) }
    }

    /// Makes the rows part of the table.
    package consuming func finish() throws(DuckDBError) {
        guard duckdb_appender_close(pointer) == REPROCESS_DUCKDB_SUCCESS else { throw RowAppender.error(pointer) }
    }

    private func append(_ value: DuckDBValue) -> duckdb_state {
        switch value {
        case .null: return duckdb_append_null(pointer)
        case .boolean(let value): return duckdb_append_bool(pointer, value)
        case .integer(let value): return duckdb_append_int64(pointer, value)
        case .double(let value): return duckdb_append_double(pointer, value)
        case .text(var value):
            return value.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    duckdb_append_varchar_length(pointer, $0.baseAddress, idx_t($0.count))
                }
            }
        case .date(let days): return duckdb_append_date(pointer, duckdb_date(days: days))
        case .timestamp(let micros): return duckdb_append_timestamp(pointer, duckdb_timestamp(micros: micros))
        case .keys, .unreadable: return REPROCESS_DUCKDB_ERROR
        }
    }

    private static func error(_ appender: duckdb_appender?) -> DuckDBError {
        let report = duckdb_appender_error(appender).map { String(cString: $0) } ?? "The row could not be appended."
        return DuckDBError(report: report)
    }
}
