internal import DuckDBEngine
internal import Partitions

/// A source of one partition, its files found, as a common table expression.
struct SourceRelation {
    /// The source.
    let source: Source
    /// The path or paths that the reader is given.
    let files: [String]

    /// `"source" AS NOT MATERIALIZED (…)`: inlined where it is used, so that filters reach the reader.
    func definition(key: PartitionKey, column: String) -> String {
        "\(SQLLiteral.name(source.name)) AS NOT MATERIALIZED (\(selection(key: key, column: column)))"
    }

    private func selection(key: PartitionKey, column: String) -> String {
        let options = source.options.sorted { $0.key < $1.key }.map { "\($0.key) = \(SQLLiteral.option($0.value))" }
        let list = SQLLiteral.list(files)
        switch source.format {
        case .csv: return "FROM read_csv(\((["\(list)"] + options).joined(separator: ", ")))"
        case .json: return "FROM read_json(\((["\(list)"] + options).joined(separator: ", ")))"
        case .parquet: return "FROM read_parquet(\((["\(list)"] + options).joined(separator: ", ")))"
        case .hive:
            // The directory's name holds the column. Files that hold it too, against the convention, do not win.
            let arguments = ([list, "hive_partitioning = false"] + options).joined(separator: ", ")
            let others = "COLUMNS(name -> lower(name) <> lower(\(SQLLiteral.text(column))))"
            let value = PartitionLiterals(key).start
            return "SELECT \(others), \(value) AS \(SQLLiteral.name(column)) FROM read_parquet(\(arguments))"
        }
    }

    /// The pattern of the files of a source for one partition.
    ///
    /// - Throws: `TransformError` where the path has an unknown field, or an option's name cannot be one.
    static func pattern(of source: Source, key: PartitionKey, column: String) throws(TransformError) -> String {
        for name in source.options.keys where !isOptionName(name) {
            throw TransformError(.misuse, "'\(name)' cannot be an option of the source '\(source.name)'.")
        }
        let path = try PathPattern(source.path).path(for: key)
        guard source.format == .hive else { return path }
        return (path.hasSuffix("/") ? String(path.dropLast()) : path) + "/\(column)=\(key)/*.parquet"
    }

    private static func isOptionName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first != UInt8(ascii: "_") else { return false }
        return name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_")
        }
    }
}
