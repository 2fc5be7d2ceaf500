import Foundation
import Lakehouse
import PartitionBackfill
import ProgressStore
import TestSupport
import Testing
import Transforms

/// A result that the table holds already.
@Suite(.timeLimit(.minutes(3))) struct UnchangedTests {
    private func inodes(_ files: [String]) throws -> [UInt64] {
        try files.map { file in
            var status = stat()
            guard stat(file, &status) == 0 else { throw TestSupportError("\(file) is not there") }
            return UInt64(status.st_ino)
        }
    }

    @Test(arguments: JudgedFormat.allCases)
    func `It is COMPLETE, and its files stay`(format: JudgedFormat) async throws {
        let fixture = try await JudgingFixture(format)
        let days = try BackfillFixture.days("2024-01-01", "2024-01-03")
        try await fixture.run(fixture.job(version: "1", word: "same"), days)
        let before = try #require(try fixture.current("2024-01-02"))
        let places = try inodes(before.files)
        // Another transform, in another order, and on the third day another result.
        let other = fixture.job(
            version: "2",
            except: [
                "2024-01-01": "SELECT range AS id, 'same' AS word FROM range(3) ORDER BY id DESC",
                "2024-01-02": "SELECT range AS id, 'same' AS word FROM range(3) -- as before",
            ])
        let log = EventLog()
        let report = try await fixture.run(other, days, log: log)
        #expect(report.complete == 3 && report.unchanged == 2)
        #expect(Array(report.changed).map(\.description) == ["2024-01-03"])
        #expect(report.rows == 3)
        #expect(log.text.contains("2024-01-02 unchanged") && log.text.contains("2024-01-03 completed"))
        #expect(try fixture.current("2024-01-02") == before)
        #expect(try inodes(before.files) == places)
        let row = try #require(try await fixture.row("2024-01-02"))
        #expect(row.status == .complete && row.transformVersion == "2" && row.tableVersion == before.version)
        #expect(row.rowsWritten == 3 && row.bytesWritten == before.bytes)
        #expect(try await fixture.verify(other).agreeing == 3)
        #expect(try await fixture.backfill(other).plan(BackfillRequest(partitions: days)).runCount == 0)
        let judged = try await fixture.backfill(other).judged(days)
        #expect(judged.map(\.wasUnchanged) == [true, true, false])
        #expect(judged.allSatisfy { $0.old?.rows == 3 && $0.new?.rows == 3 })
        #expect(judged.first?.old?.digest == judged.first?.new?.digest)
        #expect(judged.last?.new?.statistics?.columns.first { $0.name == "word" }?.max == "2")
        #expect(judged.last?.old?.statistics?.columns.first { $0.name == "word" }?.max == "same")
    }

    @Test(arguments: JudgedFormat.allCases)
    func `What the ledger does not know of the table is measured`(format: JudgedFormat) async throws {
        let fixture = try await JudgingFixture(format)
        let day = try BackfillFixture.days("2024-01-01", "2024-01-01")
        try await fixture.run(fixture.job(version: "1", word: "same"), day)
        let before = try fixture.current("2024-01-01")
        try await fixture.base.cluster.execute(
            "UPDATE \(fixture.base.schema).partition_progress SET content_digest = NULL")
        let report = try await fixture.run(fixture.job(version: "2", word: "same"), day)
        #expect(report.unchanged == 1)
        #expect(try fixture.current("2024-01-01") == before)
    }

    @Test(arguments: JudgedFormat.allCases)
    func `Whoever asks for a rewrite, or has nothing measured, gets a new generation`(
        format: JudgedFormat
    ) async throws {
        let fixture = try await JudgingFixture(format)
        let day = try BackfillFixture.days("2024-01-01", "2024-01-01")
        try await fixture.run(fixture.job(version: "1", word: "same"), day)
        let first = try fixture.current("2024-01-01")
        let rewritten = try await fixture.run(fixture.job(version: "2", word: "same"), day) {
            $0.rewritesUnchanged = true
        }
        let second = try fixture.current("2024-01-01")
        #expect(rewritten.unchanged == 0 && second?.version != first?.version)
        let unmeasured = try await fixture.run(fixture.job(version: "3", word: "same", measures: false), day)
        #expect(unmeasured.unchanged == 0)
        #expect(try fixture.current("2024-01-01")?.version != second?.version)
        #expect(try await fixture.verify(fixture.job(version: "3")).agreeing == 1)
    }

    @Test(arguments: JudgedFormat.allCases)
    func `What somebody else has put there is replaced, be it the same`(format: JudgedFormat) async throws {
        let fixture = try await JudgingFixture(format)
        let day = try BackfillFixture.days("2024-01-01", "2024-01-01")
        try await fixture.run(fixture.job(version: "1"), day)
        try await fixture.replaceUnseen("2024-01-01", rows: 3)
        // The ledger's digest is that of another generation than the one that is there.
        let report = try await fixture.run(fixture.job(version: "2", word: "1"), day)
        #expect(report.unchanged == 0)
        #expect(try fixture.current("2024-01-01")?.version == (try await fixture.row("2024-01-01"))?.tableVersion)
        let judged = try await fixture.backfill(fixture.job(version: "2")).judged(day).first
        #expect(judged?.old?.statistics?.columns.first { $0.name == "word" }?.max == "unseen")
    }

    @Test func `Files of another program are measured where it is asked for, or somebody has to decide`() async throws {
        let fixture = try await JudgingFixture(.hive)
        let days = try BackfillFixture.days("2024-01-01", "2024-01-03")
        try await fixture.run(fixture.job(version: "1", word: "theirs"), days)
        for day in days {
            let file = try #require(try fixture.current(day.description)?.files.first)
            try FileManager.default.moveItem(atPath: file, toPath: fixture.path + "/day=\(day)/theirs.parquet")
        }
        let job = fixture.job(version: "2")
        var full = job
        full.measuresReplaced = true
        try await fixture.run(full, try BackfillFixture.days("2024-01-01", "2024-01-01"))
        try await fixture.run(job, try BackfillFixture.days("2024-01-02", "2024-01-02")) { $0.holdsEverything = true }
        try await fixture.run(job, try BackfillFixture.days("2024-01-03", "2024-01-03"))
        let judged = try await fixture.backfill(job).judged(days)
        #expect(judged.map(\.outcome) == ["COMPLETE", "HELD", "COMPLETE"])
        #expect(judged.map { $0.old?.rows } == [3, 3, 3])
        let words = judged.map { $0.old?.statistics?.columns.first { $0.name == "word" }?.max }
        #expect(words == ["theirs", "theirs", "theirs"])
        // Of the third, footers told it, and nobody has read a row.
        #expect(judged.map { $0.old?.statistics?.digest == nil } == [false, false, true])
    }

    @Test func `A file that was laid beside ours makes it another content`() async throws {
        let fixture = try await JudgingFixture(.hive)
        let day = try BackfillFixture.days("2024-01-01", "2024-01-01")
        try await fixture.run(fixture.job(version: "1", word: "same"), day)
        let file = try #require(try fixture.current("2024-01-01")?.files.first)
        try FileManager.default.copyItem(atPath: file, toPath: fixture.path + "/day=2024-01-01/copy.parquet")
        let report = try await fixture.run(fixture.job(version: "2", word: "same"), day)
        #expect(report.unchanged == 0)
        #expect(try fixture.current("2024-01-01")?.rows == 3)
        let judged = try await fixture.backfill(fixture.job(version: "2")).judged(day).first
        #expect(judged?.old?.rows == 6)
    }

    @Test func `What cannot be read is replaced all the same, and that is told`() async throws {
        let fixture = try await JudgingFixture(.hive)
        let day = try BackfillFixture.days("2024-01-01", "2024-01-01")
        try await fixture.run(fixture.job(version: "1"), day)
        let current = try #require(try fixture.current("2024-01-01"))
        // As large as it was, so that nobody sees it from outside.
        try Data(count: Int(current.bytes)).write(to: URL(filePath: try #require(current.files.first)))
        try await fixture.base.cluster.execute(
            "UPDATE \(fixture.base.schema).partition_progress SET content_digest = NULL")
        let log = EventLog()
        let report = try await fixture.run(fixture.job(version: "2"), day, log: log)
        #expect(report.complete == 1 && report.unchanged == 0)
        #expect(log.text.contains { $0.hasPrefix("notice: 2024-01-01: what is replaced could not be measured.") })
        #expect(try fixture.current("2024-01-01")?.rows == 3)
        #expect(try await fixture.verify(fixture.job(version: "2")).agreeing == 1)
    }
}
