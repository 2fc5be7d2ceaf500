/// The statements that make a checkpoint out of an older one and the entries behind it ("Action Reconciliation").
///
/// The older checkpoint is streamed. What has to be held is what the entries say, and of that only once.
struct CheckpointSQL {
    /// Something with actions in it: a file, and which of the fields it has.
    struct Relation {
        let sql: String
        let has: (String) -> Bool
    }

    /// The table's own actions in the older checkpoint; none where there is no checkpoint.
    let base: [Relation]
    /// The files' actions in the older checkpoint.
    let baseFiles: [Relation]
    /// The paths of the entries, in the order of their versions.
    let entries: [String]
    /// Milliseconds since 1970: tombstones up to then have expired; nil where none ever does.
    let tombstonesExpireBefore: Int64?
    /// The same for what applications count.
    let transactionsExpireBefore: Int64?
    /// Statistics in their own types, where the table asks for them.
    var parsed: ParsedStatistics?

    /// What has to be run before `copy`, in order.
    var preparations: [String] {
        [
            "SET preserve_insertion_order = false",
            // Texts of timestamps without a zone are in UTC.
            "SET TimeZone = 'UTC'",
            "CREATE TEMP TABLE entries AS \(selectEntries)",
            """
            CREATE TEMP TABLE newest AS SELECT path_key, vector_key, max(seen) AS seen FROM entries \
            WHERE path_key IS NOT NULL GROUP BY ALL
            """,
            "CREATE TEMP VIEW base AS \(union(base, CheckpointSQL.tableColumns))",
            "CREATE TEMP VIEW base_files AS \(union(baseFiles, CheckpointSQL.fileColumns))",
        ]
    }

