/// Statistics and partition values in their own types, as some tables want them in checkpoints ("Checkpoint Schema":
/// `stats_parsed` and `partitionValues_parsed`).
struct ParsedStatistics {
    /// Whether the statistics stay as JSON too.
    let keepsJSON: Bool
    private let fields: [DeltaField]
    private let partitionColumns: [DeltaField]

    /// What a table asks for; nil where JSON is all it wants.
    ///
    /// A table that wants no JSON gets the types, so that no statistics are lost.
    init?(_ properties: DeltaProperties, schema: DeltaSchema, partitionColumns: [String]) {
        guard properties.writesStatisticsAsStruct || !properties.writesStatisticsAsJSON else { return nil }
        keepsJSON = properties.writesStatisticsAsJSON
        self.partitionColumns = partitionColumns.compactMap(schema.field)
        fields = schema.fields.filter { !partitionColumns.contains($0.name) }
    }

    /// An `add` with both, out of one with statistics as JSON.
    var add: String {
        let json = #""add"."stats""#
        let parsed = "from_json(\(json), \(CheckpointSchema.literal(structure)))"
        var columns = CheckpointColumn.add.fields.map { field in
            let value = field.name == "stats" && !keepsJSON ? "NULL::VARCHAR" : #""add"."\#(field.name)""#
            return "'\(field.name)': \(value)"
        }
        columns.append("'stats_parsed': \(parsed)")
        if !partitionColumns.isEmpty { columns.append("'partitionValues_parsed': {\(partitionValues)}") }
        return #"CASE WHEN "add"."path" IS NOT NULL THEN {\#(columns.joined(separator: ", "))} END"#
    }

    /// The empty text is null ("Partition Value Serialization").
    private var partitionValues: String {
        partitionColumns.compactMap { field in
            let type = ParsedStatistics.sql(field.type) ?? "VARCHAR"
            let name = CheckpointSchema.literal(field.name)
            return "\(name): TRY_CAST(nullif(\"add\".\"partitionValues\"[\(name)], '') AS \(type))"
        }.joined(separator: ", ")
    }

    /// The types of all statistics, in the form that `from_json` expects.
    private var structure: String {
        var parts = [#""numRecords":"BIGINT""#]
        let extremes = ParsedStatistics.types(of: fields) {
            ParsedStatistics.hasExtremes($0) ? ParsedStatistics.sql($0) : nil
        }
        let nulls = ParsedStatistics.types(of: fields) { _ in "BIGINT" }
        if let extremes { parts += [#""minValues":\#(extremes)"#, #""maxValues":\#(extremes)"#] }
        if let nulls { parts.append(#""nullCount":\#(nulls)"#) }
        return "{\(parts.joined(separator: ",")),\"tightBounds\":\"BOOLEAN\"}"
    }

    /// The types of fields that have statistics; nil where none has.
    private static func types(of fields: [DeltaField], _ type: (DeltaType) -> String?) -> String? {
        let parts = fields.compactMap { field -> String? in
            let text =
                switch field.type {
                case .structure(let inner): types(of: inner, type)
                default: type(field.type).map { "\"\($0)\"" }
                }
            return text.map { "\(JSONText.quoted(field.name)):\($0)" }
        }
        return parts.isEmpty ? nil : "{\(parts.joined(separator: ","))}"
    }

    private static func hasExtremes(_ type: DeltaType) -> Bool {
        guard case .primitive(let name) = type else { return false }
        return name != "boolean" && name != "binary"
    }

    private static func sql(_ type: DeltaType) -> String? {
        guard case .primitive(let name) = type else { return nil }
        let types = [
            "byte": "TINYINT", "short": "SMALLINT", "integer": "INTEGER", "long": "BIGINT", "float": "FLOAT",
            "double": "DOUBLE", "string": "VARCHAR", "boolean": "BOOLEAN", "binary": "BLOB", "date": "DATE",
            "timestamp": "TIMESTAMP WITH TIME ZONE", "timestamp_ntz": "TIMESTAMP",
        ]
        return types[name] ?? (name.hasPrefix("decimal(") ? name.uppercased() : nil)
    }
}
