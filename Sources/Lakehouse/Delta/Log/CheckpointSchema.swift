internal import DuckDBEngine

/// Which of the fields that may be in a checkpoint are in one file of it.
struct CheckpointSchema {
    /// The paths of all fields, such as `add.deletionVector.offset`.
    private let paths: Set<String>

    /// Reads the rows of `parquet_schema`: every field before its children, with the number of these.
    init(rows: [(name: String, children: Int)]) {
        var paths: Set<String> = []
        // The open structs, each with its path and how many of its children are still to come.
        var open: [(path: String, left: Int)] = []
        for (index, row) in rows.enumerated() {
            while let last = open.last, last.left == 0 { open.removeLast() }
            let parent = open.last?.path ?? ""
            if !open.isEmpty { open[open.count - 1].left -= 1 }
            // The first row is the file itself.
            let path = index == 0 ? "" : parent.isEmpty ? row.name : parent + "." + row.name
            if index > 0 { paths.insert(path) }
            if row.children > 0 { open.append((path, row.children)) }
        }
        self.paths = paths
    }

    func has(_ path: String) -> Bool { paths.contains(path) }

    /// The query for every action but those of files, each row as a line of a log.
    func queryForTable(file: String) -> String? {
        let actions = ["protocol", "metaData", "txn", "domainMetadata", "sidecar"].filter(has)
        guard !actions.isEmpty else { return nil }
        let fields = actions.map { "'\($0)': \"\($0)\"" }.joined(separator: ", ")
        let isAny = actions.map { "\"\($0)\" IS NOT NULL" }.joined(separator: " OR ")
        return "SELECT to_json({\(fields)}) FROM \(file) WHERE \(isAny)"
    }

    /// The query for the data files: path, size, deletion vector, our tag, then two columns for each partition column,
    /// which say whether there is a value and which.
    func queryForFiles(file: String, partitionColumns: [String]) -> String? {
        guard has("add.path") else { return nil }
        let hasValues = has("add.partitionValues.key_value")
        let values = partitionColumns.flatMap { column in
            let name = CheckpointSchema.literal(column)
            return hasValues
                ? ["map_contains(\"add\".partitionValues, \(name))", "\"add\".partitionValues[\(name)]"]
                : ["false", "NULL::VARCHAR"]
        }
        let tag = CheckpointSchema.literal(AddedFile.fileCountTag)
        let columns =
            [
                "\"add\".path", "\"add\".size",
                has("add.deletionVector") ? "to_json(\"add\".deletionVector)" : "NULL::VARCHAR",
                has("add.tags.key_value") ? "\"add\".tags[\(tag)]" : "NULL::VARCHAR",
            ] + values
        return "SELECT \(columns.joined(separator: ", ")) FROM \(file) WHERE \"add\".path IS NOT NULL"
    }

    static func literal(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}
