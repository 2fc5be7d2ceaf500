internal import DuckDBEngine
internal import Foundation

extension DuckDBWork {
    /// Checks that a query is one SELECT and names no parameter that a partition does not have.
    ///
    /// DuckDB parses the text for itself, without binding it to any file: `json_serialize_sql` takes SELECT statements
    /// only, and reports where the parser stumbled. What is one statement by itself cannot break out of the parentheses
    /// that it is put into later.
    func check(_ query: Query) throws {
        guard !instance.isChecked(query.text) else { return }
        let translation = FailureTranslation(query: query, scan: SQLScanner(query.text))
        try checkParameters(translation)
        let result: QueryResult
        do {
            result = try connection.run(
                "SELECT json_serialize_sql($1::VARCHAR)::VARCHAR", [.text(query.text)], in: scope)
        } catch {
            throw translation.error(error, in: nil)
        }
        let report = try JSONDecoder().decode(ParseReport.self, from: Data((result.rows.first?.first?.text ?? "").utf8))
        try check(report, translation)
        instance.rememberChecked(query.text)
    }

    private func check(_ report: ParseReport, _ translation: FailureTranslation) throws {
        let query = translation.query
        if report.error {
            let message = report.message ?? "The statement cannot be parsed."
            guard report.type == "parser" else {
                throw translation.syntaxError("A transform is one SELECT statement; this one is something else.", at: 0)
            }
            let characters = report.position.flatMap(Int.init) ?? 0
            let offset = String(query.text.unicodeScalars.prefix(characters)).utf8.count
            throw translation.syntaxError(message, at: offset)
        }
        let count = report.statements?.count ?? 0
        guard count > 0 else {
            throw TransformError(
                .syntax, "\(query.file ?? "The statement") is empty: a transform is one SELECT statement.")
        }
        guard count == 1 else {
            throw TransformError(
                .syntax, "\(query.file ?? "The text") holds \(count) statements: a transform is one SELECT statement.")
        }
    }

    private func checkParameters(_ translation: FailureTranslation) throws {
        let isBatched = translation.query.batching != nil
        let names = PartitionLiterals.names + (isBatched ? BatchParameter.names : [])
        for parameter in translation.scan.parameters where !names.contains(parameter.name) {
            if BatchParameter.names.contains(parameter.name) {
                throw translation.syntaxError(
                    "'$\(parameter.name)' is there only where a partition is read in batches: give the job a 'batch'.",
                    at: parameter.range.lowerBound)
            }
            throw translation.syntaxError(
                "'$\(parameter.name)' is no parameter of a partition: there are $partition, $partition_start and "
                    + "$partition_end.", at: parameter.range.lowerBound)
        }
    }
}

/// What `json_serialize_sql` says, as far as it matters here.
private struct ParseReport: Decodable {
    struct Statement: Decodable {}

    enum CodingKeys: String, CodingKey {
        case error, position, statements
        case type = "error_type"
        case message = "error_message"
    }

    let error: Bool
    let type: String?
    let message: String?
    /// Counted in characters.
    let position: String?
    let statements: [Statement]?
}
