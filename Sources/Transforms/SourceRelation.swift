internal import DuckDBEngine
internal import Partitions

/// A source of one partition, its files found, as a common table expression.
struct SourceRelation {
    /// The source.
    let source: Source
    /// The path or paths that the reader is given.
    let files: [String]
    /// What the table holds, where the source is one.
    var snapshot: TableSnapshot?
    /// The batch of it that a statement is to see; nil for all rows.
    var slice: BatchSlice?

    /// `"source" AS NOT MATERIALIZED (…)`: inlined where it is used, so that filters reach the reader.
    func definition(key: PartitionKey, column: String) -> String {
        let selection = selection(key: key, column: column)
        let name = SQLLiteral.name(source.name)
        guard let condition = slice?.condition else { return "\(name) AS NOT MATERIALIZED (\(selection))" }
        return "\(name) AS NOT MATERIALIZED (SELECT * FROM (\(selection)) AS batch_rows WHERE \(condition))"
    }

    private func selection(key: PartitionKey, column: String) -> String {
        if let snapshot { return TableRelation(snapshot: snapshot).selection(key: key) }
        let options = source.options.sorted { $0.key < $1.key }.map { "\($0.key) = \(SQLLiteral.option($0.value))" }
        let list = SQLLiteral.list(files)
        switch source.format {
        case .csv: return "FROM read_csv(\((["\(list)"] + options).joined(separator: ", ")))"
        case .json: return "FROM read_json(\((["\(list)"] + options).joined(separator: ", ")))"
        case .parquet: return "FROM read_parquet(\((["\(list)"] + options).joined(separator: ", ")))"
        // Without a snapshot it could only be read as whatever version is the newest by then.
        case .delta: return "SELECT error('The table was not looked up.')"
        case .hive:
            // The directory's name holds the column. Files that hold it too, against the convention, do not win.
            let arguments = ([list, "hive_partitioning = false"] + options).joined(separator: ", ")
            let others = "COLUMNS(name -> lower(name) <> lower(\(SQLLiteral.text(column))))"
            let value = PartitionLiterals(key).start
            return "SELECT \(others), \(value) AS \(SQLLiteral.name(column)) FROM read_parquet(\(arguments))"
        }
    }
}
