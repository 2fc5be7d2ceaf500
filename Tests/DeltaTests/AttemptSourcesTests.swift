import BlockingWork
import Foundation
import Partitions
import TestSupport
import Testing
import Transforms

@testable import Lakehouse
@testable import PartitionBackfill

/// What one attempt reads of tables that others write to meanwhile.
@Suite struct AttemptSourcesTests {
    private let sample: DeltaSample
    private let sources = DeltaSources()
    private let attempt: AttemptSources
    private let reader = SourceReader()

    init() throws {
        sample = try DeltaSample()
        attempt = AttemptSources(sources, thread: BlockingThread(label: "test"))
    }

    private func look(_ attempt: AttemptSources, _ wanted: Source...) async throws -> [String: TableSnapshot] {
        try await attempt.snapshots(of: wanted, key: SourceReader.day, column: "order_date")
    }

    private func named(_ name: String, _ source: Source) -> Source {
        var source = source
        source.name = name
        return source
    }

    @Test func `All sources of one table are of one version, which is the one that is recorded`() async throws {
        try sample.publish(1)
        let link = sample.folder.appending("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: sample.root)
        let tables = try await look(
            attempt, .delta(sample.root), named("all", .whole(sample.root)), named("link", .delta(link)))
        #expect(tables.keys.sorted() == ["all", "link", "source"])
        #expect(Set(tables.values.map(\.version)) == [0])
        #expect(tables["link"]?.files == tables["source"]?.files)
        // By one name, whatever path a source has.
        #expect(attempt.versions == [try DeltaSourceTable.root(of: sample.root): 0])
    }

    @Test func `A later query of the attempt reads what the first one has read`() async throws {
        try sample.publish(1)
        let first = try await look(attempt, .delta(sample.root))
        try sample.publish(2, query: "SELECT 7::BIGINT AS v, 'x' AS name FROM range(3)")
        #expect(try await look(attempt, .delta(sample.root)) == first)
        // Other rows of it could only be had from another version.
        let error = await #expect(throws: TransformError.self) { try await look(attempt, .whole(sample.root)) }
        #expect(error?.message.contains("from version 0 to 1") == true, "\(error?.message ?? "")")
        #expect(attempt.versions.values.map { $0 } == [0])
        // The next attempt is another one.
        let next = AttemptSources(sources, thread: BlockingThread(label: "test"))
        #expect(
            try await look(next, .delta(sample.root), named("all", .whole(sample.root))).values.allSatisfy {
                $0.version == 1
            })
    }

    @Test(.timeLimit(.minutes(5)))
    func `Every attempt reads one version, whole, while another program keeps replacing the rows`() async throws {
        let root = sample.folder.appending("churn")
        _ = try await Python.run("source_table.py", [root, "churn", "1"])
        let writing = Task {
            try await Python.run("source_table.py", [root, "churn", "25"])
        }
        var versions: Set<Int64> = []
        repeat {
            let next = AttemptSources(sources, thread: BlockingThread(label: "test"))
            let tables = try await look(next, .delta(root), named("all", .whole(root)))
            let query = Query(
                "SELECT count(*), min(id), max(id), (SELECT sum(id) FROM \"all\")::BIGINT FROM source",
                sources: [.delta(root), named("all", .whole(root))])
            // Each version has its own number as the id of all of its rows.
            let version = try #require(next.versions.values.first)
            let rows = try await reader.rows(query, tables)
            #expect(rows == [["500", "\(version)", "\(version)", "\(500 * version)"].map { "integer(\($0))" }])
            versions.insert(version)
        } while (versions.max() ?? 0) < 25
        _ = try await writing.value
        #expect(versions.count > 1)
    }

