internal import DuckDBEngine
internal import FaultPoints
internal import Glibc
internal import Partitions

extension DuckDBWork {
    /// Writes a query's rows into one new file of a folder.
    func stage(_ request: StageRequest) throws -> StagedResult {
        try check(request.query)
        let scan = SQLScanner(request.query.text)
        let relations = try relations(
            of: request.query, key: request.key, column: request.column, tables: request.tables)
        let statement = StageStatement(request: request, scan: scan, relations: relations)
        let translation = FailureTranslation(
            query: request.query, scan: scan, files: relations.flatMap(\.files), directory: request.directory)
        let file = try unusedFile(in: request.directory)
        do {
            let result = try stage(statement, translation, to: file)
            try FaultInjector.fromEnvironment.reached(.staging)
            return result
        } catch {
            // What was written is no generation. Where nothing was, there is nothing to remove.
            unlink(file)
            throw error
        }
    }

    private func stage(
        _ statement: StageStatement, _ translation: FailureTranslation, to file: String
    ) throws -> StagedResult {
        let key = DuckDBInstance.ShapeKey(query: statement.request.query, column: statement.request.column)
        if let guess = instance.shape(of: key), let result = try stageGuessing(guess, statement, translation, to: file)
        {
            return result
        }
        let shape = try probe(statement, translation)
        instance.remember(shape, of: key)
        return try copy(shape, statement, translation, to: file)
    }

    /// Tries the shape that the last partition had, which spares opening the sources twice; nil where it does not fit.
    private func stageGuessing(
        _ guess: ResultShape, _ statement: StageStatement, _ translation: FailureTranslation, to file: String
    ) throws -> StagedResult? {
        do {
            let result = try connection.run(statement.copy(shape: guess, to: file).text, in: scope)
            let staged = try StagedFile(result, expected: file)
            return staged.hasColumn(statement.request.column) ? nil : staged.result
        } catch  where error.kind == .interrupted || error.kind == .outOfMemory || error.kind == .io {
            throw translation.error(error, in: statement.copy(shape: guess, to: file))
        } catch {
            // The guess may be what is wrong. If it is right, the same failure comes again and is reported then.
            return nil
        }
    }

    private func probe(_ statement: StageStatement, _ translation: FailureTranslation) throws -> ResultShape {
        let text = statement.probe()
        do {
            let columns = try connection.columns(of: text.text, in: scope)
            return try ResultShape(columns: columns, partitionColumn: statement.request.column)
        } catch let error as DuckDBError {
            throw translation.error(error, in: text)
        }
    }

    private func copy(
        _ shape: ResultShape, _ statement: StageStatement, _ translation: FailureTranslation, to file: String
    ) throws -> StagedResult {
        let text = statement.copy(shape: shape, to: file)
        do {
            return try StagedFile(connection.run(text.text, in: scope), expected: file).result
        } catch  where error.message == StageStatement.outsideMarker {
            throw try outsideError(shape, statement, translation)
        } catch {
            throw translation.error(error, in: text)
        }
    }

    private func outsideError(
        _ shape: ResultShape, _ statement: StageStatement, _ translation: FailureTranslation
    ) throws -> TransformError {
        let request = statement.request
        let literals = PartitionLiterals(request.key)
        let condition = shape.condition(column: request.column, literals: literals) ?? "true"
        let counts = try run(statement.countOutside(condition), translation).rows.first ?? []
        let outside = counts.first?.integer.map(String.init) ?? "Some"
        let all = counts.last?.integer.map { " of \($0)" } ?? ""
        let column = request.column
        let advice =
            shape == .text
            ? "\(column) = $partition" : "\(column) >= $partition_start AND \(column) < $partition_end"
        return TransformError(
            .outsidePartition,
            "\(outside)\(all) rows lie outside of the partition \(request.key): their '\(column)' is another one or null. "
                + "Nothing was published. Restrict the statement, for example WHERE \(advice).")
    }

    private func unusedFile(in directory: String) throws -> String {
        for number in 0... {
            let path = "\(directory)/part-\(number).parquet"
            if access(path, F_OK) != 0 { return path }
        }
        preconditionFailure("A folder has fewer files than there are numbers.")
    }
}

/// What COPY says of the one file that it wrote.
private struct StagedFile {
    let result: StagedResult
    private let columns: [String]

    /// Reads the answer of COPY: the number of rows or, with RETURN_STATS, one row about each file.
    init(_ copied: QueryResult, expected file: String) throws(DuckDBError) {
        let row = copied.rows.first ?? []
        guard copied.rows.count == 1, let rows = (row.count == 1 ? row[0] : row.dropFirst().first)?.integer else {
            throw DuckDBError(.other("Result"), "DuckDB did not say what it wrote to '\(file)'.")
        }
        var status = stat()
        guard stat(file, &status) == 0 else {
            throw DuckDBError(.io, "DuckDB wrote '\(file)', which is not there: \(String(cString: strerror(errno))).")
        }
        result = StagedResult(rows: rows, bytes: Int64(status.st_size), files: [file])
        columns = row.compactMap(\.keys).first ?? []
    }

    /// Whether statistics name a column; DuckDB writes the names as quoted identifiers.
    func hasColumn(_ name: String) -> Bool {
        let quoted = SQLLiteral.name(name).lowercased()
        return columns.contains { $0.lowercased() == quoted }
    }
}
