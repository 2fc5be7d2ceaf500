internal import DuckDBEngine
internal import FaultPoints
internal import Glibc
internal import Partitions

extension DuckDBWork {
    /// Writes a query's rows into new files of a folder.
    func stage(_ request: StageRequest) throws -> StagedResult {
        try check(request.query)
        let scan = SQLScanner(request.query.text)
        var relations = try relations(
            of: request.query, key: request.key, column: request.column, tables: request.tables)
        for index in relations.indices where relations[index].source.name == request.slice?.source {
            relations[index].slice = request.slice
        }
        let statement = StageStatement(request: request, scan: scan, relations: relations)
        let translation = FailureTranslation(
            query: request.query, scan: scan, files: relations.flatMap(\.files), directory: request.directory)
        let destination = StageDestination(in: request.directory, fileSize: request.parquet.fileSize)
        var files: [String] = []
        do {
            let copied = try stage(statement, translation, to: destination)
            files = try destination.collect()
            try FaultInjector.fromEnvironment.reached(.staging)
            return StagedResult(
                rows: copied.rows, bytes: try size(of: files), files: files,
                statistics: try statistics(of: copied, in: files, request))
        } catch {
            // What was written is no generation. Where nothing was, there is nothing to remove.
            destination.abandon(files)
            throw error
        }
    }

    /// What was measured while the rows were written.
    private func statistics(
        of copied: Copied, in files: [String], _ request: StageRequest
    ) throws -> PartitionStatistics? {
        guard request.measures else { return nil }
        if let measured = copied.measured, measured.rows == copied.rows { return PartitionStatistics(measured) }
        // A plan that let the function see other rows than it wrote would be believed otherwise.
        instance.noteRemeasured()
        return try measure(
            MeasureRequest(rows: .files(files), key: request.key, column: request.column, refusesOutside: false))
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
    ) throws -> Copied {
        let key = DuckDBInstance.ShapeKey(query: statement.request.query, column: statement.request.column)
        if let guess = instance.layout(of: key),
            let copied = try stageGuessing(guess, statement, translation, to: destination)
        {
            return copied
        }
        let layout = try probe(statement, translation)
        instance.remember(layout, of: key)
        return try copy(layout, statement, translation, to: destination)
    }

    /// Tries the shape that the last partition had, which spares opening the sources twice; nil where it does not fit.
    private func stageGuessing(
        _ guess: ResultLayout, _ statement: StageStatement, _ translation: FailureTranslation,
        to destination: StageDestination
    ) throws -> Copied? {
        let call = measureCall(guess, statement.request)
        let text = statement.copy(shape: guess.shape, to: destination.path, measuring: call)
        do {
            let answer = try CopyAnswer(connection.run(text.text, in: scope), destination: destination.path)
            let measured = call?.measurement.finish()
            let hasColumn = measured?.hasExcludedColumn ?? answer.hasColumn(statement.request.column)
            guard guess.shape != .withoutColumn || !hasColumn else { return nil }
            return Copied(rows: answer.rows, measured: measured)
        } catch  where error.kind == .interrupted || error.kind == .outOfMemory || error.kind == .io {
            throw translation.error(error, in: text)
        } catch {
            // The guess may be what is wrong. If it is right, the same failure comes again and is reported then.
            return nil
        }
    }

    /// Each statement has a measurement of its own: one that was run in vain must not have counted.
    private func measureCall(_ layout: ResultLayout, _ request: StageRequest) -> MeasureCall? {
        request.measures ? MeasureCall(excluding: request.column, layout: layout.measured) : nil
    }

    private func probe(_ statement: StageStatement, _ translation: FailureTranslation) throws -> ResultLayout {
        let text = statement.probe()
        do {
            let columns = try connection.columns(of: text.text, in: scope)
            return try ResultLayout(columns: columns, partitionColumn: statement.request.column)
        } catch let error as DuckDBError {
            throw translation.error(error, in: text)
        }
    }

    private func copy(
        _ layout: ResultLayout, _ statement: StageStatement, _ translation: FailureTranslation,
        to destination: StageDestination
    ) throws -> Copied {
        // A guess that was wrong may have written something.
        try destination.clear()
        let call = measureCall(layout, statement.request)
        let text = statement.copy(shape: layout.shape, to: destination.path, measuring: call)
        do {
            let answer = try CopyAnswer(connection.run(text.text, in: scope), destination: destination.path)
            return Copied(rows: answer.rows, measured: call?.measurement.finish())
        } catch  where error.message == StageStatement.outsideMarker {
            throw try outsideError(layout.shape, statement, translation)
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
        return TransformError.outside(
            "\(outside)\(all)", of: request.key, column: column,
            advice: "Restrict the statement, for example WHERE \(advice).")
    }
}

/// What was written, and what was measured meanwhile.
private struct Copied {
    let rows: Int64
    let measured: MeasuredRows?
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
