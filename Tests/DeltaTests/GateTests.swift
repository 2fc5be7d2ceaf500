import Testing

@testable import Lakehouse

/// Which tables are refused, by what their protocol and metadata say.
struct GateTests {
    private static let features: [(String, Bool)] = [
        ("appendOnly", true), ("invariants", true), ("checkConstraints", true), ("generatedColumns", true),
        ("identityColumns", true), ("allowColumnDefaults", true), ("changeDataFeed", true), ("columnMapping", true),
        ("deletionVectors", true), ("timestampNtz", true), ("v2Checkpoint", true), ("vacuumProtocolCheck", true),
        ("domainMetadata", true), ("inCommitTimestamp", true), ("rowTracking", false), ("clustering", false),
        ("catalogManaged", false), ("catalogOwned-preview", false), ("coordinatedCommits-preview", false),
        ("icebergCompatV1", false), ("icebergCompatV2", false), ("icebergCompatV3", false),
        ("icebergWriterCompatV1", false), ("materializePartitionColumns", false), ("typeWidening", false),
        ("typeWidening-preview", false), ("variantType", false), ("variantShredding-preview", false),
        ("collations", false), ("geospatial", false), ("timestampNanos", false), ("checkpointProtection", false),
        ("adaptiveMetadata-preview", false), ("tomorrowsFeature", false),
    ]

    @Test(arguments: features)
    func `A table feature is accepted where nothing has to be done for it`(name: String, isAccepted: Bool) {
        for list in [\DeltaProtocol.readerFeatures, \.writerFeatures] {
            var gate = Self.gate()
            var `protocol` = DeltaProtocol(
                minReaderVersion: 3, minWriterVersion: 7, readerFeatures: [], writerFeatures: [])
            `protocol`[keyPath: list] = [name]
            gate = DeltaGate(protocol: `protocol`, metadata: gate.metadata, schema: gate.schema)
            #expect(gate.objections.map(\.subject) == (isAccepted ? [] : ["the table feature \(name)"]))
        }
    }

    @Test(arguments: [
        ("delta.appendOnly", "true"), ("delta.appendOnly", "TRUE"), ("delta.enableRowTracking", "true"),
        ("delta.columnMapping.mode", "name"),
        ("delta.columnMapping.mode", "id"), ("delta.constraints.positive", "v > 0"),
        ("delta.universalFormat.enabledFormats", "iceberg"), ("delta.enableIcebergCompatV1", "true"),
        ("delta.coordinatedCommits.commitCoordinator-preview", "dynamodb"),
        ("delta.redirectReaderWriter-preview", "{}"),
        ("delta.enableTypeWidening", "true"),
    ])
    func `A property that asks something of a writer is refused by its name`(name: String, value: String) {
        let subjects = Self.gate(properties: [name: value]).objections.map(\.subject)
        #expect(subjects.count == 1 && subjects.first?.hasPrefix(name) == true, "\(subjects)")
    }

    @Test(arguments: [
        ("delta.appendOnly", "false"), ("delta.columnMapping.mode", "none"), ("delta.enableChangeDataFeed", "true"),
        ("delta.enableDeletionVectors", "true"), ("delta.enableInCommitTimestamps", "true"),
        ("delta.logRetentionDuration", "interval 1 day"), ("mine", "true"),
    ])
    func `A property that asks nothing is accepted`(name: String, value: String) {
        #expect(Self.gate(properties: [name: value]).objections.isEmpty)
    }

    @Test func `Row tracking is accepted while it is suspended`() {
        let gate = DeltaGate(
            protocol: DeltaProtocol(
                minReaderVersion: 1, minWriterVersion: 7, readerFeatures: nil, writerFeatures: ["rowTracking"]),
            metadata: Self.gate(properties: ["delta.rowTrackingSuspended": "true"]).metadata, schema: Self.gate().schema
        )
        #expect(gate.objections.isEmpty)
    }

    @Test(arguments: [
        "delta.invariants", "delta.generationExpression", "delta.identity.start", "CURRENT_DEFAULT",
        "__CHAR_VARCHAR_TYPE_STRING",
    ])
    func `A column that must be checked or computed is refused, also within a struct`(key: String) {
        var field = DeltaField(name: "v", type: .primitive("long"))
        field.metadataKeys = [key]
        let nested = DeltaField(name: "s", type: .array(element: .structure([field])))
        for fields in [[field], [nested]] {
            let subjects = Self.gate(fields: fields).objections.map(\.subject)
            #expect(subjects.count == 1 && subjects[0].hasSuffix("of column v"), "\(subjects)")
        }
    }

    @Test(arguments: [(0, 2), (4, 7), (1, 8), (99, 7)])
    func `Versions that are not known are refused`(reader: Int, writer: Int) {
        let gate = Self.gate()
        let other = DeltaGate(
            protocol: DeltaProtocol(minReaderVersion: reader, minWriterVersion: writer), metadata: gate.metadata,
            schema: gate.schema)
        #expect(other.objections.count == 1)
    }

    @Test func `Types that are not known, and a partition column that is none, are refused`() {
        let gate = Self.gate(fields: [
            DeltaField(name: "g", type: .map(key: .primitive("string"), value: .primitive("geometry")))
        ])
        #expect(gate.objections.map(\.subject) == ["the type geometry"])
        let other = Self.gate(columns: ["x"])
        #expect(other.objections.map(\.subject) == ["the partition column x"])
        #expect(Self.gate(provider: "orc").objections.map(\.subject) == ["the file format orc"])
    }

    private static func gate(
        properties: [String: String?] = [:], fields: [DeltaField] = [], columns: [String] = ["d"],
        provider: String = "parquet"
    ) -> DeltaGate {
        let metadata = DeltaMetadata(
            id: "id", format: DeltaMetadata.Format(provider: provider), schemaString: nil, partitionColumns: columns,
            configuration: properties, createdTime: nil)
        return DeltaGate(
            protocol: DeltaProtocol(minReaderVersion: 1, minWriterVersion: 2), metadata: metadata,
            schema: DeltaSchema(fields: [DeltaField(name: "d", type: .primitive("date"))] + fields))
    }
}
