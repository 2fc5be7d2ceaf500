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

    /// Runs a statement and hands its rows out one by one.
    static func streamed(
        to body: ([DuckDBValue]) throws -> Void, by run: (UnsafeMutablePointer<duckdb_result>) -> duckdb_state
    ) throws {
        let handle = ResultHandle()
        guard run(handle.result) == REPROCESS_DUCKDB_SUCCESS else { throw handle.error }
        var failure: (any Error)?
        try handle.forEachChunk(of: handle.columns) { readers, count in
            do {
                for row in 0..<count { try body(readers.map { $0.value(at: row) }) }
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        // A stream that fails in the middle looks as if it had ended; only its error tells.
        if duckdb_result_error(handle.result) != nil { throw handle.error }
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

    private var columns: [Column] {
        (0..<duckdb_column_count(result)).map { index in
            Column(
                name: duckdb_column_name(result, index).map { String(cString: $0) } ?? "",
                type: ColumnType(code: duckdb_column_type(result, index)))
        }
    }

    private func rows() throws(DuckDBError) -> QueryResult {
        let columns = columns
        var rows: [[DuckDBValue]] = []
        try forEachChunk(of: columns) { readers, count in
            for row in 0..<count { rows.append(readers.map { $0.value(at: row) }) }
            return true
        }
        return QueryResult(columns: columns, rows: rows)
    }

    /// Reads chunk by chunk until there are no more, or `body` says that it wants none.
    private func forEachChunk(
        of columns: [Column], _ body: ([VectorReader], _ count: Int) -> Bool
    ) throws(DuckDBError) {
        let decimals = columns.indices.map { columns[$0].type == .decimal ? decimal(of: idx_t($0)) : nil }
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
            guard body(readers, Int(duckdb_data_chunk_get_size(chunk))) else { return }
        }
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
