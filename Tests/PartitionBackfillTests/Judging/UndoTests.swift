import Foundation
import Lakehouse
import PartitionBackfill
import ProgressStore
import TestSupport
import Testing
import Transforms

/// Generations that are put back.
@Suite(.timeLimit(.minutes(3))) struct UndoTests {
    private func undo(
        _ fixture: JudgingFixture, _ job: Job, _ scope: UndoRequest.Scope, force: Bool = false, dryRun: Bool = false
    ) async throws -> UndoReport {
        try await fixture.backfill(job).undo(
            UndoRequest(scope: scope, force: force, isDryRun: dryRun, user: "ada", reason: "wrong"))
    }

    /// Two days of the first version, and the run that replaced them by the second.
    private func replaced(
        _ format: JudgedFormat
    ) async throws -> (fixture: JudgingFixture, days: PartitionSet, job: Job, run: Int64, before: Set<Data>) {
        let fixture = try await JudgingFixture(format)
        let days = try BackfillFixture.days("2024-01-01", "2024-01-02")
        try await fixture.run(fixture.job(version: "1"), days)
        let before = try fixture.contents(try #require(try fixture.current("2024-01-01")).files)
        let job = fixture.job(version: "2")
        let report = try await fixture.run(job, days)
        return (fixture, days, job, report.run, before)
    }

    @Test(arguments: JudgedFormat.allCases)
    func `The generation before comes back byte for byte, and an undo is undone like any run`(
        format: JudgedFormat
    ) async throws {
        let (fixture, days, job, run, before) = try await replaced(format)
        let after = try fixture.contents(try #require(try fixture.current("2024-01-01")).files)
        let report = try await undo(fixture, job, .run(run))
        #expect(report.entries.count == 2)
        guard case .putBack(let restoration)? = report.entries.first?.outcome else {
            Issue.record("\(report)")
            return
        }
        #expect(restoration.transformVersion == "1" && restoration.rows == 3 && restoration.files == 1)
        let restored = try #require(try fixture.current("2024-01-01"))
        #expect(try fixture.contents(restored.files) == before)
        let row = try #require(try await fixture.row("2024-01-01"))
        #expect(row.status == .complete && row.transformVersion == "1" && row.tableVersion == restored.version)
        #expect(row.rowsWritten == 3)
        #expect(try await fixture.attempts("2024-01-01") == ["COMPLETE", "COMPLETE", "UNDO COMPLETE"])
        #expect(try await fixture.verify(job).agreeing == 2)
        // The fixed transform would make it again.
        let plan = try await fixture.backfill(job).plan(BackfillRequest(partitions: days))
        #expect(plan.counts == [.staleTransform: 2])
        let judged = try #require(try await fixture.backfill(job).judged(days).first)
        #expect(judged.kind == .undo && judged.run == report.run)
        #expect(judged.new?.statistics?.columns.last?.max == "1" && judged.old?.statistics?.columns.last?.max == "2")
        let again = try await undo(fixture, job, .run(try #require(report.run)))
        #expect(again.entries.count == 2)
        #expect(try fixture.contents(try #require(try fixture.current("2024-01-01")).files) == after)
        #expect(try await fixture.row("2024-01-01")?.transformVersion == "2")
        #expect(try await fixture.verify(job).agreeing == 2)
        // The digests went with them: the same result is known to be there.
        #expect(try await fixture.run(fixture.job(version: "3", word: "2"), days).unchanged == 2)
    }

    @Test(arguments: JudgedFormat.allCases)
    func `A dry run tells and changes nothing`(format: JudgedFormat) async throws {
        let (fixture, days, job, run, _) = try await replaced(format)
        let current = try fixture.current("2024-01-01")
        for scope in [UndoRequest.Scope.run(run), .partitions(days)] {
            let report = try await undo(fixture, job, scope, dryRun: true)
            #expect(report.run == nil)
            for entry in report.entries {
                guard case .wouldPutBack(let restoration) = entry.outcome else {
                    Issue.record("\(entry)")
                    continue
                }
                #expect(restoration.rows == 3)
            }
        }
        #expect(try fixture.current("2024-01-01") == current)
        #expect(try await fixture.attempts("2024-01-01") == ["COMPLETE", "COMPLETE"])
    }

    @Test(arguments: JudgedFormat.allCases)
    func `What others have replaced since is put back only by force`(format: JudgedFormat) async throws {
        let (fixture, days, job, run, before) = try await replaced(format)
        try await fixture.replaceUnseen("2024-01-01")
        let foreign = try fixture.current("2024-01-01")
        for scope in [UndoRequest.Scope.run(run), .partitions(days)] {
            let report = try await undo(fixture, job, scope, dryRun: true)
            guard case .refused? = report.entries.first?.outcome else {
                Issue.record("\(report)")
                continue
            }
        }
        let report = try await undo(fixture, job, .run(run))
        guard case .refused? = report.entries.first?.outcome, case .putBack? = report.entries.last?.outcome else {
            Issue.record("\(report)")
            return
        }
        #expect(try fixture.current("2024-01-01") == foreign)
        #expect(try await fixture.row("2024-01-01")?.status == .complete)
        let forced = try await undo(
            fixture, job, .partitions(try BackfillFixture.days("2024-01-01", "2024-01-01")), force: true)
        guard case .putBack? = forced.entries.first?.outcome else {
            Issue.record("\(forced)")
            return
        }
        #expect(try fixture.contents(try #require(try fixture.current("2024-01-01")).files) == before)
        #expect(try await fixture.verify(job).agreeing == 2)
    }

    @Test(arguments: JudgedFormat.allCases)
    func `A run is undone only where its changes are the latest`(format: JudgedFormat) async throws {
        let (fixture, days, job, run, _) = try await replaced(format)
        let later = fixture.job(version: "3", except: ["2024-01-02": "SELECT range AS id, '2' AS word FROM range(3)"])
        let second = try await fixture.run(later, days)
        #expect(second.unchanged == 1)
        let report = try await undo(fixture, job, .run(run), dryRun: true)
        guard case .refused? = report.entries.first?.outcome, case .wouldPutBack? = report.entries.last?.outcome else {
            Issue.record("\(report)")
            return
        }
        // The second run has left one day as it was: there is nothing of it to undo.
        let last = try await undo(fixture, later, .run(second.run))
        guard case .putBack? = last.entries.first?.outcome, case .nothingToUndo? = last.entries.last?.outcome else {
            Issue.record("\(last)")
            return
        }
        #expect(try await fixture.row("2024-01-01")?.transformVersion == "2")
    }

    @Test(arguments: JudgedFormat.allCases)
    func `Where nothing was before, nothing is left, and that can be undone as well`(
        format: JudgedFormat
    ) async throws {
        let fixture = try await JudgingFixture(format)
        let days = try BackfillFixture.days("2024-01-01", "2024-01-01")
        let job = fixture.job(version: "1")
        let run = try await fixture.run(job, days).run
        #expect(try await undo(fixture, job, .run(run), dryRun: true).entries.map(\.outcome) == [.wouldEmpty])
        let report = try await undo(fixture, job, .run(run))
        #expect(report.entries.map(\.outcome) == [.emptied])
        #expect(try fixture.current("2024-01-01")?.rows == 0)
        #expect(try await fixture.verify(job).agreeing == 1)
        let again = try await undo(fixture, job, .run(try #require(report.run)))
        guard case .putBack? = again.entries.first?.outcome else {
            Issue.record("\(again)")
            return
        }
        #expect(try fixture.current("2024-01-01")?.rows == 3)
    }

    @Test func `What was never made, marked by hand, held or cleaned up cannot be put back, and says why`() async throws
    {
        let fixture = try await JudgingFixture(.hive)
        let job = fixture.job(version: "1")
        let days = try BackfillFixture.days("2024-01-01", "2024-01-04")
        let made = try BackfillFixture.days("2024-01-01", "2024-01-02")
        try await fixture.run(job, made)
        try await fixture.run(fixture.job(version: "2"), made)
        _ = try await fixture.base.ledger.mark(
            job: "orders", Mark(key: BackfillFixture.day("2024-01-03"), status: .complete))
        try await fixture.run(fixture.job(version: "3"), BackfillFixture.days("2024-01-02", "2024-01-02")) {
            $0.holdsEverything = true
        }
        try await Cleaning(job: job, ledger: fixture.base.ledger)
            .run(CleaningRequest(rule: CleaningRule(keep: .zero))) { _ in }
        let report = try await undo(fixture, job, .partitions(days))
        let kinds = report.entries.map { entry in
            switch entry.outcome {
            case .gone(let reason): "gone: \(reason.contains("clean"))"
            case .refused(let reason): "refused: \(reason.contains("HELD"))"
            case .nothingToUndo(let reason): "nothing: \(reason.contains("by hand"))"
            default: "\(entry.outcome)"
            }
        }
        #expect(kinds == ["gone: true", "refused: true", "nothing: true", "nothing: false"])
        #expect(report.run == nil)
    }

    @Test func `An undo that cannot be done leaves the partition COMPLETE`() async throws {
        let (fixture, _, job, run, _) = try await replaced(.hive)
        let key = try BackfillFixture.day("2024-01-01")
        let current = try #require(try fixture.current("2024-01-01"))
        // It is kept, and cannot be read where it is.
        let previous = fixture.path + ".reprocess/previous/2024-01-01"
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: previous).first)
        let file = try #require(try FileManager.default.contentsOfDirectory(atPath: "\(previous)/\(name)").first)
        try Data("broken".utf8).write(to: URL(filePath: "\(previous)/\(name)/\(file)"))
        let report = try await undo(fixture, job, .run(run))
        guard case .failed? = report.entries.first?.outcome else {
            Issue.record("\(report)")
            return
        }
        let row = try #require(try await fixture.row("2024-01-01"))
        #expect(row.status == .complete && row.tableVersion == current.version && row.transformVersion == "2")
        #expect(try fixture.table().current(key) == current)
        #expect(try await fixture.verify(job).agreeing == 2)
    }
}
