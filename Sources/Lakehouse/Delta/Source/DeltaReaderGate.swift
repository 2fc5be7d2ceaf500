/// Decides whether a Delta table may be read: a pure function of its protocol and its metadata.
///
/// "To read a table, readers must implement all features" of the reader's list: what is not known is refused, since rows
/// that are wrong are worse than none. What only writers must know does not matter here.
struct DeltaReaderGate {
    let `protocol`: DeltaProtocol
    let metadata: DeltaMetadata
    let schema: DeltaSchema?

    /// Everything that stands in the way, in a fixed order.
    var objections: [DeltaGate.Objection] {
        protocolObjections + propertyObjections + columnObjections
    }

    /// Whether columns may have other names in the files than in the table.
    var mapsColumns: Bool { (metadata.property("delta.columnMapping.mode") ?? "none") != "none" }

    private var protocolObjections: [DeltaGate.Objection] {
        guard (1...3).contains(`protocol`.minReaderVersion) else {
            return [
                DeltaGate.Objection(
                    subject: "minReaderVersion \(`protocol`.minReaderVersion)", reason: "versions 1 to 3 are known")
            ]
        }
        return (`protocol`.readerFeatures ?? []).sorted().filter { !DeltaReaderGate.known.contains($0) }.map { name in
            DeltaGate.Objection(
                subject: "the table feature \(name)",
                reason: DeltaReaderGate.reasons[name]
                    ?? "this version of reprocess does not know what it asks of a reader")
        }
    }

    private var propertyObjections: [DeltaGate.Objection] {
        let names = (metadata.configuration ?? [:]).keys.sorted()
        var objections: [DeltaGate.Objection] = []
        for (prefix, reason) in DeltaReaderGate.prefixes {
            guard let name = names.first(where: { $0.hasPrefix(prefix) && metadata.property($0)?.isEmpty == false })
            else { continue }
            objections.append(DeltaGate.Objection(subject: name, reason: reason))
        }
        if let provider = metadata.format?.provider, provider.lowercased() != "parquet" {
            objections.append(
                DeltaGate.Objection(subject: "the file format \(provider)", reason: "only Parquet is read"))
        }
        return objections
    }

    private var columnObjections: [DeltaGate.Objection] {
        guard let schema else {
            return [DeltaGate.Objection(subject: "the schema", reason: "it is missing or cannot be read")]
        }
        var objections: [DeltaGate.Objection] = []
        for field in schema.fields where field.type.sqlName == nil {
            objections.append(
                DeltaGate.Objection(
                    subject: "the type \(field.type.name) of column \(field.name)", reason: "it is not known here"))
        }
        for column in metadata.partitionColumns ?? [] {
            guard let field = schema.field(column) else {
                objections.append(
                    DeltaGate.Objection(subject: "the partition column \(column)", reason: "the schema lacks it"))
                continue
            }
            guard case .primitive(let type) = field.type, type != "binary" else {
                objections.append(
                    DeltaGate.Objection(
                        subject: "the partition column \(column) of type \(field.type.name)",
                        reason: "writers do not agree how its values are spelled"))
                continue
            }
            // With names that are mapped, the values are not looked at here.
            if type == "timestamp", mapsColumns {
                objections.append(
                    DeltaGate.Objection(
                        subject: "the partition column \(column) of type timestamp",
                        reason: "its values may be local times of whoever wrote them"))
            }
        }
        return objections
    }

    /// Reading the files by the table's schema is all that these ask, except for the last two, where it depends on what is
    /// read.
    private static let known: Set<String> = [
        "timestampNtz", "v2Checkpoint", "vacuumProtocolCheck", "deletionVectors", "columnMapping",
    ]

    private static let reasons = [
        "catalogManaged": "what its newest version is only its catalog knows",
        "catalogOwned-preview": "what its newest version is only its catalog knows",
        "typeWidening": "its files may have other types than the table",
        "typeWidening-preview": "its files may have other types than the table",
    ]

    private static let prefixes = [
        ("delta.coordinatedCommits.", "its newest commits may not be in its log yet"),
        ("delta.redirect", "the table has moved"),
    ]
}

extension DeltaType {
    /// The type as SQL spells it; nil for a type that is not known.
    var sqlName: String? {
        switch self {
        case .primitive(let name): DeltaType.sqlName(ofPrimitive: name)
        case .array(let element): element.sqlName.map { $0 + "[]" }
        case .map(let key, let value):
            if let key = key.sqlName, let value = value.sqlName { "MAP(\(key), \(value))" } else { nil }
        case .structure(let fields): DeltaType.sqlName(of: fields)
        }
    }

    private static func sqlName(of fields: [DeltaField]) -> String? {
        var parts: [String] = []
        for field in fields {
            guard let type = field.type.sqlName else { return nil }
            let name = field.name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            parts.append("\"\(name)\" \(type)")
        }
        return parts.isEmpty ? nil : "STRUCT(\(parts.joined(separator: ", ")))"
    }

    private static func sqlName(ofPrimitive name: String) -> String? {
        if name == "decimal" { return "DECIMAL(10,0)" }
        if name.hasPrefix("decimal(") { return name.replacing("decimal", with: "DECIMAL") }
        return [
            "string": "VARCHAR", "long": "BIGINT", "integer": "INTEGER", "short": "SMALLINT", "byte": "TINYINT",
            "float": "FLOAT", "double": "DOUBLE", "boolean": "BOOLEAN", "binary": "BLOB", "date": "DATE",
            "timestamp": "TIMESTAMP WITH TIME ZONE", "timestamp_ntz": "TIMESTAMP",
        ][name]
    }
}
