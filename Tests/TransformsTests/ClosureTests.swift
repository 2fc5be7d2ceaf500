import Foundation
import Partitions
import TestSupport
import Testing
import Transforms

struct ClosureTests {
    private let bench: StagingBench
    private let key: PartitionKey

    init() async throws {
        bench = try await StagingBench()
        key = try PartitionKey(parsing: "2024-01-02", as: .day)
    }

    private func job(_ transform: @escaping @Sendable (PartitionContext) async throws -> Void) -> Job {
        Job("orders", version: "1", target: .hive("/lake/orders", partitionedBy: "day"), transform: transform)
    }

    private func stage(
        _ transform: @escaping @Sendable (PartitionContext) async throws -> Void
    ) async throws -> StagedResult {
        try await job(transform).stage(key, into: bench.staging, session: bench.session, provenance: ["k": "v"])
    }

    private func misuse(
        _ transform: @escaping @Sendable (PartitionContext) async throws -> Void
    ) async throws -> String {
        let error = await #expect(throws: TransformError.self) { try await stage(transform) }
        #expect(error?.code == .misuse)
        return try #require(error).message
    }

    @Test func `a closure overwrites its partition with a statement`() async throws {
        let result = try await stage { partition in
            #expect(partition.key.description == "2024-01-02")
            #expect(partition.start.date.description == "2024-01-02")
            #expect(partition.end.date.description == "2024-01-03")
            let staged = try await partition.overwrite("SELECT 1 AS a, $partition_start AS day FROM range(7)")
            #expect(staged.rows == 7)
        }
        #expect(result.rows == 7)
        #expect(result.files.count == 1)
        let file = try #require(result.files.first)
        #expect(try await bench.read("SELECT decode(value) FROM parquet_kv_metadata('\(file)')") == ["text(\"v\")"])
    }

    @Test func `a closure reads typed rows and appends its own`() async throws {
        let columns = [
            ValueColumn("id", .integer), ValueColumn("who's", .text), ValueColumn("day", .date),
            ValueColumn("at", .timestamp), ValueColumn("share", .double), ValueColumn("good", .boolean),
        ]
        let result = try await stage { partition in
            let rows = try await partition.query("SELECT range AS n, $partition AS p FROM range(3) ORDER BY n")
            #expect(rows.map { $0["n"] } == [.integer(0), .integer(1), .integer(2)])
            #expect(rows.first?["p"] == .text("2024-01-02"))
            for row in rows {
                let values: [Value] = [
                    row["n"] ?? .null, .text("é'"), .date(partition.start.date),
                    .timestamp(microsecondsSinceEpoch: 1), .double(0.5), .null,
                ]
                try await partition.append(columns: columns, rows: [values, values])
            }
        }
        #expect(result.rows == 6)
        let file = try #require(result.files.first)
        let found = try await bench.read("SELECT count(*), sum(id), min(\"who's\"), count(good) FROM '\(file)'")
        #expect(found == ["integer(6)|integer(6)|text(\"é\\'\")|integer(0)"])
        #expect(try await bench.read("SELECT count(*) FROM (DESCRIBE FROM '\(file)')") == ["integer(5)"])
    }

