import Testing

@testable import Lakehouse

/// Partition values, paths and schemas, without a disk.
struct ValueTests {
    @Test(arguments: [
        ("2024-01-31", "date", PartitionValue.date(19_753)), ("2024-1-31", "date", .malformed("2024-1-31")),
        ("2024-02-30", "date", .malformed("2024-02-30")), ("", "date", .null), ("", "string", .null),
        ("007", "integer", .integer(7)), ("7", "long", .integer(7)), ("x", "long", .malformed("x")),
        ("TRUE", "boolean", .boolean(true)), ("1", "boolean", .malformed("1")),
        ("2024-01-31 01:02:03", "timestamp_ntz", .timestamp(1_706_662_923_000_000)),
        ("2024-01-31T01:02:03.000000", "timestamp_ntz", .timestamp(1_706_662_923_000_000)),
        ("2024-01-31 01:02:03.5", "timestamp_ntz", .timestamp(1_706_662_923_500_000)),
        ("2024-01-31T01:02:03.000000Z", "timestamp", .timestamp(1_706_662_923_000_000)),
        ("2024-01-31 01:02:03", "timestamp", .zonelessInstant(1_706_662_923_000_000)),
        ("2024-01-31 25:02:03", "timestamp_ntz", .malformed("2024-01-31 25:02:03")),
        ("2024-01-31", "string", .text("2024-01-31")),
    ])
    func `Values are compared by what they mean`(text: String, type: String, value: PartitionValue) {
        #expect(PartitionValue(text, type: .primitive(type)) == value)
    }

    @Test func `A value that the log does not give is not null`() throws {
        var files = LiveFiles()
        files.index(by: DeltaField(name: "d", type: .primitive("date")))
        files.insert(
            LiveFile(
                path: "a", partitionValues: ["D": "2024-01-31"], size: 1, deletionVector: nil, rows: nil,
                publishedFiles: nil))
        #expect(Array(files.values) == [.missing])
        #expect(files.unusable == 1)
        files.index(by: DeltaField(name: "D", type: .primitive("date")))
        #expect(files.unusable == 0 && Array(files.values) == [.date(19_753)])
        files.index(by: DeltaField(name: "D", type: .primitive("long")))
        #expect(files.unusable == 1)
        files.remove(FileKey(path: "a", deletionVector: nil))
        #expect(files.unusable == 0 && files.count == 0)
    }

    @Test(arguments: [
        ("a", "a"), ("a%20b", "a b"), ("file:/x/a", "/x/a"), ("file:///x/a", "/x/a"), ("file://localhost/x/a", "/x/a"),
        ("/x/a", "/x/a"), ("a%252Fb", "a%2Fb"), ("100%", "100%"), ("s3://bucket/a", "s3://bucket/a"),
    ])
    func `Two spellings of a path are one`(path: String, canonical: String) {
        #expect(DeltaPath.canonical(path) == canonical)
    }

    @Test(
        arguments: [
            ("d", "2024-01-01", "d=2024-01-01", "d=2024-01-01"), ("k", "x=y:z", "k=x%3Dy%3Az", "k=x%253Dy%253Az"),
            ("k", "a/b %é", "k=a%2Fb %25é", "k=a%252Fb%20%2525%C3%A9"),
            ("k", nil, "k=__HIVE_DEFAULT_PARTITION__", "k=__HIVE_DEFAULT_PARTITION__"),
        ] as [(String, String?, String, String)])
    func `A partition's folder is escaped as Hive does it, and the path once more`(
        column: String, value: String?, folder: String, path: String
    ) throws {
        #expect(DeltaPath.folder(column: column, value: value) == folder)
        #expect(DeltaPath.encoded(folder) == path)
        #expect(DeltaPath.decoded(path) == folder)
        let read = try #require(DeltaPath.partition(folder: folder))
        #expect(read.column == column && read.value == value)
    }

    @Test func `A schema is read and written`() throws {
        let json = """
            {"type":"struct","fields":[{"name":"a","type":"long","nullable":false,"metadata":{"delta.invariants":"x"}},\
            {"name":"b","type":{"type":"array","elementType":{"type":"struct","fields":[{"name":"c","type":"decimal(10,2)",\
            "nullable":true,"metadata":{}}]},"containsNull":true},"nullable":true,"metadata":{}},\
            {"name":"m","type":{"type":"map","keyType":"string","valueType":"date","valueContainsNull":true},\
            "nullable":true,"metadata":{}}]}
            """
        let schema = try DeltaSchema(json: json)
        #expect(schema.fields.map(\.type.name) == ["long", "array<struct<c: decimal(10,2)>>", "map<string, date>"])
        #expect(schema.fields.map(\.isNullable) == [false, true, true])
        #expect(schema.fields[0].metadataKeys == ["delta.invariants"])
        let again = try DeltaSchema(json: schema.json())
        #expect(again.fields.map(\.type) == schema.fields.map(\.type))
    }

    @Test func `Which fields a checkpoint has is told from its schema`() {
        let schema = CheckpointSchema(rows: [
            ("schema", 2), ("txn", 2), ("appId", 0), ("version", 0), ("add", 2), ("path", 0), ("deletionVector", 1),
            ("storageType", 0),
        ])
        #expect(schema.has("txn.version") && schema.has("add.deletionVector.storageType") && schema.has("add.path"))
        #expect(!schema.has("path") && !schema.has("txn.path") && !schema.has("metaData"))
        #expect(schema.queryForTable(file: "f") == "SELECT to_json({'txn': \"txn\"}) FROM f WHERE \"txn\" IS NOT NULL")
    }
}
