import Foundation
import Lakehouse
import Partitions
import ProgressStore
import Synchronization
import TestSupport
import Testing
import Transforms

@testable import PartitionBackfill

/// Jobs that read a partition in batches.
@Suite(.timeLimit(.minutes(3))) struct BatchJobTests {
    private struct Broken: Error {}

    private func source(_ fixture: BackfillFixture, rows: Int = 40) throws -> Source {
        try write(fixture, rows: rows)
        return Source(path: fixture.folder.appending("orders.csv"), format: .csv)
    }

    private func write(_ fixture: BackfillFixture, rows: Int) throws {
        let lines = ["id,amount"] + (0..<rows).map { "\(($0 * 7) % rows),\($0)" }
        try lines.joined(separator: "\n").write(
            toFile: fixture.folder.appending("orders.csv"), atomically: true, encoding: .utf8)
    }

    private func request(maxBatches: Int? = nil, workers: Int = 1) throws -> BackfillRequest {
        BackfillRequest(
            partitions: try BackfillFixture.days("2024-01-01", "2024-01-01"), workers: workers, maxBatches: maxBatches)
    }

    private func target(_ fixture: BackfillFixture) -> PartitionedTarget {
        .hive(fixture.folder.appending("orders"), partitionedBy: "day")
    }

    /// A job in Swift that adds numbers up from batch to batch, and does something before each.
    private func job(
        _ fixture: BackfillFixture, _ source: Source,
        _ body: @escaping @Sendable (PartitionBatch) async throws -> Void
    ) -> Job {
        Job("orders", version: "1", target: target(fixture)) { partition in
            for try await batch in partition.batches(by: ["id"], of: source, rows: 10) {
                try await body(batch)
                let sum = (Int(batch.previousFields["batches"] ?? "") ?? 0) + 1
                try await batch.overwrite("SELECT id, amount, \(sum) AS batch FROM source")
                batch.fields = ["batches": "\(sum)"]
            }
        }
    }

    private func rows(_ fixture: BackfillFixture) async throws -> [[String]] {
        let session = try await DuckDBSQLEngine().openSession()
        let key = try BackfillFixture.day("2024-01-01")
        let found = try await session.rows(
            of: Query(
                "SELECT id, amount, batch FROM read_parquet('\(fixture.folder.appending("orders"))/*/*.parquet') ORDER BY id"
            ),
            key: key, column: "day")
        await session.close()
        return found.map { row in row.values.map { "\($0)" } }
    }

    private func batchFiles(_ fixture: BackfillFixture) -> [String] {
        let path = fixture.folder.appending("orders.reprocess/batches")
        let all = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return all.filter { $0.hasSuffix(".parquet") }.sorted()
    }

    @Test func `A closure that broke goes on after its last batch, with what it had written down`() async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture)
        let seen = Mutex<[Int]>([])
        let isBroken = Mutex(true)
        let job = job(fixture, source) { batch in
            seen.withLock { $0.append(batch.number) }
            if batch.number == 2, isBroken.withLock({ $0 }) { throw Broken() }
        }
        #expect(try await fixture.backfill(job).planAndRun(request()).failed.count == 1)
        #expect(batchFiles(fixture).count == 2)
        isBroken.withLock { $0 = false }
        let log = EventLog()
        let report = try await fixture.backfill(job).planAndRun(request(), log: log)
        #expect(report.complete == 1 && report.rows == 40)
        #expect(seen.withLock { $0 } == [0, 1, 2, 2, 3])
        #expect(log.text.contains("2024-01-01 goes on after 2"))
        let rows = try await rows(fixture)
        #expect(rows.map { $0[0] } == (0..<40).map { "integer(\($0))" })
        #expect(rows.map { $0[2] } == (0..<40).map { "integer(\($0 / 10 + 1))" })
        #expect(batchFiles(fixture).isEmpty)
        #expect(try await fixture.cluster.execute("SELECT count(*) FROM \(fixture.schema).batch_checkpoint") == [["0"]])
    }

    @Test func `A closure that leaves its loop has made nothing`() async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture)
        let job = Job("orders", version: "1", target: target(fixture)) { partition in
            for try await batch in partition.batches(by: ["id"], of: source, rows: 10) {
                try await batch.overwrite("SELECT id FROM source")
                if batch.number == 1 { break }
            }
        }
        let report = try await fixture.backfill(job).planAndRun(request())
        let error = try #require(report.failed.values.first)
        #expect(error.contains("left its loop over batches before the last one"))
        #expect(try fixture.table().current(BackfillFixture.day("2024-01-01")) == nil)
    }

    @Test func `Rows that a closure appends to its batches become the partition`() async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture)
        let columns = [ValueColumn("id", .integer), ValueColumn("amount", .integer), ValueColumn("batch", .integer)]
        let job = Job("orders", version: "1", target: target(fixture)) { partition in
            for try await batch in partition.batches(by: ["id"], of: source, rows: 15) {
                let number = Int64(batch.number)
                for part in 0..<2 {
                    try await batch.append(
                        columns: columns, rows: [[.integer(number * 2 + Int64(part)), .integer(0), .integer(number)]])
                }
            }
        }
        #expect(try await fixture.backfill(job).planAndRun(request()).complete == 1)
        #expect(try await rows(fixture).map { $0[0] } == (0..<6).map { "integer(\($0))" })
    }

    @Test func `A source that changes while it is read in batches is not mixed`() async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture)
        let changes = Mutex(true)
        let job = job(fixture, source) { [self] batch in
            guard batch.number == 2, changes.withLock({ $0 }) else { return }
            changes.withLock { $0 = false }
            try write(fixture, rows: 50)
        }
        let report = try await fixture.backfill(job).planAndRun(request())
        // It passes by itself: the partition is tried again, and begins anew.
        #expect(report.complete == 1 && report.rows == 50)
        #expect(try await fixture.attempts() == ["2024-01-01 RETRY", "2024-01-01 COMPLETE"])
        #expect(try await rows(fixture).map { $0[2] } == (0..<50).map { "integer(\($0 / 10 + 1))" })
    }

    @Test func `Batches of another version or of other sources are forgotten, with their files`() async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture)
        let first = job(fixture, source) { if $0.number == 2 { throw Broken() } }
        _ = try await fixture.backfill(first).planAndRun(request())
        #expect(batchFiles(fixture).count == 2)
        try write(fixture, rows: 20)
        let log = EventLog()
        let second = job(fixture, source) { if $0.number == 1 { throw Broken() } }
        _ = try await fixture.backfill(second).planAndRun(request(), log: log)
        #expect(log.text.contains("2024-01-01 forgets 2") && batchFiles(fixture).count == 1)
        let last = job(fixture, source) { _ in }
        let report = try await fixture.backfill(last).planAndRun(request(), log: log)
        #expect(report.complete == 1 && report.rows == 20)
        #expect(log.text.contains("2024-01-01 goes on after 1"))
    }

    @Test func `Batches are forgotten where any source has changed, and where nobody can tell of one`() async throws {
        let fixture = try await BackfillFixture()
        let orders = try source(fixture)
        let rates = fixture.folder.appending("rates.csv")
        try "rate\n1".write(toFile: rates, atomically: true, encoding: .utf8)
        func job(rates pattern: String) -> Job {
            let query = Query(
                "SELECT source.*, rate AS batch FROM source, rates",
                sources: [orders, Source(name: "rates", path: pattern, format: .csv)],
                batching: Batching(by: ["id"], rows: 10))
            return Job("orders", target: target(fixture), query: query, version: "1")
        }
        _ = try await fixture.backfill(job(rates: rates)).planAndRun(request(maxBatches: 2))
        #expect(batchFiles(fixture).count == 2)
        try "rate\n22".write(toFile: rates, atomically: true, encoding: .utf8)
        let log = EventLog()
        #expect(try await fixture.backfill(job(rates: rates)).planAndRun(request(), log: log).complete == 1)
        #expect(log.text.contains("2024-01-01 forgets 2"))
        #expect(Set(try await rows(fixture).map { $0[2] }) == ["integer(22)"])

        let unknown = job(rates: fixture.folder.appending("**/rates.csv"))
        var again = try request(maxBatches: 2)
        again.selection = .all
        _ = try await fixture.backfill(unknown).planAndRun(again)
        #expect(batchFiles(fixture).count == 2)
        again.maxBatches = nil
        #expect(try await fixture.backfill(unknown).planAndRun(again, log: log).complete == 1)
        #expect(log.text.filter { $0 == "2024-01-01 forgets 2" }.count == 2)
    }

    @Test func `A batch file that is missing makes the partition begin anew`() async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture)
        let first = job(fixture, source) { if $0.number == 2 { throw Broken() } }
        _ = try await fixture.backfill(first).planAndRun(request())
        let path = fixture.folder.appending("orders.reprocess/batches/") + batchFiles(fixture)[0]
        try FileManager.default.removeItem(atPath: path)
        let log = EventLog()
        let report = try await fixture.backfill(job(fixture, source) { _ in }).planAndRun(request(), log: log)
        #expect(report.complete == 1 && report.rows == 40 && log.text.contains("2024-01-01 forgets 2"))
    }

    @Test func `What is gone on with is not cleaned up, and what nobody needs is`() async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture)
        let first = job(fixture, source) { if $0.number == 2 { throw Broken() } }
        _ = try await fixture.backfill(first).planAndRun(request())
        let cleaning = try Cleaning(job: first, ledger: fixture.ledger)
        let rule = CleaningRequest(rule: CleaningRule(keep: .zero))
        try await cleaning.run(rule) { _ in }
        #expect(batchFiles(fixture).count == 2)
        try await fixture.cluster.execute(
            "UPDATE \(fixture.schema).partition_progress SET batches = 0 WHERE partition_key = '2024-01-01'")
        let kinds = Mutex<[Leftover.Kind]>([])
        try await cleaning.run(rule) { event in
            if case .removed(_, let leftover) = event { kinds.withLock { $0.append(leftover.kind) } }
        }
        #expect(kinds.withLock { $0 }.contains(.batches) && batchFiles(fixture).isEmpty)
        let root = fixture.folder.appending("orders.reprocess/batches")
        #expect(try FileManager.default.contentsOfDirectory(atPath: root).isEmpty)
        // As a process leaves it that dies when the files are gone.
        try FileManager.default.createDirectory(atPath: root + "/2024-01-01", withIntermediateDirectories: false)
        try await cleaning.run(CleaningRequest(rule: CleaningRule(keep: .zero), isDryRun: true)) { _ in }
        #expect(try FileManager.default.contentsOfDirectory(atPath: root) == ["2024-01-01"])
        try await cleaning.run(rule) { _ in }
        #expect(try FileManager.default.contentsOfDirectory(atPath: root).isEmpty)
    }

    @Test func `A statement whose memory runs out is given smaller batches, until it suffices`() async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture, rows: 40_000)
        // What a list takes grows with its rows, and cannot be put onto the disk.
        let query = Query(
            "SELECT min(id) AS id, len(list(repeat('x', 2000) || id)) AS amount, 1 AS batch FROM source",
            sources: [source],
            batching: Batching(by: ["id"], rows: 40_000))
        let job = Job("orders", target: target(fixture), query: query, version: "1", measures: false)
        let engine = DuckDBSQLEngine(options: EngineOptions(memoryLimit: "60MB", threads: 1))
        let backfill = try Backfill(job: job, ledger: fixture.ledger, engine: engine)
        let sizes = Mutex<[Int64]>([])
        let request = try request()
        let report = try await backfill.run(backfill.plan(request), request, stop: StopSignal()) { event in
            if case .batchFinished(_, _, _, let size) = event { sizes.withLock { $0.append(size) } }
        }
        #expect(report.complete == 1, "\(report.failed)")
        let found = sizes.withLock { $0 }
        #expect(found.allSatisfy { $0 < 40_000 } && found.count >= 2, "\(found)")
        let counts = try await rows(fixture).map { Int($0[1].filter(\.isNumber)) ?? 0 }
        #expect(counts.reduce(0, +) == 40_000 && counts.count == found.count)
        #expect(try await fixture.attempts() == ["2024-01-01 COMPLETE"])
    }

    @Test func `As many batches as asked for are finished, and the rest by the next run`() async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture)
        let query = Query(
            "SELECT id, amount, 1 AS batch FROM source WHERE id >= $batch_from AND id < $batch_to", sources: [source],
            batching: Batching(by: ["id"], rows: 10))
        let job = Job("orders", target: target(fixture), query: query, version: "1")
        let first = try await fixture.backfill(job).planAndRun(request(maxBatches: 3))
        #expect(first.earlyEnd == .batchLimit(partitions: 1, batches: 3, rows: 30))
        #expect(first.complete == 0 && first.remaining == 1 && first.failed.isEmpty)
        let key = try BackfillFixture.day("2024-01-01")
        let row = try #require(try await fixture.ledger.rows(job: "orders", keys: [key]).first)
        #expect(row.status == .pending && row.batches == 3 && row.batchRows == 30 && row.attempt == 0)
        #expect(try fixture.table().current(key) == nil)
        // The last batch is no reason to stop before the publish.
        let second = try await fixture.backfill(job).planAndRun(request(maxBatches: 1))
        #expect(second.complete == 1 && second.earlyEnd == nil && second.rows == 40)
        #expect(try await rows(fixture).count == 40)
    }

    @Test func `What is held of batches is whole, and needs them no more`() async throws {
        let fixture = try await BackfillFixture()
        let source = try source(fixture)
        let job = job(fixture, source) { _ in }
        var request = try request()
        request.holdsEverything = true
        let report = try await fixture.backfill(job).planAndRun(request)
        #expect(report.heldPartitions.count == 1 && batchFiles(fixture).isEmpty)
        let key = try BackfillFixture.day("2024-01-01")
        let held = try #require(try await fixture.ledger.held(job: "orders", keys: [key]).first)
        #expect(held.rowsWritten == 40)
        let files = try #require(try fixture.table().held(key, by: Writer(held.token))).files
        #expect(files.count == 4)
        #expect(try await fixture.cluster.execute("SELECT count(*) FROM \(fixture.schema).batch_checkpoint") == [["0"]])
    }

    @Test func `A source without rows makes a partition without rows`() async throws {
        let fixture = try await BackfillFixture()
        try "id,amount\n".write(toFile: fixture.folder.appending("orders.csv"), atomically: true, encoding: .utf8)
        let source = Source(path: fixture.folder.appending("orders.csv"), format: .csv)
        let query = Query("SELECT id FROM source", sources: [source], batching: Batching(by: ["id"], rows: 10))
        let job = Job("orders", target: target(fixture), query: query, version: "1")
        let report = try await fixture.backfill(job).planAndRun(request())
        #expect(report.complete == 1 && report.rows == 0, "\(report.failed)")
    }
}
