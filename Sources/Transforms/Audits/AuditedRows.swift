internal import Partitions

/// The rows that audits look at: those of the files, with the partition column that no file holds.
struct AuditedRows {
    let rows: PartitionRows
    let key: PartitionKey
    let column: String

    /// The rows as a SELECT; nil where there are none.
    var selection: String? {
        guard let selection = RowsRelation(rows: rows, key: key).selection else { return nil }
        let others = "COLUMNS(name -> lower(name) <> lower(\(SQLLiteral.text(column))))"
        return "SELECT \(others), \(PartitionLiterals(key).start) AS \(SQLLiteral.name(column)) FROM (\(selection))"
    }
}
