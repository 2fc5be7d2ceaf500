import Foundation
import Lakehouse
import PartitionBackfill
import ProgressStore
import TestSupport
import Testing
import Transforms

/// Audits between staging and publish.
@Suite(.timeLimit(.minutes(3))) struct AuditedRunTests {
    private let day = "2024-01-02"

    @Test(arguments: JudgedFormat.allCases)
    func `What violates an audit is not published, and not tried again`(format: JudgedFormat) async throws {
        let fixture = try await JudgingFixture(format)
        let days = try BackfillFixture.days("2024-01-01", "2024-01-03")
        try await fixture.run(fixture.job(version: "1"), days)
        let before = try fixture.current(day)
        let job = fixture.job(
            version: "2", except: [day: "SELECT 7 AS id, 'secret' AS word FROM range(4)"],
            audits: [Audit(.unique(["id"])), Audit(.notEmpty)])
        let report = try await fixture.run(job, days) { $0.retries = 3 }
        #expect(report.complete == 2 && report.held == 0)
        let error = try #require(report.failed[try BackfillFixture.day(day)])
        #expect(error.contains("unique: [id]") && !error.contains("secret") && !error.contains("7"))
        #expect(try fixture.current(day) == before)
        #expect(try await fixture.attempts(day) == ["COMPLETE", "FAILED"])
        let judged = try #require(
            try await fixture.backfill(job).judgements(of: BackfillFixture.day(day)).last)
        #expect(judged.findings.map(\.hasPassed) == [false, true])
        #expect(judged.outcome == "FAILED" && judged.new?.statistics?.rows == 4)
    }

    @Test(arguments: JudgedFormat.allCases)
    func `Held is what shrinks too much against what is there, and a warning only tells`(
        format: JudgedFormat
    ) async throws {
        let fixture = try await JudgingFixture(format)
        let days = try BackfillFixture.days("2024-01-01", "2024-01-02")
        try await fixture.run(fixture.job(version: "1", rows: 10), days)
        let job = fixture.job(
            version: "2", rows: 10, except: [day: "SELECT range AS id, 'x' AS word FROM range(8)"],
            audits: [
                Audit(.rowCountDrop(limit: 0.1), severity: .hold), Audit(.rowCount(min: 9, max: nil), severity: .warn),
            ])
        let log = EventLog()
        let report = try await fixture.run(job, days, log: log)
        #expect(report.complete == 1 && report.held == 1)
        #expect(report.heldPartitions[try BackfillFixture.day(day)]?.contains("row_count_drop") == true)
        #expect(log.text.contains { $0.hasPrefix("\(day) audited: row_count") })
        #expect(try fixture.current(day)?.rows == 10)
        #expect(try fixture.current("2024-01-01")?.version == (try await fixture.row("2024-01-01"))?.tableVersion)
    }

    @Test func `Audits of counts do without statistics`() async throws {
        let fixture = try await JudgingFixture(.hive)
        let days = try BackfillFixture.days(day, day)
        try await fixture.run(fixture.job(version: "1", rows: 10, measures: false), days)
        let job = fixture.job(
            version: "2", rows: 8, audits: [Audit(.rowCountDrop(limit: 0.1), severity: .hold)], measures: false)
        #expect(try await fixture.run(job, days).held == 1)
        // Nobody has counted what others have put there: the files are asked.
        let file = try #require(try fixture.current(day)?.files.first)
        try FileManager.default.copyItem(atPath: file, toPath: fixture.path + "/day=\(day)/copy.parquet")
        let other = fixture.job(
            version: "3", rows: 12, audits: [Audit(.rowCountDrop(limit: 0.1), severity: .hold)], measures: false)
        let report = try await fixture.run(other, days)
        #expect(report.held == 1, "\(report)")
    }

    @Test(arguments: JudgedFormat.allCases)
    func `A query sees what is staged and what it would replace`(format: JudgedFormat) async throws {
        let fixture = try await JudgingFixture(format)
        let days = try BackfillFixture.days("2024-01-01", "2024-01-02")
        try await fixture.run(fixture.job(version: "1"), BackfillFixture.days(day, day))
        let gone = Query("SELECT id FROM previous EXCEPT SELECT id FROM staged")
        let job = fixture.job(
            version: "2", except: [day: "SELECT range + 1 AS id, 'x' AS word FROM range(3)"],
            audits: [Audit(.noRows(gone), severity: .hold)])
        let report = try await fixture.run(job, days)
        #expect(report.complete == 1 && report.heldPartitions.map(\.key.description) == [day])
    }

    @Test(arguments: JudgedFormat.allCases)
    func `Files of a closure's own that reach outside of the partition are not published`(
        format: JudgedFormat
    ) async throws {
        let fixture = try await JudgingFixture(format)
        let days = try BackfillFixture.days(day, day)
        try await fixture.run(fixture.job(version: "1"), days)
        let before = try fixture.current(day)
        for (version, measures) in [("2", true), ("3", false)] {
            var job = Job("orders", version: version, target: fixture.target) { partition in
                let session = try await DuckDBSQLEngine().openSession()
                // Staged as for a table with another partition column, so that the files keep this one.
                _ = try await session.stage(
                    StageRequest(
                        query: Query(
                            "SELECT DATE '2024-01-02' + range::INTEGER AS day, range AS id, 'x' AS word FROM range(2)"),
                        key: partition.key, column: "another", directory: partition.stagingDirectory ?? "",
                        parquet: ParquetOptions(), provenance: [:]))
                await session.close()
            }
            job.measures = measures
            let report = try await fixture.run(job, days) { $0.retries = 2 }
            #expect(report.failed.count == 1, "\(report)")
            #expect(try fixture.current(day) == before)
        }
        #expect(try await fixture.attempts(day) == ["COMPLETE", "FAILED", "FAILED"])
    }

    @Test(arguments: JudgedFormat.allCases)
    func `Rows of two generations are compared while both are there`(format: JudgedFormat) async throws {
        let fixture = try await JudgingFixture(format)
        let (days, key) = (try BackfillFixture.days(day, day), try BackfillFixture.day(day))
        try await fixture.run(fixture.job(version: "1", word: "a"), days)
        let changed = fixture.job(
            version: "2", except: [day: "SELECT range + 1 AS id, if(range = 0, 'b', 'a') AS word FROM range(3)"])
        try await fixture.run(changed, days) { $0.holdsEverything = true }
        let held = try await fixture.backfill(changed).compareRows(of: key, keyColumns: ["id"], sampleSize: 5)
        #expect(held.added == 1 && held.removed == 1 && held.changed == 1 && held.unchanged == 1)
        let backfill = try fixture.backfill(changed)
        #expect(try await backfill.approve(backfill.held(days), by: "a", reason: "r").isAsDecided)
        let published = try await backfill.compareRows(of: key, keyColumns: ["id"], sampleSize: 5)
        #expect(published == held)
    }
}
