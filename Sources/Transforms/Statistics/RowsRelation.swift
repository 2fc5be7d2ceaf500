internal import Partitions

/// The rows of a partition as a SELECT.
struct RowsRelation {
    let rows: PartitionRows
    let key: PartitionKey

    /// The SELECT; nil where there are no files, of which no columns are known.
    var selection: String? {
        switch rows {
        case .table(let snapshot): return TableRelation(snapshot: snapshot).selection(key: key)
        case .files(let files):
            guard !files.isEmpty else { return nil }
            return "SELECT * FROM \(RowsRelation.reader(of: files))"
        }
    }

    /// Reads files as they are: what their folders are called is no column of theirs.
    static func reader(of files: [String]) -> String {
        var arguments = [SQLLiteral.list(files.map(FileGlob.escaped)), "hive_partitioning = false"]
        // A closure's files need not have the same columns.
        if files.count > 1 { arguments.append("union_by_name = true") }
        return "read_parquet(\(arguments.joined(separator: ", ")))"
    }
}
