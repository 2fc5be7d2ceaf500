internal import Partitions

/// The statements that stage one partition, as text, without I/O.
struct StageStatement {
    let request: StageRequest
    let scan: SQLScanner
    let relations: [SourceRelation]

    /// The message of the error that a row outside of the partition raises within DuckDB.
    static let outsideMarker = "a row lies outside of the partition"

    private static let barrier = "reprocess_barrier"

    private var literals: PartitionLiterals { PartitionLiterals(request.key) }

    /// Reads the whole result; made only to learn its columns.
    func probe() -> SQLText {
        selecting("SELECT * FROM (\n", "\n) AS result")
    }

    /// Counts the rows that lie outside of the partition, and all rows.
    func countOutside(_ condition: String) -> SQLText {
        selecting("SELECT count(*) FILTER (WHERE (\(condition)) IS NOT TRUE), count(*) FROM (\n", "\n) AS result")
    }

    /// Writes the result into a file, or into a folder of files, in one statement: sources are opened once.
    ///
    /// The check is a filter that fails. DuckDB may move a filter below the user's own operators, where it would see
    /// rows that the user's statement removes later; it moves none that needs a column with a side effect, such as
    /// `random()`. Measuring is one too: it sees every row of the result once, and is true.
    func copy(shape: ResultShape, to destination: String, measuring measure: MeasureCall? = nil) -> SQLText {
        var text = SQLText()
        text.append("COPY (")
        let barrier = SQLLiteral.name(StageStatement.barrier)
        if let condition = shape.condition(column: request.column, literals: literals) {
            append(
                to: &text,
                "SELECT * EXCLUDE (\(SQLLiteral.name(request.column)), \(barrier)) FROM "
                    + "(SELECT *, \(measure?.text ?? "random()") AS \(barrier) FROM (\n",
                "\n) AS \(MeasureCall.row)) AS result WHERE CASE WHEN \(condition) THEN "
                    + "result.\(barrier)\(measure == nil ? " >= 0" : "") ELSE error(\(SQLLiteral.text(StageStatement.outsideMarker))) END"
            )
        } else if let measure {
            append(
                to: &text, "SELECT * EXCLUDE (\(barrier)) FROM (SELECT *, \(measure.text) AS \(barrier) FROM (\n",
                "\n) AS \(MeasureCall.row)) AS result WHERE result.\(barrier)")
        } else {
            append(to: &text, "SELECT * FROM (\n", "\n) AS result")
        }
        // Statistics name the columns that were written. They are worth their time only where nothing else would tell
        // that a result has the partition column although the last one had not.
        let options = copyOptions + (shape == .withoutColumn && measure == nil ? ["RETURN_STATS"] : [])
        text.append(") TO \(SQLLiteral.text(destination)) (\(options.joined(separator: ", ")))")
        return text
    }

    private var copyOptions: [String] {
        let parquet = request.parquet
        var options = [
            "FORMAT parquet", "COMPRESSION \(parquet.codecName)", "PARQUET_VERSION \(parquet.version.rawValue)",
        ]
        if let level = parquet.codecLevel { options.append("COMPRESSION_LEVEL \(level)") }
        if let rows = parquet.rowGroupSize { options.append("ROW_GROUP_SIZE \(rows)") }
        if let bytes = parquet.fileSize {
            options.append("FILE_SIZE_BYTES \(bytes)")
        } else {
            // The staging folder is invisible to readers, so that a half-written file needs no other name; DuckDB gives
            // none to the files of a folder.
            options.append("USE_TMP_FILE false")
        }
        if !request.provenance.isEmpty {
            let pairs = request.provenance.sorted { $0.key < $1.key }
                .map { "\(SQLLiteral.text($0.key)): \(SQLLiteral.text($0.value))" }
            options.append("KV_METADATA {\(pairs.joined(separator: ", "))}")
        }
        return options
    }

    private func selecting(_ head: String, _ tail: String) -> SQLText {
        var text = SQLText()
        append(to: &text, head, tail)
        return text
    }

    /// Appends the user's statement between two parts of ours.
    ///
    /// It stands on lines of its own, so that a comment at its
    /// end hides nothing of ours.
    private func append(to text: inout SQLText, _ head: String, _ tail: String) {
        if !relations.isEmpty {
            let definitions = relations.map { $0.definition(key: request.key, column: request.column) }
            text.append("WITH " + definitions.joined(separator: ", ") + " ")
        }
        text.append(head)
        let parameters = literals.byName.merging(request.slice?.literals ?? [:]) { $1 }
        text.append(statement: request.query.text, scan: scan, parameters: parameters)
        text.append(tail)
    }
}
