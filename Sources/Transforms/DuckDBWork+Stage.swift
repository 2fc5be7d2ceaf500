internal import DuckDBEngine
internal import FaultPoints
internal import Glibc
internal import Partitions

extension DuckDBWork {
    /// Writes a query's rows into new files of a folder.
    func stage(_ request: StageRequest) throws -> StagedResult {
        try check(request.query)
        let scan = SQLScanner(request.query.text)
        let relations = try relations(
            of: request.query, key: request.key, column: request.column, tables: request.tables)
        let statement = StageStatement(request: request, scan: scan, relations: relations)
        let translation = FailureTranslation(
            query: request.query, scan: scan, files: relations.flatMap(\.files), directory: request.directory)
        let destination = StageDestination(in: request.directory, fileSize: request.parquet.fileSize)
        var files: [String] = []
        do {
            let rows = try stage(statement, translation, to: destination)
            files = try destination.collect()
            try FaultInjector.fromEnvironment.reached(.staging)
            return StagedResult(rows: rows, bytes: try size(of: files), files: files)
        } catch {
            // What was written is no generation. Where nothing was, there is nothing to remove.
            destination.abandon(files)
            throw error
        }
    }

    private func size(of files: [String]) throws -> Int64 {
        try files.reduce(0) { sum, file in
            var status = stat()
            guard stat(file, &status) == 0 else {
                let reason = String(cString: strerror(errno))
                throw TransformError(.query, "DuckDB wrote '\(file)', which is not there: \(reason).")
            }
            return sum + Int64(status.st_size)
        }
    }

    private func stage(
        _ statement: StageStatement, _ translation: FailureTranslation, to destination: StageDestination
    ) throws -> Int64 {
        let key = DuckDBInstance.ShapeKey(query: statement.request.query, column: statement.request.column)
        if let guess = instance.shape(of: key),
            let rows = try stageGuessing(guess, statement, translation, to: destination)
        {
            return rows
        }
        let shape = try probe(statement, translation)
        instance.remember(shape, of: key)
        return try copy(shape, statement, translation, to: destination)
    }

    /// Tries the shape that the last partition had, which spares opening the sources twice; nil where it does not fit.
    private func stageGuessing(
        _ guess: ResultShape, _ statement: StageStatement, _ translation: FailureTranslation,
        to destination: StageDestination
    ) throws -> Int64? {
        let text = statement.copy(shape: guess, to: destination.path)
        do {
            let copied = try CopyAnswer(connection.run(text.text, in: scope), destination: destination.path)
            return copied.hasColumn(statement.request.column) ? nil : copied.rows
        } catch  where error.kind == .interrupted || error.kind == .outOfMemory || error.kind == .io {
            throw translation.error(error, in: text)
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
        _ shape: ResultShape, _ statement: StageStatement, _ translation: FailureTranslation,
        to destination: StageDestination
    ) throws -> Int64 {
        // A guess that was wrong may have written something.
        try destination.clear()
        let text = statement.copy(shape: shape, to: destination.path)
        do {
            return try CopyAnswer(connection.run(text.text, in: scope), destination: destination.path).rows
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
}

/// What COPY says of what it wrote.
private struct CopyAnswer {
    /// The number of rows in all files.
    let rows: Int64
    private let columns: [String]

    /// Reads the answer: the number of rows or, with RETURN_STATS, one row about each file.
    init(_ copied: QueryResult, destination: String) throws(DuckDBError) {
        let counts = copied.rows.compactMap { ($0.count == 1 ? $0[0] : $0.dropFirst().first)?.integer }
        guard !counts.isEmpty, counts.count == copied.rows.count else {
            throw DuckDBError(.other("Result"), "DuckDB did not say what it wrote to '\(destination)'.")
        }
        rows = counts.reduce(0, +)
        columns = copied.rows.first?.compactMap(\.keys).first ?? []
    }

    /// Whether statistics name a column; DuckDB writes the names as quoted identifiers.
    func hasColumn(_ name: String) -> Bool {
        let quoted = SQLLiteral.name(name).lowercased()
        return columns.contains { $0.lowercased() == quoted }
    }
}
