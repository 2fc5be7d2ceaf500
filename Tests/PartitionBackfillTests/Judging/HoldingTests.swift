import Foundation
import Lakehouse
import PartitionBackfill
import ProgressStore
import TestSupport
import Testing
import Transforms

/// What waits for a decision, and what is decided.
@Suite(.timeLimit(.minutes(3))) struct HoldingTests {
    private let day = "2024-01-02"

    /// A day that is held by the second version, over what the first has published.
    private func held(
        _ format: JudgedFormat
    ) async throws -> (fixture: JudgingFixture, job: Job, partition: HeldPartition) {
        let fixture = try await JudgingFixture(format)
        let days = try BackfillFixture.days(day, day)
        try await fixture.run(fixture.job(version: "1"), days)
        let job = fixture.job(version: "2")
        let report = try await fixture.run(job, days) { $0.holdsEverything = true }
        #expect(report.held == 1 && report.complete == 0)
        return (fixture, job, try #require(try await fixture.backfill(job).held(nil).first))
    }

    private func writer(_ held: HeldPartition) -> Writer {
        Writer(fence: held.token.fence, claimID: held.token.claimID)
    }

    @Test(arguments: JudgedFormat.allCases)
    func `A partition that would become empty is held, and the others are published`(
        format: JudgedFormat
    ) async throws {
        let fixture = try await JudgingFixture(format)
        let days = try BackfillFixture.days("2024-01-01", "2024-01-03")
        try await fixture.run(fixture.job(version: "1"), days)
        let before = try fixture.current(day)
        let job = fixture.job(version: "2", except: [day: "SELECT 1::BIGINT AS id, 'x' AS word WHERE false"])
        let log = EventLog()
        let report = try await fixture.run(job, days, log: log)
        #expect(report.complete == 2 && report.held == 1 && report.failed.isEmpty)
        #expect(report.heldPartitions.map(\.key.description) == [day])
        #expect(log.text.contains { $0.hasPrefix("\(day) held: The result has no rows, but the partition has 3.") })
        #expect(try fixture.current(day) == before)
        #expect(try await fixture.row(day)?.status == .held)
        #expect(try await fixture.attempts(day) == ["COMPLETE", "HELD"])
        let plan = try await fixture.backfill(job).plan(BackfillRequest(partitions: days))
        #expect(plan.counts == [.complete: 2, .held: 1])
        let held = try #require(try await fixture.backfill(job).held(days).first)
        #expect(held.rowsWritten == 0 && held.judgement?.replacedRows == 3)
        #expect(try fixture.table().held(held.key, by: writer(held)) != nil)
        let judged = try await fixture.backfill(job).judged(days)[1]
        #expect(judged.outcome == "HELD" && judged.old?.rows == 3 && judged.new?.rows == 0)
    }

    @Test(arguments: JudgedFormat.allCases)
    func `An approval publishes exactly what was judged`(format: JudgedFormat) async throws {
        let (fixture, job, held) = try await held(format)
        let files = try #require(try fixture.table().held(held.key, by: writer(held))).files
        let judged = try fixture.contents(files)
        let log = EventLog()
        let report = try await fixture.backfill(job).approve([held], by: "ada@lab", reason: "looked at") {
            log.record($0)
        }
        guard case .published(let version, 3)? = report.entries.first?.outcome else {
            Issue.record("\(report)")
            return
        }
        let current = try #require(try fixture.current(day))
        #expect(current.version == version && current.rows == 3 && report.isAsDecided)
        if format == .hive { #expect(try fixture.contents(current.files) == judged) }
        let row = try #require(try await fixture.row(day))
        #expect(row.status == .complete && row.transformVersion == "2" && row.tableVersion == version)
        #expect(try await fixture.attempts(day) == ["COMPLETE", "HELD", "APPROVE COMPLETE"])
        #expect(try fixture.table().held(held.key, by: writer(held)) == nil)
        #expect(log.text == ["\(day) completed"])
        let decision = try #require(try await fixture.base.ledger.decisions(job: "orders", key: held.key).first)
        #expect(decision.kind == .approve && decision.user == "ada@lab" && decision.reason == "looked at")
        #expect(try await fixture.verify(job).agreeing == 1)
        // The digest went with the approval: the same again publishes nothing.
        let again = try await fixture.run(fixture.job(version: "3", word: "2"), BackfillFixture.days(day, day))
        #expect(again.unchanged == 1)
    }

    @Test(arguments: JudgedFormat.allCases)
    func `What has changed since it was judged is not replaced`(format: JudgedFormat) async throws {
        let (fixture, job, held) = try await held(format)
        try await fixture.replaceUnseen(day)
        let changed = try fixture.current(day)
        let report = try await fixture.backfill(job).approve([held], by: "ada", reason: "r")
        guard case .changedMeanwhile(let reason)? = report.entries.first?.outcome else {
            Issue.record("\(report)")
            return
        }
        #expect(reason.contains("has changed since"))
        #expect(try fixture.current(day) == changed)
        let row = try #require(try await fixture.row(day))
        #expect(row.status == .pending && row.errorMessage == reason)
        #expect(try fixture.table().held(held.key, by: writer(held)) == nil)
        // The next run makes it anew.
        #expect(try await fixture.run(job, BackfillFixture.days(day, day)).complete == 1)
    }

    @Test(arguments: JudgedFormat.allCases)
    func `What is not there any more cannot be approved`(format: JudgedFormat) async throws {
        let (fixture, job, held) = try await held(format)
        let before = try fixture.current(day)
        try fixture.table().dropHeld(held.key, by: writer(held))
        let report = try await fixture.backfill(job).approve([held], by: "ada", reason: "r")
        #expect(report.entries.map(\.outcome) == [.changedMeanwhile(reason: "What was held is not there any more.")])
        #expect(try fixture.current(day) == before)
        #expect(try await fixture.row(day)?.status == .pending)
    }

    @Test(arguments: JudgedFormat.allCases)
    func `A rejection drops it, and the next run makes it anew`(format: JudgedFormat) async throws {
        let (fixture, job, held) = try await held(format)
        let before = try fixture.current(day)
        let backfill = try fixture.backfill(job)
        let report = try await backfill.reject([held], by: "ada@lab", reason: "too few")
        #expect(report.entries.map(\.outcome) == [.rejected])
        #expect(try fixture.current(day) == before)
        #expect(try fixture.table().held(held.key, by: writer(held)) == nil)
        let row = try #require(try await fixture.row(day))
        #expect(row.status == .failed && row.errorMessage?.contains("ada@lab: too few") == true)
        #expect(try await backfill.approve([held], by: "bob", reason: "r").entries.map(\.outcome) == [.notHeld])
        #expect(try await fixture.run(job, BackfillFixture.days(day, day)).complete == 1)
    }

    @Test(arguments: JudgedFormat.allCases)
    func `Of several who decide at once one does`(format: JudgedFormat) async throws {
        let (fixture, job, held) = try await held(format)
        let before = try fixture.current(day)
        let backfills = try [0, 1, 2].map { _ in try fixture.backfill(job) }
        let outcomes = try await withThrowingTaskGroup(of: [DecisionOutcome].self) { group in
            for (number, backfill) in backfills.enumerated() {
                group.addTask {
                    let report =
                        number == 0
                        ? try await backfill.reject([held], by: "\(number)", reason: "r")
                        : try await backfill.approve([held], by: "\(number)", reason: "r")
                    return report.entries.map(\.outcome)
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(outcomes.count { $0.isAsDecided } == 1, "\(outcomes)")
        #expect(outcomes.count { $0 == .notHeld } == 2, "\(outcomes)")
        let isRejected = outcomes.contains(.rejected)
        #expect(try await fixture.row(day)?.status == (isRejected ? .failed : .complete))
        #expect(try (fixture.current(day) == before) == isRejected)
    }

    @Test(arguments: JudgedFormat.allCases)
    func `A fixed transform makes anew what another version left held`(format: JudgedFormat) async throws {
        let (fixture, job, held) = try await held(format)
        let days = try BackfillFixture.days(day, day)
        let fixed = fixture.job(version: "3")
        let plan = try await fixture.backfill(fixed).plan(BackfillRequest(partitions: days))
        #expect(plan.counts == [.staleTransform: 1])
        #expect(try await fixture.run(fixed, days).complete == 1)
        #expect(
            try await fixture.backfill(job).approve([held], by: "a", reason: "r").entries.map(\.outcome) == [.notHeld])
        // What was held is garbage now.
        let cleaning = try Cleaning(job: fixed, ledger: fixture.base.ledger)
        try await cleaning.run(CleaningRequest(rule: CleaningRule(keep: .zero))) { _ in }
        #expect(try fixture.table().held(held.key, by: writer(held)) == nil)
    }

    @Test(arguments: JudgedFormat.allCases)
    func `What waits is no garbage, and does not keep a reader from comparing it`(format: JudgedFormat) async throws {
        let (fixture, job, held) = try await held(format)
        let cleaning = try Cleaning(job: job, ledger: fixture.base.ledger)
        try await cleaning.run(CleaningRequest(rule: CleaningRule(keep: .zero, removesUnknown: true))) { _ in }
        #expect(try fixture.table().held(held.key, by: writer(held)) != nil)
        #expect(try await fixture.backfill(job).approve([held], by: "a", reason: "r").isAsDecided)
    }
}
