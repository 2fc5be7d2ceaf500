import Foundation
import TestSupport
import Testing

@testable import Lakehouse

/// Every golden table is opened, refused or failed as its name says.
@Suite(.enabled(if: SharedData.path != nil, "the golden tables are not there"))
struct GoldenTableTests {
    @Test(arguments: GoldenTables.names)
    func `A golden table is read as other implementations read it`(name: String) throws {
        if let reason = GoldenTableTests.unreadable[name] {
            let error = #expect(throws: TableError.self) { try read(name) { _ in } }
            #expect(error?.code == .refused)
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
            return
        }
        try read(name) { replay in
            var subjects = replay.objections.map { $0.subject.components(separatedBy: " of column ")[0] }
            subjects = subjects.enumerated().filter { $0 == 0 || subjects[$0 - 1] != $1 }.map(\.1)
            #expect(subjects == GoldenTableTests.refused[name] ?? [])
            guard let oracle = GoldenTables.oracle[name] else {
                #expect(GoldenTableTests.withoutSchema.contains(name))
                return
            }
            #expect(replay.version == oracle.version)
            #expect(replay.protocol?.minReaderVersion == oracle.minReader)
            #expect(replay.protocol?.minWriterVersion == oracle.minWriter)
            let features = (replay.protocol?.readerFeatures ?? []) + (replay.protocol?.writerFeatures ?? [])
            #expect(Set(features) == oracle.features)
            #expect(replay.files.count == oracle.files)
            let rows = replay.files.all.map { file in file.rows.map { $0 - (file.deletionVector?.cardinality ?? 0) } }
            if let expected = oracle.rows, rows.allSatisfy({ $0 != nil }), !rows.isEmpty {
                #expect(rows.compactMap(\.self).reduce(0, +) == expected)
            }
        }
    }

    @Test func `The live files of every golden table are those that deltalake lists`() async throws {
        struct Answer: Decodable {
            let version: Int64?
            let files: [String]?
        }
        let paths = GoldenTables.names.map(GoldenTables.path)
        let answers = try JSONDecoder().decode([String: Answer].self, from: await Python.run("live_files.py", paths))
        var compared = 0
        for name in GoldenTables.names {
            guard let answer = answers[GoldenTables.path(name)], let files = answer.files else { continue }
            try read(name) { replay in
                #expect(replay.version == answer.version, "\(name)")
                #expect(replay.files.all.map { DeltaPath.canonical($0.path) }.sorted() == files.sorted(), "\(name)")
            }
            compared += 1
        }
        #expect(compared == GoldenTables.oracle.count)
    }

    @Test func `A folder without a log is no table`() throws {
        let none = try DeltaLog(root: GoldenTables.path("no-delta-log-folder"), column: "x").withLatest { $0 == nil }
        #expect(none)
    }

    @Test func `Partition values of every type are read, and null as null`() throws {
        try read("data-reader-partition-values") { replay in
            let schema = try #require(replay.schema)
            var values: [String: Set<PartitionValue>] = [:]
            for file in replay.files.all {
                for (name, text) in file.partitionValues {
                    let field = try #require(schema.field(name))
                    values[name, default: []].insert(PartitionValue(text, type: field.type))
                }
            }
            #expect(values["as_int"] == [.integer(0), .integer(1), .null])
            #expect(values["as_boolean"] == [.boolean(true), .boolean(false), .null])
            // 2021-09-08, 18,878 days after the epoch.
            #expect(values["as_date"] == [.date(18_878), .null])
            #expect(values["as_timestamp"] == [.zonelessInstant((18_878 * 86_400 + 40_271) * 1_000_000), .null])
            #expect(values["as_string_lit_null"] == [.text("null"), .null])
            #expect(values.values.joined().allSatisfy { !$0.isUnusable })
        }
    }

    private func read(_ name: String, _ body: (borrowing LogReplay) throws -> Void) throws {
        try DeltaLog(root: GoldenTables.path(name), column: "none").withLatest { replay in
            try body(try #require(replay))
        }
    }

    /// Tables whose log is damaged, and a word of the message.
    private static let unreadable = [
        "data-reader-absolute-paths-escaped-chars": "no metaData action",
        "deltalog-state-reconstruction-from-checkpoint-missing-metadata": "no metaData action",
        "deltalog-state-reconstruction-from-checkpoint-missing-protocol": "no protocol action",
        "deltalog-state-reconstruction-without-metadata": "no metaData action",
        "deltalog-state-reconstruction-without-protocol": "no protocol action",
        "versions-not-contiguous": "lacks version 1",
    ]

    /// Fixtures of another implementation whose metadata has no schema: `deltalake` cannot open them at all.
    private static let withoutSchema: Set<String> = [
        "canonicalized-paths-normal-a", "canonicalized-paths-normal-b", "canonicalized-paths-special-a",
        "canonicalized-paths-special-b", "corrupted-last-checkpoint", "deltalog-commit-info",
        "update-deleted-directory",
        "deltalog-invalid-protocol-version",
    ]

    /// Tables that can be read, but must not be written, and what stands in the way.
    private static let refused = [
        "collations-preview-table": ["the table feature collations-preview"],
        "collations-table": ["the table feature collations"],
        "data-reader-timestamp_ntz-id-mode": ["delta.columnMapping.mode = id"],
        "data-reader-timestamp_ntz-name-mode": ["delta.columnMapping.mode = name"],
        "data-skipping-basic-stats-all-types-columnmapping-id": ["delta.columnMapping.mode = id"],
        "data-skipping-basic-stats-all-types-columnmapping-name": ["delta.columnMapping.mode = name"],
        "deltalog-invalid-protocol-version": ["minReaderVersion 99"],
        "dv-with-columnmapping": ["delta.columnMapping.mode = name"],
        "spark-variant-checkpoint": ["the table feature variantType-preview", "the type variant"],
        "table-with-columnmapping-mode-id": ["delta.columnMapping.mode = id"],
        "table-with-columnmapping-mode-name": ["delta.columnMapping.mode = name"],
        "table-with-icebegCompatV2Enabled": [
            "the table feature icebergCompatV2", "delta.enableIcebergCompatV2 = true", "delta.columnMapping.mode = id",
        ],
        "type-widening": [
            "the table feature typeWidening-preview", "delta.enableTypeWidening = true", "delta.typeChanges",
        ],
        "type-widening-nested": [
            "the table feature typeWidening-preview", "delta.enableTypeWidening = true", "delta.typeChanges",
        ],
    ].merging(fixturesWithoutSchema) { $1 }

    private static let fixturesWithoutSchema = Dictionary(
        uniqueKeysWithValues: withoutSchema.subtracting(["deltalog-invalid-protocol-version"]).map {
            ($0, ["the schema"])
        })
}