    /// Writes the checkpoint into a file.
    func copy(to path: String) -> String {
        let parts = [
            newest(.protocol), newest(.metadata), newest(.transaction, per: "appId", where: transactionCondition),
            newest(.domain, per: "domain", where: #"NOT "domainMetadata"."removed""#), changedFiles, keptFiles,
        ]
        var rows = parts.joined(separator: " UNION ALL ")
        if let parsed {
            let columns = CheckpointColumn.all.map { column in
                (column.name == "add" ? parsed.add : "\"\(column.name)\"") + " AS \"\(column.name)\""
            }
            rows = "SELECT \(columns.joined(separator: ", ")) FROM (\(rows))"
        }
        return """
            COPY (\(rows)) TO \(CheckpointSchema.literal(path)) \
            (FORMAT parquet, COMPRESSION snappy, USE_TMP_FILE false)
            """
    }

    /// Counts what a checkpoint has: rows, files, their bytes, transactions, protocols, tables, domains, and files that do
    /// not say in which partition they are; then the table's id and schema.
    static func count(in path: String, column: String?) -> String {
        let lacks = column.map { #"NOT map_contains("add"."partitionValues", \#(CheckpointSchema.literal($0)))"# }
        return """
            SELECT count(*), count("add"."path"), coalesce(sum("add"."size"), 0)::BIGINT, count("txn"."appId"), \
            count("protocol"."minReaderVersion"), count("metaData"."id"), count("domainMetadata"."domain"), \
            count(*) FILTER (WHERE "add"."path" IS NOT NULL AND \(lacks ?? "false")), \
            any_value("metaData"."id"), any_value("metaData"."schemaString") \
            FROM read_parquet(\(glob(path)), hive_partitioning = false)
            """
    }

    /// A relation of lines of JSON, each an action.
    static func lines(of files: [String]) -> String {
        let columns = CheckpointColumn.all.map { "'\($0.name)': '\($0.type)'" }.joined(separator: ", ")
        return """
            read_json([\(files.map(glob).joined(separator: ", "))], format = 'newline_delimited', filename = true, \
            hive_partitioning = false, columns = {\(columns)})
            """
    }

    /// Whether lines of JSON have a field: statistics in their own types are in checkpoints only.
    static func isInEntries(_ path: String) -> Bool { !path.hasPrefix("add.stats_parsed") }

    /// A path as a literal where DuckDB expects a pattern.
    static func glob(_ path: String) -> String {
        var text = ""
        for character in path {
            text += "*?[".contains(character) ? "[\(character)]" : String(character)
        }
        return CheckpointSchema.literal(text)
    }

    private static let tableColumns: [CheckpointColumn] = [.protocol, .metadata, .transaction, .domain]
    private static let fileColumns: [CheckpointColumn] = [.add, .remove]

    private var selectEntries: String {
        let columns = CheckpointColumn.all.map { "\($0.expression(CheckpointSQL.isInEntries)) AS \"\($0.name)\"" }
        let isAny = CheckpointColumn.all.map { "\($0.presence) IS NOT NULL" }
        return """
            SELECT regexp_extract(filename, '([0-9]{20})[.]json$', 1)::BIGINT AS seen, \(columns.joined(separator: ", ")), \
            \(CheckpointSQL.pathKey) AS path_key, \(CheckpointSQL.vectorKey) AS vector_key \
            FROM \(CheckpointSQL.lines(of: entries)) WHERE \(isAny.joined(separator: " OR "))
            """
    }

    /// One spelling for every spelling of a path, as `DeltaPath.canonical` has it.
    private static let pathKey = """
        regexp_replace(url_decode(coalesce("add"."path", "remove"."path")), '^file:(//localhost/|/)/*', '/')
        """

    /// What tells a deletion vector from others, as `DeletionVector.uniqueID` has it.
    private static let vectorKey: String = {
        func id(_ action: String) -> String {
            let vector = "\"\(action)\".\"deletionVector\""
            return """
                CASE WHEN \(vector)."storageType" IS NOT NULL THEN \(vector)."storageType" || \
                \(vector)."pathOrInlineDv" || coalesce('@' || \(vector)."offset", '') ELSE '' END
                """
        }
        return "CASE WHEN \"add\".\"path\" IS NOT NULL THEN \(id("add")) ELSE \(id("remove")) END"
    }()

    private func union(_ relations: [Relation], _ columns: [CheckpointColumn]) -> String {
        let selects = relations.compactMap { relation -> String? in
            let present = columns.filter { relation.has($0.name + "." + $0.identity) }
            guard !present.isEmpty else { return nil }
            let keepsAll = parsed.map { !$0.keepsJSON } ?? false
            let values = columns.map { column in
                "\(column.expression(relation.has, keepsParsed: keepsAll)) AS \"\(column.name)\""
            }.joined(separator: ", ")
            let isAny = present.map { "\($0.presence) IS NOT NULL" }.joined(separator: " OR ")
            return "SELECT \(values) FROM \(relation.sql) WHERE \(isAny)"
        }
        let none = columns.map { "NULL::\($0.type) AS \"\($0.name)\"" }.joined(separator: ", ")
        return selects.isEmpty ? "SELECT \(none) WHERE false" : selects.joined(separator: " UNION ALL ")
    }

    /// Every column, all null but some.
    private func row(_ columns: String..., from: String) -> String {
        let values = CheckpointColumn.all.map { column in
            (columns.contains(column.name) ? "\"\(column.name)\"" : "NULL::\(column.type)") + " AS \"\(column.name)\""
        }
        return "SELECT \(values.joined(separator: ", ")) FROM \(from)"
    }

    /// The newest action of a kind, or the newest one for each value of a field.
    private func newest(_ column: CheckpointColumn, per field: String? = nil, where condition: String = "true")
        -> String
    {
        let name = "\"\(column.name)\""
        let partition = field.map { "PARTITION BY \(name).\"\($0)\" " } ?? ""
        let all = """
            SELECT seen, \(name) FROM entries WHERE \(column.presence) IS NOT NULL \
            UNION ALL SELECT -1 AS seen, \(name) FROM base WHERE \(column.presence) IS NOT NULL
            """
        let newest = "SELECT \(name) FROM (\(all)) QUALIFY row_number() OVER (\(partition)ORDER BY seen DESC) = 1"
        return row(column.name, from: "(\(newest)) WHERE \(condition)")
    }

    private var transactionCondition: String {
        // One without a time is kept: nobody can tell that it has expired.
        transactionsExpireBefore.map { #""txn"."lastUpdated" IS NULL OR "txn"."lastUpdated" > \#($0)"# } ?? "true"
    }

    /// A tombstone without a time has expired, as for other writers.
    private var fileCondition: String {
        let isKept = tombstonesExpireBefore.map { #"coalesce("remove"."deletionTimestamp", 0) > \#($0)"# } ?? "true"
        return "(\"add\".\"path\" IS NOT NULL OR \(isKept))"
    }

    private var changedFiles: String {
        row(
            "add", "remove",
            from: """
                (SELECT "add", "remove" FROM entries JOIN newest USING (path_key, vector_key, seen)) WHERE \(fileCondition)
                """)
    }

    private var keptFiles: String {
        row(
            "add", "remove",
            from: """
                (SELECT "add", "remove" FROM (SELECT "add", "remove", \(CheckpointSQL.pathKey) AS path_key, \
                \(CheckpointSQL.vectorKey) AS vector_key FROM base_files) ANTI JOIN newest USING (path_key, vector_key)) \
                WHERE \(fileCondition)
                """)
    }
}