    @Test func `The next partition does not read the log again from its beginning`() async throws {
        try sample.publish(1)
        try sample.publish(2, SourceReader.day.next)
        _ = try await look(attempt, .delta(sample.root))
        // Nobody may do that; whoever reads this entry again would fail.
        try Data("damaged".utf8).write(to: URL(filePath: sample.log + "/00000000000000000000.json"))
        let next = AttemptSources(sources, thread: BlockingThread(label: "test"))
        let tables = try await next.snapshots(
            of: [.delta(sample.root)], key: SourceReader.day.next, column: "order_date")
        #expect(tables["source"]?.files.count == 1)
        let anew = AttemptSources(DeltaSources(), thread: BlockingThread(label: "test"))
        await #expect(throws: TableError.self) { try await look(anew, .delta(sample.root)) }
    }

    @Test(.enabled(if: SharedData.path != nil, "the golden tables are not there"))
    func `The extension reads the version that was looked up, and no later one`() async throws {
        let root = sample.folder.appending("dv")
        try FileManager.default.copyItem(atPath: GoldenTables.path("dv-partitioned-with-checkpoint"), toPath: root)
        let tables = try await look(attempt, .whole(root))
        #expect(tables["source"]?.features == ["deletion vectors"])
        let file = try DeltaLog(root: root, column: "part").withLatest { replay in
            try #require(replay?.files.all.first { $0.deletionVector == nil })
        }
        let remove =
            #"{"remove":{"path":"\#(file.path)","deletionTimestamp":0,"dataChange":true,"partitionValues":{"part":"\#((file.partitionValues["part"] ?? nil) ?? "")"},"extendedFileMetadata":true,"size":1}}"#
        try SampleLog(root).write([remove], version: 16)
        let count = Query("SELECT count(*) FROM source", sources: [.whole(root)])
        #expect(try await reader.rows(count, tables) == [["integer(35)"]])
        let next = AttemptSources(sources, thread: BlockingThread(label: "test"))
        let later = try await reader.rows(count, look(next, .whole(root)))
        #expect(later != [["integer(35)"]] && next.versions.values.map { $0 } == [16])
    }

    @Test func `A column of the table stands for the partition, also where files have it too`() async throws {
        // Against the convention, but the log is what counts.
        let log = SampleLog(sample.root)
        try log.create()
        try FileManager.default.createDirectory(atPath: sample.root + "/a'b", withIntermediateDirectories: true)
        try DeltaSample.write(
            "SELECT 1::INTEGER AS V, DATE '1999-01-01' AS order_date, 5 AS unknown",
            to: sample.root + "/a''b/[x]*.parquet")
        try log.write([log.add("a'b/%5Bx%5D*.parquet", "2024-01-01")], version: 1)
        let rows = try await reader.read(.delta(sample.root), "SELECT typeof(v), order_date::VARCHAR, * FROM source")
        #expect(rows.first?.prefix(2) == ["text(\"BIGINT\")", "text(\"2024-01-01\")"])
        #expect(rows.first?.count == 4)
    }

    @Test func `Text that its writer did not call text is text`() async throws {
        let schema = SampleLog.schema.replacing("\"long\"", with: "\"string\"")
        let log = SampleLog(sample.root)
        try log.write([SampleLog.protocolLine, SampleLog.metadata(schema: schema)], version: 0)
        try DeltaSample.write("SELECT encode('é') AS v", to: sample.root + "/f")
        try log.write([log.add("f", "2024-01-01")], version: 1)
        #expect(try await reader.read(.delta(sample.root), "SELECT v FROM source") == [["text(\"é\")"]])
    }

    @Test func `A query outside of a job has no tables`() async throws {
        let error = await #expect(throws: TransformError.self) {
            try await reader.rows(Query("FROM source", sources: [.delta(sample.root)]), [:])
        }
        #expect(error?.code == .misuse)
    }

    @Test(arguments: [
        (Source(path: "/lake/%Q", format: .delta), "no field"),
        (Source(path: "s3://bucket/t", format: .delta), "not on this machine"),
        (Source(path: "/lake/t", format: .delta, options: ["a": .bool(true)]), "without options"),
    ])
    func `A source that cannot be one is refused`(source: Source, reason: String) throws {
        let error = #expect(throws: TransformError.self) {
            try sources.examine(source, key: SourceReader.day, column: "order_date")
        }
        #expect(error?.message.contains(reason) == true)
    }
}
