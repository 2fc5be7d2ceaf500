import Testing

@testable import Lakehouse

/// Which tables are not read, by what their protocol and metadata say.
struct ReaderGateTests {
    @Test(arguments: [
        ("timestampNtz", true), ("v2Checkpoint", true), ("vacuumProtocolCheck", true), ("deletionVectors", true),
        ("columnMapping", true), ("typeWidening", false), ("typeWidening-preview", false), ("variantType", false),
        ("variantType-preview", false), ("variantShredding-preview", false), ("catalogManaged", false),
        ("catalogOwned-preview", false), ("tomorrowsFeature", false),
    ])
    func `A feature of the reader's list is refused where it is not known`(name: String, isAccepted: Bool) {
        let gate = Self.gate(reader: 3, features: [name])
        #expect(gate.objections.map(\.subject) == (isAccepted ? [] : ["the table feature \(name)"]))
    }

    @Test func `What only writers must know does not keep a reader out`() {
        let writers = [
            "rowTracking", "clustering", "icebergCompatV2", "checkConstraints", "collations", "tomorrowsFeature",
        ]
        let gate = Self.gate(
            reader: 1, features: nil, writerFeatures: writers, properties: ["delta.appendOnly": "true"])
        #expect(gate.objections.isEmpty)
    }

    @Test(arguments: [0, 4, 99])
    func `A version of the reader's protocol that is not known is refused`(version: Int) {
        #expect(Self.gate(reader: version).objections.map(\.subject) == ["minReaderVersion \(version)"])
    }

    @Test(arguments: [
        "delta.coordinatedCommits.commitCoordinator-preview", "delta.redirectReaderWriter-preview",
    ])
    func `A log that may not have the newest version is refused`(property: String) {
        #expect(Self.gate(properties: [property: "x"]).objections.map(\.subject) == [property])
    }

    @Test func `A format or a schema that cannot be read is refused`() {
        #expect(Self.gate(provider: "orc").objections.map(\.subject) == ["the file format orc"])
        let odd = DeltaField(name: "s", type: .structure([DeltaField(name: "g", type: .primitive("geometry"))]))
        #expect(Self.gate(fields: [odd]).objections.map(\.subject) == ["the type struct<g: geometry> of column s"])
        let none = DeltaReaderGate(
            protocol: DeltaProtocol(minReaderVersion: 1, minWriterVersion: 2), metadata: Self.gate().metadata,
            schema: nil)
        #expect(none.objections.map(\.subject) == ["the schema"])
        #expect(Self.gate(columns: ["x"]).objections.map(\.subject) == ["the partition column x"])
        let binary = DeltaField(name: "b", type: .primitive("binary"))
        #expect(
            Self.gate(fields: [binary], columns: ["b"]).objections.map(\.subject)
                == ["the partition column b of type binary"])
    }

    @Test func `Types have the names that SQL has for them`() {
        let type = DeltaType.map(
            key: .primitive("string"),
            value: .array(
                element: .structure([
                    DeltaField(name: "a \"b\"", type: .primitive("decimal(10,2)")),
                    DeltaField(name: "t", type: .primitive("timestamp")),
                ])))
        #expect(
            type.sqlName == "MAP(VARCHAR, STRUCT(\"a \"\"b\"\"\" DECIMAL(10,2), \"t\" TIMESTAMP WITH TIME ZONE)[])")
        #expect(DeltaType.primitive("void").sqlName == nil)
    }

    private static func gate(
        reader: Int = 1, features: [String]? = nil, writerFeatures: [String]? = nil,
        properties: [String: String?] = [:], fields: [DeltaField] = [], columns: [String] = ["d"],
        provider: String = "parquet"
    ) -> DeltaReaderGate {
        DeltaReaderGate(
            protocol: DeltaProtocol(
                minReaderVersion: reader, minWriterVersion: 7, readerFeatures: features, writerFeatures: writerFeatures),
            metadata: DeltaMetadata(
                id: "id", format: DeltaMetadata.Format(provider: provider), schemaString: nil,
                partitionColumns: columns, configuration: properties, createdTime: nil),
            schema: DeltaSchema(fields: [DeltaField(name: "d", type: .primitive("date"))] + fields))
    }
}
