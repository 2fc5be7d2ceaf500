import Foundation
import Partitions
import Synchronization
import TestSupport
import Testing
import Transforms

@testable import PartitionBackfill

/// Closures in whose batches memory runs out.
@Suite(.timeLimit(.minutes(3))) struct SmallerBatchTests {
    private struct Broken: Error {}

    /// What a closure has seen of its batches, and the sizes of those that were finished.
    private final class Passes: Sendable {
        private let state = Mutex<(begun: [Int], sizes: [Int64], log: [String])>(([], [], []))
        var begun: [Int] { state.withLock { $0.begun } }
        var sizes: [Int64] { state.withLock { $0.sizes } }
        var log: [String] { state.withLock { $0.log } }

        func begin(_ batch: PartitionBatch) { state.withLock { $0.begun.append(batch.number) } }

        func hear(_ event: BackfillEvent) {
            state.withLock { state in
                switch event {
                case .batchFinished(_, _, _, let size): state.sizes.append(size)
                case .retrying: state.log.append("retrying")
                case .steered(.crew(let workers, _)): state.log.append("crew of \(workers)")
                default: break
                }
            }
        }
    }

    private func source(_ fixture: BackfillFixture, rows: Int, name: String = "source") throws -> Source {
        let path = fixture.folder.appending("orders.csv")
        let lines = ["id,amount"] + (0..<rows).map { "\($0),\($0 % 100)" }
        try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        return Source(name: name, path: path, format: .csv)
    }

    /// A job that adds the numbers of its rows up from batch to batch.
    private func job(
        _ fixture: BackfillFixture, _ source: Source, size: Int64, _ passes: Passes,
        before: @escaping @Sendable (PartitionContext) async throws -> Void = { _ in },
        after: @escaping @Sendable () throws -> Void = {},
        _ body: @escaping @Sendable (PartitionBatch, StagedResult) async throws -> Void
    ) -> Job {
        Job("orders", version: "1", target: .hive(fixture.folder.appending("orders"), partitionedBy: "day")) {
            partition in
            try await before(partition)
            for try await batch in partition.batches(by: ["id"], of: source, rows: size) {
                passes.begin(batch)
                let total = Int(batch.previousFields["total"] ?? "") ?? 0
                batch.fields["total"] = "not yet"
                let result = try await batch.overwrite("SELECT id, amount, \(total) AS total FROM source")
                try await body(batch, result)
                batch.fields = ["total": "\(total + Int(result.rows))"]
            }
            try after()
        }
    }

    private func run(
        _ fixture: BackfillFixture, _ job: Job, _ passes: Passes, workers: Int = 1,
        engine: DuckDBSQLEngine = DuckDBSQLEngine(options: EngineOptions(threads: 1))
    ) async throws -> BackfillReport {
        let backfill = try Backfill(job: job, ledger: fixture.ledger, engine: engine)
        let request = BackfillRequest(
            partitions: try BackfillFixture.days("2024-01-01", "2024-01-01"), workers: workers)
        return try await backfill.run(backfill.plan(request), request, stop: StopSignal()) { passes.hear($0) }
    }

    /// Rows of the table: one for each different value of `columns`, in their order.
    private func rows(_ fixture: BackfillFixture, _ columns: String) async throws -> [[String]] {
        let session = try await DuckDBSQLEngine().openSession()
        let found = try await session.rows(
            of: Query(
                "SELECT \(columns) FROM read_parquet('\(fixture.folder.appending("orders"))/*/*.parquet') ORDER BY 1"),
            key: BackfillFixture.day("2024-01-01"), column: "day")
        await session.close()
        return found.map { row in row.values.map { "\($0)" } }
    }

    @Test func `Memory that runs out in a closure makes its batches smaller, and they grow again`() async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture, rows: 20_000)
        let passes = Passes()
        let tightness = Mutex(3)
        let job = job(fixture, source, size: 4_000, passes) { batch, result in
            // In the second batch, twice: only a quarter of it is little enough. Later, once more.
            let isTight = tightness.withLock { left in
                let isNow = batch.number == 1 && result.rows > 1_000 || batch.number == 6 && left == 1
                if isNow { left -= 1 }
                return isNow
            }
            if isTight { throw TransformError(.outOfMemory, "no memory") }
        }
        let report = try await run(fixture, job, passes)
        #expect(report.complete == 1 && report.rows == 20_000, "\(report.failed)")
        #expect(passes.begun == [0, 1, 1, 1, 2, 3, 4, 5, 6, 6, 7, 8, 9, 10, 11, 12])
        // Halved twice; doubled after four good ones, halved in the second of these, and doubled again.
        #expect(
            passes.sizes == [4_000, 1_000, 1_000, 1_000, 1_000, 2_000]
                + [1_000, 1_000, 1_000, 1_000, 2_000, 2_000, 2_000])
        // No attempt has ended, and none of the user's retries was spent.
        #expect(try await fixture.attempts() == ["2024-01-01 COMPLETE"])
        #expect(passes.log.isEmpty)
        // What was written of the batches that failed is in no file, and what they wrote down in no field.
        #expect(try await rows(fixture, "count(*), count(DISTINCT id)") == [["integer(20000)", "integer(20000)"]])
        let totals = try await rows(fixture, "DISTINCT total").map { $0[0] }
        #expect(
            totals == [0, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 16, 18].map { "integer(\($0 * 1_000))" })
        let kept = fixture.folder.appending("orders.reprocess/batches")
        #expect((try? FileManager.default.contentsOfDirectory(atPath: kept)) ?? [] == [])
    }

    @Test func `The engine's own lack of memory in a closure's statement makes its batches smaller`() async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture, rows: 40_000)
        let passes = Passes()
        var job = Job("orders", version: "1", target: .hive(fixture.folder.appending("orders"), partitionedBy: "day")) {
            partition in
            for try await batch in partition.batches(by: ["id"], of: source, rows: 40_000) {
                passes.begin(batch)
                // What a list takes grows with its rows, and cannot be put onto the disk.
                try await batch.overwrite(
                    "SELECT min(id) AS id, len(list(repeat('x', 2000) || id)) AS amount FROM source")
            }
        }
        job.measures = false
        let engine = DuckDBSQLEngine(options: EngineOptions(memoryLimit: "60MB", threads: 1))
        let report = try await run(fixture, job, passes, engine: engine)
        #expect(report.complete == 1, "\(report.failed)")
        #expect(passes.sizes.allSatisfy { $0 < 40_000 } && passes.sizes.count >= 2, "\(passes.sizes)")
        let found = try await rows(fixture, "id, amount").map { Int($0[1].filter(\.isNumber)) ?? 0 }
        #expect(found.reduce(0, +) == 40_000 && found.count == passes.sizes.count)
        #expect(try await fixture.attempts() == ["2024-01-01 COMPLETE"])
    }

    @Test func `Rows that were appended to a batch that failed are gone, also where nobody can tell of the source`()
        async throws
    {
        let fixture = try await BackfillFixture()
        var source = try source(fixture, rows: 4_000)
        // Between attempts nothing could be gone on with.
        source.path = fixture.folder.appending("**/orders.csv")
        let passes = Passes()
        let columns = [ValueColumn("id", .integer), ValueColumn("begun", .integer)]
        let tables = Mutex<[String]>([])
        let job = Job("orders", version: "1", target: .hive(fixture.folder.appending("orders"), partitionedBy: "day")) {
            [source] partition in
            let found = try await partition.query(
                "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'appended_rows'")
            tables.withLock { $0.append("\(found[0].values[0])") }
            for try await batch in partition.batches(by: ["id"], of: source, rows: 2_000) {
                passes.begin(batch)
                try await batch.append(
                    columns: columns, rows: [[.integer(Int64(batch.number)), .integer(Int64(passes.begun.count))]])
                if passes.begun == [0, 1] { throw TransformError(.outOfMemory, "no memory") }
            }
        }
        let report = try await run(fixture, job, passes)
        #expect(report.complete == 1, "\(report.failed)")
        #expect(passes.begun == [0, 1, 1, 2])
        // They take no memory any more when the closure is begun again.
        #expect(tables.withLock { $0 } == ["integer(0)", "integer(0)"])
        #expect(
            try await rows(fixture, "id, begun").map { $0.joined(separator: " ") } == [
                "integer(0) integer(1)", "integer(1) integer(3)", "integer(2) integer(4)",
            ])
    }

    @Test func `Fewer work at the same time only where the smallest batches do not suffice, and then it fails`()
        async throws
    {
        let fixture = try await BackfillFixture()
        let source = try source(fixture, rows: 4_000)
        let passes = Passes()
        let job = job(fixture, source, size: 4_000, passes) { batch, _ in
            if batch.number == 0 { throw TransformError(.outOfMemory, "no memory.") }
        }
        let report = try await run(fixture, job, passes, workers: 2)
        let error = try #require(report.failed.values.first)
        #expect(error.hasPrefix("no memory. Batches of 1000 rows are the smallest that are tried of this job.\n"))
        #expect(error.contains("This process was down to one worker") && error.contains("or in smaller batches"))
        // Each attempt has tried 4000, 2000 and 1000.
        #expect(passes.begun == Array(repeating: 0, count: 6) && passes.sizes.isEmpty)
        #expect(passes.log == ["crew of 1", "retrying"])
        #expect(try await fixture.attempts() == ["2024-01-01 RETRY", "2024-01-01 FAILED"])
    }

    @Test(arguments: ["before the loop", "for another reason", "after the loop"])
    func `What fails outside of a batch, or for another reason, is not begun again`(what: String) async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture, rows: 4_000)
        let passes = Passes()
        let noMemory = TransformError(.outOfMemory, "no memory.")
        let job = job(
            fixture, source, size: 4_000, passes,
            before: { _ in if what == "before the loop" { throw noMemory } },
            after: { throw noMemory },
            { _, _ in if what == "for another reason" { throw Broken() } })
        let report = try await run(fixture, job, passes)
        #expect(report.failed.count == 1 && passes.begun.count == (what == "before the loop" ? 0 : 1))
        #expect(report.failed.values.first?.contains("smallest") == false)
    }

    @Test func `A closure that is begun again and asks for other batches is told so`() async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture, rows: 4_000)
        let passes = Passes()
        let job = Job("orders", version: "1", target: .hive(fixture.folder.appending("orders"), partitionedBy: "day")) {
            partition in
            let rows: Int64 = passes.begun.isEmpty ? 4_000 : 100
            for try await batch in partition.batches(by: ["id"], of: source, rows: rows) {
                passes.begin(batch)
                throw TransformError(.outOfMemory, "no memory.")
            }
        }
        let error = try #require(try await run(fixture, job, passes).failed.values.first)
        #expect(error.contains("read its partition in other batches when it was begun again"))
    }

    @Test func `Files of the closure's own belong to no batch`() async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture, rows: 4_000)
        let directory = Mutex<String?>(nil)
        let job = job(
            fixture, source, size: 2_000, Passes(),
            before: { partition in directory.withLock { $0 = partition.stagingDirectory } },
            { batch, result in
                let own = try #require(directory.withLock { $0 }) + "/own-\(batch.number).parquet"
                try FileManager.default.copyItem(atPath: #require(result.files.first), toPath: own)
            })
        let error = try #require(try await run(fixture, job, Passes()).failed.values.first)
        #expect(error.contains("wrote files of its own into stagingDirectory and read its partition in batches"))
    }

    @Test func `A batch cannot be written with after its pass of the loop`() async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture, rows: 4_000)
        let passes = Passes()
        let first = Mutex<PartitionBatch?>(nil)
        let job = job(fixture, source, size: 2_000, passes) { batch, _ in
            let earlier = first.withLock { first in
                defer { first = first ?? batch }
                return first
            }
            try await earlier?.overwrite("SELECT 1 AS id, 1 AS amount, 1 AS total")
        }
        let error = try #require(try await run(fixture, job, passes).failed.values.first)
        #expect(error.contains("used a batch whose pass of the loop is over"))
    }

    @Test func `A batch cannot be finished twice`() async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture, rows: 4_000)
        let passes = Passes()
        let job = Job("orders", version: "1", target: .hive(fixture.folder.appending("orders"), partitionedBy: "day")) {
            partition in
            var one = partition.batches(by: ["id"], of: source, rows: 1_000).makeAsyncIterator()
            try await one.next()?.overwrite("SELECT id FROM source")
            var other = one
            _ = try await one.next()
            _ = try await other.next()
        }
        let error = try #require(try await run(fixture, job, passes).failed.values.first)
        #expect(error.contains("used a batch whose pass of the loop is over") && passes.sizes == [1_000])
    }
}
