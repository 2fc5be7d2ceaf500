import DuckDBEngine
import FaultPoints
import Foundation
import TestSupport
import Testing

@testable import Lakehouse

/// What is computed and read in this process is what DuckDB computes and reads.
@Suite(.serialized) struct CheckpointMergeTests {
    private let folder: TemporaryDirectory
    init() throws { folder = try TemporaryDirectory() }

    @Test(.timeLimit(.minutes(5)), .enabled(if: GoldenTables.folder != nil))
    func `Of every golden table both make the same checkpoint`() throws {
        var compared = 0
        for name in GoldenTables.oracle.keys.sorted() {
            compared += try compare(GoldenTables.path(name), column: "none") ? 1 : 0
        }
        #expect(compared > 50, "\(compared)")
    }

    @Test(.timeLimit(.minutes(5)), arguments: 1...2)
    func `Of a table that deltalake made at random both make the same checkpoint`(seed: Int) async throws {
        let root = folder.appending("random")
        _ = try await Python.run("random_log.py", [root, "\(seed + 100)", "25"])
        #expect(try compare(root, column: "d"))
    }

    @Test func `Both agree about everything that an entry may say`() throws {
        let sample = try DeltaSample()
        let log = SampleLog(sample.root)
        try log.create()
        let vector = """
            "deletionVector":{"storageType":"u","pathOrInlineDv":"ab'c","offset":4,"sizeInBytes":40,"cardinality":6}
            """
        try log.write(
            [
                """
                {"add":{"path":"a%20b","partitionValues":{"order_date":"2024-01-01","é\\"":null},"size":5,\
                "modificationTime":7,"dataChange":false,"stats":"{\\"numRecords\\":1}","tags":{"x":"1","y":null},\
                "baseRowId":3,"defaultRowCommitVersion":9,"clusteringProvider":"z",\(vector)}}
                """,
                #"{"add":{"path":"plain","partitionValues":{},"size":0,"dataChange":true,"tags":{}}}"#,
                #"{"add":{"path":"none","partitionValues":{"order_date":""},"size":1,"dataChange":true,"tags":null}}"#,
                #"{"txn":{"appId":"one","version":4}}"#,
                #"{"txn":{"appId":"two","version":-5,"lastUpdated":8}}"#,
                #"{"domainMetadata":{"domain":"d","configuration":"{\"a\":1}","removed":false}}"#,
                #"{"domainMetadata":{"domain":"gone","configuration":"","removed":true}}"#,
                #"{"unknown":{"path":"x"}}"#,
            ], version: 1)
        try log.write(
            [
                #"{"remove":{"path":"plain","dataChange":true}}"#,
                """
                {"remove":{"path":"a b","deletionTimestamp":99999999999999,"dataChange":true,\
                "extendedFileMetadata":true,"partitionValues":{"order_date":null},"size":5,\(vector)}}
                """,
                #"{"txn":{"appId":"one","version":5,"lastUpdated":3}}"#,
            ], version: 2)
        #expect(try compare(sample.root, column: "none"))
    }

    @Test func `A checkpoint of many row groups is built upon row by row`() throws {
        let sample = try DeltaSample()
        let log = SampleLog(sample.root)
        try log.create()
        let count = 2 * CheckpointMerge.rowsInGroup + 500
        try log.write((0..<count).map { log.add("f\($0)", "2024-01-0\(1 + $0 % 9)") }, version: 1)
        try merge(sample.root, column: "order_date")
        let file = try #require(try LeafFile(sample.log + "/00000000000000000001.checkpoint.parquet"))
        #expect(file.groups.map(\.rows).count == 3)
        try log.write((0..<count).filter { $0 % 7 == 0 }.map { log.remove("f\($0)", "2024-01-01") }, version: 2)
        #expect(try compare(sample.root, column: "order_date"))
    }

    @Test func `What cannot be computed here is left to DuckDB`() async throws {
        let sample = try DeltaSample()
        let log = SampleLog(sample.root)
        try log.create()
        // A text where the protocol has a number; DuckDB takes it for one.
        try log.write(
            [
                #"{"add":{"path":"a","partitionValues":{"order_date":"2024-01-01"},"size":5,"dataChange":true,"baseRowId":"7"}}"#
            ],
            version: 1)
        let target = try target(sample.root, "none")
        let writer = CheckpointWriter(folder: try working(), log: sample.log, faults: .none)
        let plan = try #require(try DeltaLog(root: sample.root, column: "none").plan(through: 1))
        #expect(throws: LeafFile.Unsuitable.self) { try writer.merge(target, plan, 0, to: folder.appending("out")) }
        #expect(try writer.write(target, from: plan, now: 0))
        #expect(try CheckpointContents(sample.log + "/00000000000000000001.checkpoint.parquet").adds == 1)
    }

    @Test(arguments: ["gzip", "zstd", "lz4_raw"])
    func `A checkpoint that is compressed in another way is read by DuckDB`(codec: String) throws {
        let path = folder.appending("other.parquet")
        try DeltaSample.write("SELECT {'path': 'x', 'size': 5::BIGINT} AS add", to: path)
        #expect(try CheckpointState(reading: [path]) != nil)
        let database = try Database(
            options: DatabaseOptions(threads: 1), environment: ProcessInfo.processInfo.environment)
        _ = try database.connect().run(
            "COPY (SELECT {'path': 'x', 'size': 5::BIGINT} AS add) TO '\(path)' (FORMAT parquet, COMPRESSION \(codec))",
            in: CancellationScope())
        #expect(try CheckpointState(reading: [path]) == nil)
    }

