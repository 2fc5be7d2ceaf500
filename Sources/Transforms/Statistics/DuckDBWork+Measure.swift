internal import DuckDBEngine
internal import Partitions

extension DuckDBWork {
    /// Measures rows, and looks whether they lie in the partition, in one pass.
    func measure(_ request: MeasureRequest) throws -> PartitionStatistics {
        let relation = RowsRelation(rows: request.rows, key: request.key)
        guard let selection = relation.selection else {
            throw TransformError(.misuse, "There are no files to measure for the partition \(request.key).")
        }
        let columns = try columns(ofOwn: selection)
        var shape = try outsideShape(columns, request)
        if shape != .withoutColumn, case .files(let files) = request.rows, files.count > 1 {
            try refuseOutside(inParquetFiles: files, key: request.key, column: request.column)
            shape = .withoutColumn
        }
        let call = MeasureCall(excluding: request.column, layout: MeasuredLayout(columns: columns))
        let outside = condition(shape, request).map { "(\($0)) IS NOT TRUE" } ?? "false"
        let counts = try run(
            own:
                "SELECT count(*), count(*) FILTER (WHERE \(outside)) FROM (SELECT *, \(call.text) AS reprocess_seen FROM "
                + "(\(selection)) AS \(MeasureCall.row)) AS result WHERE result.reprocess_seen"
        ).rows.first
        guard let rows = counts?.first?.integer, let strays = counts?.last?.integer,
            let measured = call.measurement.finish(), measured.rows == rows
        else {
            throw TransformError(
                .query, "The engine did not measure the rows of the partition \(request.key) as it read them.")
        }
        if strays > 0 { throw outsideError(strays, of: rows, request) }
        return PartitionStatistics(measured)
    }

    /// Fails where rows of files lie outside of the partition; their footers answer where they can.
    ///
    /// Files that do not have the column belong to the partition by where they are, so that each is looked at by itself.
    func refuseOutside(inParquetFiles files: [String], key: PartitionKey, column: String) throws {
        for file in files {
            try refuseOutside(
                MeasureRequest(rows: .files([file]), key: key, column: column, refusesOutside: true))
        }
    }

    private func refuseOutside(_ request: MeasureRequest) throws {
        guard let selection = RowsRelation(rows: request.rows, key: request.key).selection else { return }
        let shape = try outsideShape(try columns(ofOwn: selection), request)
        guard let within = condition(shape, request) else { return }
        // A filter, which DuckDB holds against the least and greatest values of row groups before it reads any.
        let name = "result." + SQLLiteral.name(request.column)
        let strays = try run(
            own: "SELECT count(*) FROM (\(selection)) AS result WHERE NOT (\(within)) OR \(name) IS NULL"
        ).rows.first?.first?.integer
        guard strays != 0 else { return }
        let all = try run(own: "SELECT count(*) FROM (\(selection)) AS result").rows.first?.first?.integer ?? 0
        throw outsideError(strays ?? all, of: all, request)
    }

    /// The columns of a SELECT of our own.
    func columns(ofOwn selection: String) throws -> [Column] {
        do {
            return try connection.columns(of: selection, in: scope)
        } catch {
            throw FailureTranslation(query: Query(""), scan: SQLScanner("")).error(error, in: nil)
        }
    }

    private func outsideShape(_ columns: [Column], _ request: MeasureRequest) throws -> ResultShape {
        guard request.refusesOutside else { return .withoutColumn }
        return try ResultShape(columns: columns, partitionColumn: request.column)
    }

    private func condition(_ shape: ResultShape, _ request: MeasureRequest) -> String? {
        shape.condition(column: request.column, literals: PartitionLiterals(request.key))
    }

    private func outsideError(_ strays: Int64, of rows: Int64, _ request: MeasureRequest) -> TransformError {
        TransformError.outside(
            "\(strays) of \(rows)", of: request.key, column: request.column,
            advice: "Write the files of a partition with its rows alone.")
    }
}
