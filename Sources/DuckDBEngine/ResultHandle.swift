internal import CDuckDB

/// A result of DuckDB, until its rows have been read.
struct ResultHandle: ~Copyable {
    private let result: UnsafeMutablePointer<duckdb_result>

    /// Runs a statement and reads all rows of its result.
    static func filled(
        by body: (UnsafeMutablePointer<duckdb_result>) -> duckdb_state
    ) throws(DuckDBError) -> QueryResult {
        let handle = ResultHandle()
        guard body(handle.result) == REPROCESS_DUCKDB_SUCCESS else { throw handle.error }
        return try handle.rows()
    }

    private init() {
        result = .allocate(capacity: 1)
        result.initialize(to: duckdb_result())
    }

    deinit {
        duckdb_destroy_result(result)
        result.deallocate()
    }

    private var error: DuckDBError {
        DuckDBError(report: duckdb_result_error(result).map { String(cString: $0) } ?? "The query failed.")
    }

    private func rows() throws(DuckDBError) -> QueryResult {
        let columns = (0..<duckdb_column_count(result)).map { index in
            Column(
                name: duckdb_column_name(result, index).map { String(cString: $0) } ?? "",
                type: ColumnType(code: duckdb_column_type(result, index)))
        }
        let decimals = columns.indices.map { columns[$0].type == .decimal ? decimal(of: idx_t($0)) : nil }
        var rows: [[DuckDBValue]] = []
        while let chunk = duckdb_fetch_chunk(result.pointee) {
            var finished: duckdb_data_chunk? = chunk
            defer { duckdb_destroy_data_chunk(&finished) }
            let readers = columns.indices.compactMap { index in
                duckdb_data_chunk_get_vector(chunk, idx_t(index)).map {
                    VectorReader(vector: $0, type: columns[index].type, decimal: decimals[index])
                }
            }
            guard readers.count == columns.count else {
                throw DuckDBError(.other("Result"), "DuckDB returned a row without all its columns.")
            }
            for row in 0..<Int(duckdb_data_chunk_get_size(chunk)) {
                rows.append(readers.map { $0.value(at: row) })
            }
        }
        return QueryResult(columns: columns, rows: rows)
    }

    private func decimal(of column: idx_t) -> DecimalLayout? {
        var type = duckdb_column_logical_type(result, column)
        defer { duckdb_destroy_logical_type(&type) }
        guard let type else { return nil }
        return DecimalLayout(
            scale: Int(duckdb_decimal_scale(type)),
            storage: ColumnType(code: duckdb_decimal_internal_type(type)))
    }
}

/// How a decimal column is stored: an integer of some width, and how many of its digits lie behind the point.
struct DecimalLayout {
    let scale: Int
    let storage: ColumnType
}
