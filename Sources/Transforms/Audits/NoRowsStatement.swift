internal import Partitions

/// The statements of an audit that is a query, as text, without I/O.
struct NoRowsStatement {
    let query: Query
    let scan: SQLScanner
    let key: PartitionKey
    let column: String
    /// The staged rows as a SELECT.
    let staged: String
    /// The rows that they would replace; nil where there are none, so that the relation is empty.
    let previous: String?
    /// What the query names besides.
    let others: [SourceRelation]

    /// Counts the rows that the query returns.
    func count() -> SQLText { text("SELECT count(*) FROM (\n", "\n) AS result") }

    /// Some of the rows as text.
    func sample(_ limit: Int) -> SQLText {
        text("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (\n", "\n) AS result LIMIT \(limit)")
    }

    private func text(_ head: String, _ tail: String) -> SQLText {
        var text = SQLText()
        var definitions = others.map { $0.definition(key: key, column: column) }
        definitions.append("staged AS NOT MATERIALIZED (\(staged))")
        definitions.append("previous AS NOT MATERIALIZED (\(previous ?? "SELECT * FROM (\(staged)) WHERE false"))")
        text.append("WITH \(definitions.joined(separator: ", ")) \(head)")
        text.append(statement: query.text, scan: scan, parameters: PartitionLiterals(key).byName)
        text.append(tail)
        return text
    }
}
