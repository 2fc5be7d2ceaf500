/// A column of a checkpoint: one kind of action, with the fields that the protocol has for it ("Checkpoint Schema").
struct CheckpointColumn: Sendable {
    /// What a field holds.
    indirect enum Kind: Sendable {
        case plain(String)
        /// The field that is never null where the struct is there, and all of its fields.
        case structure(identity: String, [Field])
    }

    /// A field of an action.
    struct Field: Sendable {
        let name: String
        let kind: Kind
        /// What is written where the field is null, as SQL.
        let fallback: String?

        init(_ name: String, _ type: String, orElse fallback: String? = nil) {
            self.init(name, .plain(type), orElse: fallback)
        }

        init(_ name: String, _ kind: Kind, orElse fallback: String? = nil) {
            self.name = name
            self.kind = kind
            self.fallback = fallback
        }
    }

    let name: String
    let identity: String
    let fields: [Field]

    /// The type of the column, as DuckDB writes it.
    var type: String { Kind.structure(identity: identity, fields).sql }

    /// The path of the field that is never null where the action is there.
    var presence: String { "\(CheckpointColumn.quoted(name)).\(CheckpointColumn.quoted(identity))" }

    /// The column's value out of a relation that may lack the column, or some of its fields.
    ///
    /// - Parameters:
    ///   - has: Whether the relation has a field, by its path, such as `add.deletionVector.offset`.
    ///   - keepsParsed: Whether statistics in their own types become JSON as DuckDB writes it, where there is no other.
    /// - Returns: An expression of the column's type.
    func expression(_ has: (String) -> Bool, keepsParsed: Bool = false) -> String {
        CheckpointColumn.structure([name], identity, fields, keepsParsed, has) ?? "NULL::\(type)"
    }

    private static func structure(
        _ path: [String], _ identity: String, _ fields: [Field], _ keepsParsed: Bool, _ has: (String) -> Bool
    ) -> String? {
        guard has((path + [identity]).joined(separator: ".")) else { return nil }
        let pairs = fields.map { "'\($0.name)': \(value(of: $0, path + [$0.name], keepsParsed, has))" }
        let access = (path + [identity]).map(quoted).joined(separator: ".")
        let type = Kind.structure(identity: identity, fields).sql
        return "CASE WHEN \(access) IS NOT NULL THEN {\(pairs.joined(separator: ", "))}::\(type) END"
    }

    private static func value(
        of field: Field, _ path: [String], _ keepsParsed: Bool, _ has: (String) -> Bool
    ) -> String {
        var found: String?
        switch field.kind {
        case .plain:
            if has(path.joined(separator: ".")) { found = path.map(quoted).joined(separator: ".") }
            // A checkpoint may carry its statistics in their own types alone. Where they become JSON for good, only the
            // number of rows is kept of them: DuckDB does not spell times as the protocol does.
            if path == ["add", "stats"], has("add.stats_parsed.numRecords") {
                let parsed =
                    keepsParsed
                    ? #"to_json("add"."stats_parsed")::VARCHAR"#
                    : #"'{"numRecords":' || "add"."stats_parsed"."numRecords" || '}'"#
                // The column for JSON may be there all the same, without a value.
                found = found.map { "coalesce(\($0), \(parsed))" } ?? parsed
            }
        case .structure(let identity, let fields): found = structure(path, identity, fields, keepsParsed, has)
        }
        guard let found else { return field.fallback ?? "NULL" }
        return field.fallback.map { "coalesce(\(found), \($0))" } ?? found
    }

    fileprivate static func quoted(_ name: String) -> String { "\"\(name)\"" }
}

extension CheckpointColumn.Kind {
    /// The type, as DuckDB writes it.
    var sql: String {
        switch self {
        case .plain(let type): type
        case .structure(_, let fields):
            "STRUCT(\(fields.map { CheckpointColumn.quoted($0.name) + " " + $0.kind.sql }.joined(separator: ", ")))"
        }
    }
}

extension CheckpointColumn {
    static let map = "MAP(VARCHAR, VARCHAR)"
    private static let emptyMap = "MAP {}::MAP(VARCHAR, VARCHAR)"

    private static let deletionVector = Kind.structure(
        identity: "storageType",
        [
            Field("storageType", "VARCHAR"), Field("pathOrInlineDv", "VARCHAR"), Field("offset", "INTEGER"),
            Field("sizeInBytes", "INTEGER"), Field("cardinality", "BIGINT"), Field("maxRowIndex", "BIGINT"),
        ])

    static let `protocol` = CheckpointColumn(
        name: "protocol", identity: "minReaderVersion",
        fields: [
            Field("minReaderVersion", "INTEGER"), Field("minWriterVersion", "INTEGER"),
            Field("readerFeatures", "VARCHAR[]"), Field("writerFeatures", "VARCHAR[]"),
        ])

    static let metadata = CheckpointColumn(
        name: "metaData", identity: "id",
        fields: [
            Field("id", "VARCHAR"), Field("name", "VARCHAR"), Field("description", "VARCHAR"),
            Field(
                "format",
                .structure(
                    identity: "provider", [Field("provider", "VARCHAR"), Field("options", map, orElse: emptyMap)])),
            Field("schemaString", "VARCHAR"), Field("partitionColumns", "VARCHAR[]", orElse: "[]::VARCHAR[]"),
            Field("createdTime", "BIGINT"), Field("configuration", map, orElse: emptyMap),
        ])

    static let transaction = CheckpointColumn(
        name: "txn", identity: "appId",
        fields: [Field("appId", "VARCHAR"), Field("version", "BIGINT"), Field("lastUpdated", "BIGINT")])

    static let add = CheckpointColumn(
        name: "add", identity: "path",
        fields: [
            Field("path", "VARCHAR"), Field("partitionValues", map, orElse: emptyMap), Field("size", "BIGINT"),
            Field("modificationTime", "BIGINT", orElse: "0"), Field("dataChange", "BOOLEAN", orElse: "false"),
            Field("stats", "VARCHAR"), Field("tags", map), Field("deletionVector", deletionVector),
            Field("baseRowId", "BIGINT"), Field("defaultRowCommitVersion", "BIGINT"),
            Field("clusteringProvider", "VARCHAR"),
        ])

    static let remove = CheckpointColumn(
        name: "remove", identity: "path",
        fields: [
            Field("path", "VARCHAR"), Field("deletionTimestamp", "BIGINT"),
            Field("dataChange", "BOOLEAN", orElse: "false"), Field("extendedFileMetadata", "BOOLEAN"),
            Field("partitionValues", map), Field("size", "BIGINT"), Field("deletionVector", deletionVector),
            Field("baseRowId", "BIGINT"), Field("defaultRowCommitVersion", "BIGINT"),
        ])

    static let domain = CheckpointColumn(
        name: "domainMetadata", identity: "domain",
        fields: [
            Field("domain", "VARCHAR"), Field("configuration", "VARCHAR", orElse: "''"),
            Field("removed", "BOOLEAN", orElse: "false"),
        ])

    /// Every column, in the order in which they are written.
    static let all = [`protocol`, metadata, transaction, add, remove, domain]
}