    @Test func `appended rows of another partition fail it`() async throws {
        let error = await #expect(throws: TransformError.self) {
            try await stage { partition in
                let day = try #require(CivilDate(year: 2024, month: 1, day: 3))
                let columns = [ValueColumn("a", .integer), ValueColumn("day", .date)]
                try await partition.append(columns: columns, rows: [[.integer(1), .date(day)]])
            }
        }
        #expect(error?.code == .outsidePartition)
    }

    @Test func `what a failed closure appended does not get into the next partition`() async throws {
        struct Failure: Error {}
        let columns = [ValueColumn("a", .integer)]
        await #expect(throws: Failure.self) {
            try await stage { partition in
                try await partition.append(columns: columns, rows: [[.integer(1)]])
                throw Failure()
            }
        }
        let result = try await stage { partition in
            try await partition.append(columns: [ValueColumn("b", .text)], rows: [[.text("x")]])
        }
        #expect(result.rows == 1)
    }

    @Test func `files that a closure writes itself become the partition`() async throws {
        let session = bench.session
        let (other, folder) = (
            try bench.request(Query("SELECT 1 AS a FROM range(5)"), into: bench.folder.path), bench.folder
        )
        let result = try await stage { partition in
            let directory = try #require(partition.stagingDirectory)
            for name in ["one.parquet", "two.parquet"] {
                let file = try #require(try await session.stage(other).files.first)
                try FileManager.default.moveItem(atPath: file, toPath: directory + "/" + name)
            }
            #expect(folder.path != directory)
        }
        #expect(result.rows == 10)
        #expect(result.files.map { ($0 as NSString).lastPathComponent } == ["one.parquet", "two.parquet"])
        let sizes = try result.files.map { try FileManager.default.attributesOfItem(atPath: $0)[.size] as? Int64 ?? 0 }
        #expect(result.bytes == sizes.reduce(0, +))
    }

    @Test(
        arguments: [true, false],
        ["DATE '2024-01-03'", "NULL::DATE", "'2024-01-02 '", "TIMESTAMP '2024-01-03 00:00:00'"])
    func `rows of another partition in files of its own fail it`(measures: Bool, day: String) async throws {
        let bench = bench
        var job = job { partition in
            let directory = try #require(partition.stagingDirectory)
            try bench.copy("SELECT 1 AS a, \(day) AS \"DAY\"", to: directory + "/one.parquet")
        }
        job.measures = measures
        let error = await #expect(throws: TransformError.self) {
            try await job.stage(key, into: bench.staging, session: bench.session, provenance: [:])
        }
        #expect(error?.code == .outsidePartition)
        #expect(error?.message.hasPrefix("1 of 1 rows lie outside of the partition 2024-01-02") == true)
    }

    @Test(arguments: [true, false]) func `files of its own are measured, without the partition column`(
        measures: Bool
    ) async throws {
        let bench = bench
        var job = job { partition in
            let directory = try #require(partition.stagingDirectory)
            try bench.copy("SELECT 1 AS a, DATE '2024-01-02' AS day FROM range(2)", to: directory + "/one.parquet")
            try bench.copy("SELECT 2 AS a, 'x' AS b", to: directory + "/two.parquet")
        }
        job.measures = measures
        let result = try await job.stage(key, into: bench.staging, session: bench.session, provenance: [:])
        #expect(result.rows == 3)
        #expect(result.statistics?.rows == (measures ? 3 : nil))
        #expect(result.statistics?.columns.map(\.name) == (measures ? ["a", "b"] : nil))
        #expect(result.statistics?.columns.map(\.nulls) == (measures ? [0, 2] : nil))
    }

    @Test func `what a closure stages by a statement, or appends, is measured while it is written`() async throws {
        let overwritten = try await stage { try await $0.overwrite("SELECT 7 AS a FROM range(3)") }
        #expect(overwritten.statistics?.columns.first?.sum == "21")
        let bench = try await StagingBench()
        let appended = try await job { partition in
            try await partition.append(columns: [ValueColumn("a", .integer)], rows: [[.integer(7)], [.null]])
        }.stage(key, into: bench.staging, session: bench.session, provenance: [:])
        #expect(appended.statistics?.columns.map(\.nulls) == [1])
    }

    @Test func `a file that is no Parquet file fails the partition`() async throws {
        let message = try await misuse { partition in
            let path = try #require(partition.stagingDirectory) + "/notes.txt"
            try Data("geheim".utf8).write(to: URL(filePath: path))
        }
        #expect(message.contains("notes.txt"))
    }

    @Test func `a folder within the staging folder fails the partition`() async throws {
        let message = try await misuse { partition in
            let path = try #require(partition.stagingDirectory) + "/deeper"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        }
        #expect(message.contains("'deeper'"))
    }

    @Test func `a closure that wrote nothing is an error and never an empty partition`() async throws {
        #expect(try await misuse { _ in }.contains("'orders' returned without writing anything"))
    }

    @Test func `overwriting twice is an error`() async throws {
        let message = try await misuse { partition in
            try await partition.overwrite("SELECT 1 AS a")
            try await partition.overwrite("SELECT 2 AS a")
        }
        #expect(message.contains("twice"))
    }

    @Test func `overwriting again after a failure is allowed`() async throws {
        let result = try await stage { partition in
            await #expect(throws: TransformError.self) { try await partition.overwrite("SELECT nosuch") }
            try await partition.overwrite("SELECT 1 AS a")
        }
        #expect(result.rows == 1)
    }

    @Test func `overwriting and appending exclude each other`() async throws {
        let columns = [ValueColumn("a", .integer)]
        _ = try await misuse { partition in
            try await partition.overwrite("SELECT 1 AS a")
            try await partition.append(columns: columns, rows: [])
        }
        _ = try await misuse { partition in
            try await partition.append(columns: columns, rows: [[.integer(1)]])
            try await partition.overwrite("SELECT 1 AS a")
        }
    }

    @Test(arguments: [[], [Value.integer(1), .integer(2)]])
    func `a row must have as many values as there are columns`(row: [Value]) async throws {
        _ = try await misuse { try await $0.append(columns: [ValueColumn("a", .integer)], rows: [row]) }
    }

    @Test func `a value that does not fit its column is not shown`() async throws {
        let error = await #expect(throws: TransformError.self) {
            try await stage { partition in
                try await partition.append(columns: [ValueColumn("a", .integer)], rows: [[.text("geheim")]])
            }
        }
        #expect(error?.message.contains("geheim") == false)
    }

    @Test func `a job without a target does what it likes and cannot overwrite`() async throws {
        let free = Job("mail", version: "1") { partition in
            #expect(partition.stagingDirectory == nil)
            await #expect(throws: TransformError.self) { try await partition.overwrite("SELECT 1 AS a") }
            let rows = try await partition.query("SELECT 1 AS a")
            #expect(rows.count == 1)
        }
        let result = try await free.stage(key, into: nil, session: bench.session, provenance: [:])
        #expect(result == StagedResult(rows: 0, bytes: 0, files: []))
    }

    @Test func `an SQL job stages its query`() async throws {
        let query = Query("SELECT 1 AS a, $partition AS day")
        let job = Job("sql", target: .hive("/lake/t", partitionedBy: "day"), query: query)
        #expect(job.version == query.fingerprint())
        let result = try await job.stage(key, into: bench.staging, session: bench.session, provenance: [:])
        #expect(result.rows == 1)
    }
}
