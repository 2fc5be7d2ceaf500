/// Decides whether a Delta table may be written: a pure function of its protocol and its metadata.
///
/// "To write a table, writers must implement all features" of both lists ("Writer Requirements"): what is not known to be
/// safe is refused, before any work.
struct DeltaGate {
    /// One reason why a table is refused.
    struct Objection: Hashable, CustomStringConvertible {
        /// The feature, property or column.
        let subject: String
        /// Why it stands in the way.
        let reason: String

        var description: String { "\(subject) (\(reason))" }
    }

    let `protocol`: DeltaProtocol
    let metadata: DeltaMetadata
    let schema: DeltaSchema?

    /// Everything that stands in the way, in a fixed order.
    var objections: [Objection] {
        versionObjections + featureObjections + propertyObjections + formatObjections + columnObjections
    }

    private var versionObjections: [Objection] {
        var objections: [Objection] = []
        if !(1...3).contains(`protocol`.minReaderVersion) {
            objections.append(
                Objection(
                    subject: "minReaderVersion \(`protocol`.minReaderVersion)", reason: "versions 1 to 3 are known"))
        }
        if !(1...7).contains(`protocol`.minWriterVersion) {
            objections.append(
                Objection(
                    subject: "minWriterVersion \(`protocol`.minWriterVersion)", reason: "versions 1 to 7 are known"))
        }
        return objections
    }

    private var featureObjections: [Objection] {
        let features = Set((`protocol`.readerFeatures ?? []) + (`protocol`.writerFeatures ?? []))
        return features.sorted().compactMap { name in
            guard case .refused(let reason) = TableFeature.rule(for: name) else {
                // Rows get their numbers as soon as the table supports the feature, enabled or not.
                guard name == "rowTracking", !isOn("delta.rowTrackingSuspended") else { return nil }
                return Objection(subject: "the table feature rowTracking", reason: "new files would need row ids")
            }
            return Objection(subject: "the table feature \(name)", reason: reason)
        }
    }

    private var propertyObjections: [Objection] {
        var objections: [Objection] = []
        for (name, reason) in DeltaGate.switches where isOn(name) {
            objections.append(Objection(subject: "\(name) = true", reason: reason))
        }
        let mode = metadata.property("delta.columnMapping.mode") ?? "none"
        if mode != "none" {
            objections.append(
                Objection(
                    subject: "delta.columnMapping.mode = \(mode)",
                    reason: "columns have other names in the files than in the table"))
        }
        let names = (metadata.configuration ?? [:]).keys.sorted()
        for (prefix, reason) in DeltaGate.prefixes {
            if let name = names.first(where: { $0.hasPrefix(prefix) && metadata.property($0)?.isEmpty == false }) {
                objections.append(Objection(subject: name, reason: reason))
            }
        }
        return objections
    }

    private var formatObjections: [Objection] {
        guard let provider = metadata.format?.provider, provider.lowercased() != "parquet" else { return [] }
        return [Objection(subject: "the file format \(provider)", reason: "only Parquet is written")]
    }

    private var columnObjections: [Objection] {
        guard let schema else {
            return [Objection(subject: "the schema", reason: "it is missing or cannot be read")]
        }
        let type = DeltaType.structure(schema.fields)
        var objections: [Objection] = []
        for field in type.allFields {
            for (prefix, reason) in DeltaGate.fieldKeys
            where field.metadataKeys.contains(where: { $0.hasPrefix(prefix) }) {
                objections.append(Objection(subject: "\(prefix) of column \(field.name)", reason: reason))
            }
        }
        for name in Set(type.primitives).sorted() where !DeltaGate.isKnown(type: name) {
            objections.append(Objection(subject: "the type \(name)", reason: "it is not known here"))
        }
        let known = Set(schema.fields.map(\.name))
        for column in metadata.partitionColumns ?? [] where !known.contains(column) {
            objections.append(Objection(subject: "the partition column \(column)", reason: "the schema lacks it"))
        }
        return objections
    }

    private func isOn(_ property: String) -> Bool { metadata.property(property)?.lowercased() == "true" }

    private static let switches = [
        ("delta.appendOnly", "replacing a partition removes data"),
        ("delta.enableRowTracking", "new files would need row ids"),
        ("delta.enableIcebergCompatV1", "its files must also be right for Iceberg"),
        ("delta.enableIcebergCompatV2", "its files must also be right for Iceberg"),
        ("delta.enableIcebergCompatV3", "its files must also be right for Iceberg"),
        ("delta.enableTypeWidening", "its columns may have changed their types"),
    ]

    private static let prefixes = [
        ("delta.constraints.", "rows are not checked against constraints"),
        ("delta.universalFormat.enabledFormats", "the other format would not follow"),
        ("delta.coordinatedCommits.", "its commits must go through a coordinator"),
        ("delta.redirect", "the table has moved"),
    ]

    private static let fieldKeys = [
        ("delta.invariants", "rows are not checked against invariants"),
        ("delta.generationExpression", "generated columns are not computed"),
        ("delta.identity.", "identity columns are not numbered"),
        ("CURRENT_DEFAULT", "defaults of columns are not filled in"),
        ("delta.typeChanges", "its columns may have changed their types"),
        ("__CHAR_VARCHAR_TYPE_STRING", "lengths of text are not checked"),
    ]

    private static func isKnown(type name: String) -> Bool {
        let known: Set<String> = [
            "string", "long", "integer", "short", "byte", "float", "double", "boolean", "binary", "date", "timestamp",
            "timestamp_ntz", "decimal",
        ]
        // Old writers spell the default decimal without its parameters.
        return known.contains(name) || name.hasPrefix("decimal(")
    }
}
