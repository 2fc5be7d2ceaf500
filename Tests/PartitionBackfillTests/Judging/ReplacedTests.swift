import Foundation
import Lakehouse
import Partitions
import ProgressStore
import Synchronization
import TestSupport
import Testing
import Transforms

@testable import PartitionBackfill

/// The numbers of what another program wrote and a run replaced.
@Suite(.timeLimit(.minutes(5))) struct ReplacedTests {
    private static let names = ["2024-01-01", "2024-01-02"]

    /// A table of another program, measured, and then replaced by a run.
    private struct Replaced {
        let fixture: JudgingFixture
        let days: PartitionSet
        let job: Job
        let before: [Generation]
        let statistics: [PartitionStatistics]
        var backfill: Backfill { get throws { try fixture.backfill(job) } }

        init(_ writer: ForeignWriter, by columns: String = "day", measures: Bool = true) async throws {
            fixture = try await JudgingFixture(writer.format)
            try await writer.write(fixture.path, by: columns)
            days = try BackfillFixture.days(names[0], names[1])
            job = fixture.replacingJob(measures: measures)
            var (before, statistics): ([Generation], [PartitionStatistics]) = ([], [])
            // One after the other: the first widens a Delta table, and the second finds it so.
            for name in names {
                before.append(try #require(try fixture.current(name)))
                statistics.append(try await fixture.measured(name))
                #expect(try await fixture.run(job, BackfillFixture.days(name, name)).complete == 1)
            }
            (self.before, self.statistics) = (before, statistics)
        }

        func judged() async throws -> [Judged] { try await backfill.judged(days) }

        /// Has measured what is not known, and says what happened, by day.
        func measure(_ ledger: Ledger? = nil) async throws -> (judged: [Judged], events: [ReplacedEvent]) {
            let events = Mutex<[ReplacedEvent]>([])
            let backfill = try fixture.base.backfill(job, ledger: ledger)
            let judged = try await backfill.measureReplaced(try await backfill.judged(days), workers: 2) { event in
                events.withLock { $0.append(event) }
            }
            return (judged, events.withLock { $0 })
        }

        func clean(_ change: (inout CleaningRequest) -> Void = { _ in }) async throws -> [String] {
            var request = CleaningRequest(rule: CleaningRule(keep: .zero), workers: 2)
            change(&request)
            var events: [String] = []
            try await Cleaning(job: job, ledger: fixture.base.ledger).run(request) { event in
                switch event {
                case .measured(let key, _, let unrecorded): events.append("\(key) measured \(unrecorded ?? "")")
                case .unreadable(let key, _, _): events.append("\(key) unreadable")
                case .removed(let key, let item) where item.kind == .replaced: events.append("\(key) removed")
                default: break
                }
            }
            return events.sorted()
        }
    }

    @Test(arguments: ForeignWriter.allCases)
    func `A run notes what footers tell of what it replaces, and nothing that is not so`(writer: ForeignWriter)
        async throws
    {
        let replaced = try await Replaced(writer)
        for (judged, (before, whole)) in zip(try await replaced.judged(), zip(replaced.before, replaced.statistics)) {
            let old = try #require(judged.old)
            #expect(old.rows == 200 && old.bytes == before.bytes && old.digest == nil)
            let told = try #require(old.statistics)
            #expect(told.rows == 200 && told.digest == nil)
            #expect(told.columns.map(\.name) == whole.columns.map(\.name))
            for (column, truth) in zip(told.columns, whole.columns) {
                #expect(column.distinct == nil && column.sum == nil)
                #expect(column.type.isEmpty || column.type == truth.type || truth.name == "place", "\(column) \(truth)")
                #expect(column.nulls == nil || column.nulls == truth.nulls, "\(column) \(truth)")
                #expect(column.min == nil || column.min == truth.min, "\(column) \(truth)")
                #expect(column.max == nil || column.max == truth.max, "\(column) \(truth)")
            }
            let byName = Dictionary(uniqueKeysWithValues: told.columns.map { ($0.name, $0) })
            #expect(byName["id"]?.min == "0" && byName["id"]?.max == "199" && byName["id"]?.nulls == 0)
            #expect(byName["price"]?.min == "-10.00" && byName["price"]?.max == "39.75")
            #expect(byName["at"]?.min == "2024-01-01 00:00:00+00" && byName["since"]?.max == "2023-01-28")
            #expect(byName["flag"]?.min == "false" && byName["flag"]?.max == "true")
            #expect(byName["note"]?.nulls == 200 && byName["note"]?.min == nil)
            #expect(byName["amount"]?.nulls == 40 && byName["amount"]?.min == "1.5")
            // Arrow does not say whether there is a NaN, which would be greater.
            #expect(byName["amount"]?.max == (writer == .duckdb ? "298.5" : nil))
            // The end of a long text is a bound where the writer cut it.
            #expect(byName["word"]?.min == "w0" && (byName["word"]?.max == nil) == (writer == .delta))
            #expect(byName["tags"]?.nulls == nil && byName["place"]?.nulls == nil)
        }
    }

    @Test(arguments: ForeignWriter.allCases)
    func `What was replaced is measured afterwards, recorded, and not read again`(writer: ForeignWriter) async throws {
        let replaced = try await Replaced(writer)
        let first = try await replaced.measure()
        #expect(Set(first.events) == Set(replaced.days.map { .measured($0, unrecorded: nil) }))
        #expect(first.judged.map(\.old?.statistics) == replaced.statistics)
        #expect(first.judged.map(\.old?.digest) == replaced.statistics.map(\.digest))
        try replaced.fixture.removeReplaced(replaced.before)
        let second = try await replaced.measure()
        #expect(second.events.isEmpty)
        #expect(second.judged.map(\.old?.statistics) == replaced.statistics)
        #expect(second.judged.map(\.old?.bytes) == replaced.before.map(\.bytes))
        // So do those who look at a run, or at one partition.
        let backfill = try replaced.backfill
        let run = try #require(second.judged.first?.run)
        #expect(try await backfill.judged(run: run).map(\.old?.statistics) == [replaced.statistics[0]])
        let life = try await backfill.judgements(of: try BackfillFixture.day("2024-01-01"))
        #expect(life.map(\.old?.statistics) == [replaced.statistics[0]])
    }

    @Test func `Of a Delta table with more partition columns, each file's values are columns as well`() async throws {
        let replaced = try await Replaced(.delta, by: "day,region")
        let region = try await replaced.judged().first?.old?.statistics?.columns.first { $0.name == "region" }
        let truth = try #require(replaced.statistics[0].columns.first { $0.name == "region" })
        #expect(region?.nulls == 67 && region?.min == "north" && region?.max == "south")
        #expect(truth.nulls == 67 && truth.min == "north" && truth.max == "south")
        #expect(try await replaced.measure().judged.map(\.old?.statistics) == replaced.statistics)
        #expect(try await replaced.measure().events.isEmpty)
    }

    @Test func `What a table does not keep any more is told as the footers told it`() async throws {
        for writer in [ForeignWriter.arrow, .delta] {
            let replaced = try await Replaced(writer)
            try replaced.fixture.removeReplaced(replaced.before)
            let (judged, events) = try await replaced.measure()
            #expect(Set(events) == Set(replaced.days.map { .gone($0) }))
            #expect(judged.map(\.old?.statistics?.rows) == [200, 200] && judged.map(\.old?.digest) == [nil, nil])
        }
    }

    @Test func `What cannot be read is said, and the rest is measured`() async throws {
        let replaced = try await Replaced(.arrow)
        let previous = replaced.fixture.path + ".reprocess/previous/2024-01-01"
        try damage(previous)
        let (judged, events) = try await replaced.measure()
        #expect(events.contains(.measured(try BackfillFixture.day("2024-01-02"), unrecorded: nil)))
        #expect(events.contains { if case .unreadable(_, let reason) = $0 { !reason.isEmpty } else { false } })
        #expect(judged.map(\.old?.statistics?.digest) == [nil, replaced.statistics[1].digest])
    }

    @Test func `What is kept and is not what the attempt found is no old side of it`() async throws {
        let replaced = try await Replaced(.duckdb)
        // Whole files, of another time: somebody has put them there.
        let previous = replaced.fixture.path + ".reprocess/previous/2024-01-01"
        let names = try #require(FileManager.default.enumerator(atPath: previous)).compactMap { $0 as? String }
        for name in names where name.hasSuffix(".parquet") {
            #expect(utimensat(AT_FDCWD, "\(previous)/\(name)", [timespec(), timespec(tv_sec: 1, tv_nsec: 0)], 0) == 0)
        }
        let (judged, events) = try await replaced.measure()
        #expect(events.contains(.gone(try BackfillFixture.day("2024-01-01"))))
        #expect(judged.map(\.old?.digest) == [nil, replaced.statistics[1].digest])
    }

    /// Garbage of the same size and time in the place of every file that is kept: it is the same generation by its names.
    private func damage(_ previous: String) throws {
        let manager = FileManager.default
        let names = try #require(manager.enumerator(atPath: previous)).compactMap { $0 as? String }
        for name in names where name.hasSuffix(".parquet") {
            let path = "\(previous)/\(name)"
            var status = stat()
            #expect(stat(path, &status) == 0)
            let handle = try #require(FileHandle(forWritingAtPath: path))
            try handle.write(contentsOf: Data(repeating: 0x2a, count: Int(status.st_size)))
            try handle.close()
            #expect(utimensat(AT_FDCWD, path, [status.st_atim, status.st_mtim], 0) == 0)
        }
    }

    @Test func `Cleaning measures what it removes, and a dry run only says so`() async throws {
        let replaced = try await Replaced(.duckdb)
        let both = ["2024-01-01 measured ", "2024-01-01 removed", "2024-01-02 measured ", "2024-01-02 removed"]
        #expect(try await replaced.clean { $0.isDryRun = true } == both)
        #expect(try await replaced.judged().map(\.old?.digest) == [nil, nil])
        #expect(try await replaced.clean() == both)
        let kept = try FileManager.default.contentsOfDirectory(
            atPath: replaced.fixture.path + ".reprocess/previous/2024-01-01")
        #expect(kept.isEmpty)
        #expect(try await replaced.judged().map(\.old?.statistics) == replaced.statistics)
        #expect(try await replaced.measure().events.isEmpty)
    }

    @Test func `Cleaning goes on where files are damaged, and measures nothing where nobody wants it`() async throws {
        let damaged = try await Replaced(.arrow)
        try damage(damaged.fixture.path + ".reprocess/previous/2024-01-01")
        let events = try await damaged.clean()
        #expect(events.filter { $0.hasPrefix("2024-01-02") } == ["2024-01-02 measured ", "2024-01-02 removed"])
        #expect(events.filter { $0.hasPrefix("2024-01-01") } == ["2024-01-01 removed", "2024-01-01 unreadable"])
        let unmeasured = try await Replaced(.arrow)
        #expect(
            try await unmeasured.clean { $0.measuresReplaced = false } == ["2024-01-01 removed", "2024-01-02 removed"])
        #expect(try await unmeasured.judged().map(\.old?.digest) == [nil, nil])
        #expect(try await unmeasured.judged().map(\.old?.statistics?.rows) == [200, 200])
    }

    @Test func `Without statistics nothing of the kind is noted, measured or recorded`() async throws {
        let replaced = try await Replaced(.arrow, measures: false)
        let (judged, events) = try await replaced.measure()
        #expect(
            events.isEmpty && judged.map(\.old?.rows) == [nil, nil] && judged.map(\.old?.statistics) == [nil, nil])
        // Also where the job wants statistics since: of the new side there are none.
        let measuring = try replaced.fixture.backfill(replaced.fixture.replacingJob())
        #expect(judged.allSatisfy { !measuring.canMeasureReplaced($0) })
        #expect(try await replaced.clean() == ["2024-01-01 removed", "2024-01-02 removed"])
    }

    @Test func `Who may only read the ledger sees the numbers, and records none`() async throws {
        let replaced = try await Replaced(.arrow)
        let base = replaced.fixture.base
        let user = "\(base.schema)_reader"
        for sql in [
            "CREATE ROLE \(user) LOGIN", "GRANT USAGE ON SCHEMA \(base.schema) TO \(user)",
            "GRANT SELECT ON ALL TABLES IN SCHEMA \(base.schema) TO \(user)",
        ] { try await base.cluster.execute(sql) }
        let conninfo = base.cluster.conninfo.replacing("user=reprocess", with: "user=\(user)")
        let ledger = try await Ledger.open(
            .server(conninfo: conninfo), options: LedgerOptions(schema: base.schema, worker: "reader:1:a"))
        let (judged, events) = try await replaced.measure(ledger)
        await ledger.close()
        #expect(judged.map(\.old?.statistics) == replaced.statistics)
        #expect(events.count == 2)
        for event in events {
            guard case .measured(_, let unrecorded) = event else {
                Issue.record("\(event)")
                continue
            }
            #expect(unrecorded?.contains("permission denied") == true, "\(unrecorded ?? "recorded")")
        }
        #expect(try await replaced.judged().map(\.old?.digest) == [nil, nil])
    }

    @Test func `What a foreign generation held is known from when it was held against, whatever footers told later`()
        async throws
    {
        let fixture = try await JudgingFixture(.hive)
        try await ForeignWriter.arrow.write(fixture.path)
        let days = try BackfillFixture.days("2024-01-01", "2024-01-01")
        let before = try await fixture.measured("2024-01-01")
        let job = fixture.replacingJob()
        #expect(try await fixture.run(job, days) { $0.holdsEverything = true }.heldPartitions.count == 1)
        let next = fixture.replacingJob(version: "2")
        #expect(try await fixture.run(next, days).complete == 1)
        let judged = try #require(try await fixture.backfill(next).judged(days).first)
        #expect(judged.outcome == "COMPLETE" && judged.old?.statistics == before)
        #expect(try !fixture.backfill(next).canMeasureReplaced(judged))
        let run = try #require(judged.run)
        #expect(try await fixture.backfill(next).judged(run: run).map(\.old?.statistics) == [before])
        let life = try await fixture.backfill(next).judgements(of: try BackfillFixture.day("2024-01-01"))
        #expect(life.map(\.old?.statistics) == [before, before])
        // So cleaning has nothing to read either.
        let cleaning = try Cleaning(job: next, ledger: fixture.base.ledger)
        try await cleaning.run(CleaningRequest(rule: CleaningRule(keep: .zero))) { event in
            if case .measured = event { Issue.record("\(event)") }
        }
        #expect(try await fixture.backfill(next).judged(days).map(\.old?.statistics) == [before])
    }
}