    @Test func `A file that is damaged is left to DuckDB, which refuses it`() throws {
        let sample = try DeltaSample()
        try SampleLog(sample.root).create()
        try merge(sample.root, column: "order_date")
        let path = sample.log + "/00000000000000000000.checkpoint.parquet"
        let whole = try #require(FileManager.default.contents(atPath: path))
        for position in stride(from: 4, to: whole.count, by: 3) {
            var bytes = whole
            bytes[position] ^= 0x55
            try bytes.write(to: URL(filePath: folder.appending("damaged")))
            // It must end, whatever it says.
            _ = try? CheckpointState(reading: [folder.appending("damaged")])
            try whole.prefix(position).write(to: URL(filePath: folder.appending("damaged")))
            #expect(try CheckpointState(reading: [folder.appending("damaged")]) == nil)
        }
    }

    /// Whether both could make a checkpoint; then they are the same.
    private func compare(_ root: String, column: String) throws -> Bool {
        let log = DeltaLog(root: root, column: column)
        guard let target = try log.withLatest({ $0.flatMap { CheckpointTarget($0) } }),
            let plan = try log.plan(through: target.version)
        else { return false }
        try compareReaders(plan, root, column)
        let writer = CheckpointWriter(folder: try working(), log: log.folder, faults: .none)
        let paths = ["merged", "by-duckdb"].map { folder.appending("\($0)-\(UUID().uuidString).parquet") }
        let counts: CheckpointCounts
        do {
            counts = try writer.merge(target, plan, 1, to: paths[0])
        } catch is LeafFile.Unsuitable {
            return false
        }
        #expect(try writer.copyByDuckDB(target, plan, 1, to: paths[1]) == counts, "\(root)")
        #expect(try differences(paths[0], paths[1]) == 0, "\(root)")
        #expect(try differences(paths[1], paths[0]) == 0, "\(root)")
        return true
    }

    private func compareReaders(_ plan: LogListing.Plan, _ root: String, _ column: String) throws {
        let folder = root + "/_delta_log"
        let names = plan.checkpoint.map(\.name).filter { $0.hasSuffix(".parquet") }
        guard !names.isEmpty, names.count == plan.checkpoint.count,
            let state = try CheckpointState(reading: names.map { folder + "/" + $0 })
        else { return }
        var (own, asked) = (LogReplay(columnName: column), LogReplay(columnName: column))
        state.apply(to: &own)
        try CheckpointReader(folder: folder).readByDuckDB(names.map { folder + "/" + $0 }, [], into: &asked)
        #expect(own.metadata == asked.metadata && own.protocol == asked.protocol, "\(root)")
        #expect(own.allTransactions == asked.allTransactions && own.domains == asked.domains, "\(root)")
        #expect(Set(own.files.all) == Set(asked.files.all), "\(root)")
    }

    private func differences(_ one: String, _ other: String) throws -> Int64? {
        let database = try Database(
            options: DatabaseOptions(threads: 1), environment: ProcessInfo.processInfo.environment)
        // Maps are in no order.
        func rows(_ path: String) -> String {
            let maps = ["partitionValues", "tags"].map { "list_sort(map_entries(\"add\".\"\($0)\"))" }
            let removed = #"list_sort(map_entries("remove"."partitionValues"))"#
            let configuration = #"list_sort(map_entries("metaData"."configuration"))"#
            let columns =
                maps + [removed, configuration]
                + CheckpointColumn.all.map { column in
                    "["
                        + column.fields.filter { !$0.isMap }.map { "\"\(column.name)\".\"\($0.name)\"::VARCHAR" }
                        .joined(separator: ", ") + "]"
                }
            let aliases = columns.enumerated().map { "\($0.element) AS c\($0.offset)" }.joined(separator: ", ")
            return "SELECT \(aliases) FROM '\(path)'"
        }
        let query = "SELECT count(*) FROM (\(rows(one)) EXCEPT ALL \(rows(other)))"
        return try database.connect().run(query, in: CancellationScope()).rows.first?.first?.integer
    }

    /// Writes a checkpoint of the newest version.
    private func merge(_ root: String, column: String) throws {
        let target = try target(root, column)
        let log = DeltaLog(root: root, column: column)
        let plan = try #require(try log.plan(through: target.version))
        let writer = CheckpointWriter(folder: try working(), log: log.folder, faults: .none)
        #expect(try writer.write(target, from: plan, now: 1))
    }

    private func target(_ root: String, _ column: String) throws -> CheckpointTarget {
        try #require(
            try DeltaLog(root: root, column: column).withLatest { replay in replay.flatMap { CheckpointTarget($0) } })
    }

    private func working() throws -> String {
        let path = folder.appending("working-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}

extension CheckpointColumn.Field {
    fileprivate var isMap: Bool { if case .plain(CheckpointColumn.map) = kind { true } else { false } }
}
