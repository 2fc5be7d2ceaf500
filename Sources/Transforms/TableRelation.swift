internal import Partitions

/// The rows of a table's snapshot as a SELECT, with the table's columns in its order and of its types.
struct TableRelation {
    let snapshot: TableSnapshot

    /// What tells the rows of one file from those of another, where they differ in columns that no file holds.
    private static let fileColumn = "reprocess_file"
    private static let valuesName = "reprocess_values"

    func selection(key: PartitionKey) -> String {
        let rows = snapshot.features.isEmpty ? rowsOfFiles : rowsByExtension
        guard let column = snapshot.filterColumn else { return rows }
        let isText = snapshot.columns.contains { $0.name == column && $0.type == "VARCHAR" }
        let shape: ResultShape = isText ? .text : .temporal
        let condition = shape.condition(column: column, literals: PartitionLiterals(key)) ?? "true"
        return "SELECT * FROM (\(rows)) AS result WHERE \(condition)"
    }

    /// DuckDB's reader of Delta tables knows the features that are not known here; the version keeps it to the snapshot.
    private var rowsByExtension: String {
        let columns = snapshot.columns.map {
            "CAST(\(SQLLiteral.name($0.name)) AS \($0.type)) AS \(SQLLiteral.name($0.name))"
        }
        return "SELECT \(columns.joined(separator: ", ")) FROM delta_scan(\(SQLLiteral.text(snapshot.path)), "
            + "version = \(snapshot.version))"
    }

    private var rowsOfFiles: String {
        guard let first = snapshot.files.first else {
            return select { _ in "NULL" } + " WHERE false"
        }
        if snapshot.files.allSatisfy({ $0.values == first.values }) {
            return select { index in first.values[index].map(SQLLiteral.text) ?? "NULL" } + " FROM \(reader())"
        }
        let (file, values) = (SQLLiteral.name(Self.fileColumn), SQLLiteral.name(Self.valuesName))
        let names = [file] + first.values.indices.map { "v\($0)" }
        let rows = snapshot.files.map { file in
            let row = [SQLLiteral.text(file.path)] + file.values.map { $0.map(SQLLiteral.text) ?? "NULL" }
            return "(\(row.joined(separator: ", ")))"
        }
        let source = reader("filename = \(SQLLiteral.text(Self.fileColumn))")
        return select { "\(values).v\($0)" } + " FROM \(source) AS files JOIN (VALUES \(rows.joined(separator: ", "))) "
            + "AS \(values) (\(names.joined(separator: ", "))) ON files.\(file) = \(values).\(file)"
    }

    /// The columns: those of the files as they are, the others as expressions of their values.
    private func select(_ value: (Int) -> String) -> String {
        let columns = snapshot.columns.map { column in
            let name = SQLLiteral.name(column.name)
            if let index = column.valueIndex { return "CAST(\(value(index)) AS \(column.type)) AS \(name)" }
            return snapshot.files.isEmpty ? "CAST(NULL AS \(column.type)) AS \(name)" : name
        }
        return "SELECT " + columns.joined(separator: ", ")
    }

    /// Reads files by the table's schema: a column that a file lacks is null, and one of another type is cast.
    private func reader(_ options: String...) -> String {
        let columns = snapshot.columns.filter { $0.valueIndex == nil }
        var arguments = [SQLLiteral.list(snapshot.files.map { FileGlob.escaped($0.path) })] + options
        if columns.isEmpty {
            // Nothing but the number of rows is wanted, and DuckDB takes no empty schema.
            arguments.append("hive_partitioning = false")
        } else {
            let fields = columns.map { column in
                "\(SQLLiteral.text(column.name)): {'name': \(SQLLiteral.text(column.name)), "
                    + "'type': \(SQLLiteral.text(column.type)), 'default_value': NULL}"
            }
            arguments.append("schema = MAP {\(fields.joined(separator: ", "))}")
        }
        // Some writers do not say of text that it is text.
        if !columns.contains(where: { $0.type.contains("BLOB") }) { arguments.append("binary_as_string = true") }
        return "read_parquet(\(arguments.joined(separator: ", ")))"
    }
}
