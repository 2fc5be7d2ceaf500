import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

@Suite(.timeLimit(.minutes(5))) struct ReadingTests {
    @Test func `A run has a row for each planned partition, gaps left out`() async throws {
        let fixture = try await LedgerFixture.make()
        _ = try await fixture.ledger.mark(job: "orders", Mark(key: days(10)[3], status: .complete))
        let planned = days(10).filter { $0 != days(10)[6] }
        let run = try await fixture.ledger.openRun(runRequest(planned))
        let rows = Recorder<PlanRow>()
        let range = try PartitionRange(from: days(1)[0], through: days(20)[19])
        try await fixture.ledger.forEachPlanRow(job: "orders", tableIdentity: nil, in: range) { rows.add($0) }
        #expect(rows.values.map(\.key) == planned)
        #expect(rows.values.map(\.status) == planned.map { $0 == days(10)[3] ? .complete : .pending })
        let summary = try await fixture.execute(
            "SELECT run_id, job, first_key, last_key, planned, reason, control, outcome FROM reprocess.run_summary")
        #expect(
            summary == [["\(run)", "orders", "2024-01-01", "2024-01-10", "9", "the rate was wrong", "RUN", nil]])
        for outcome in ["FINISHED", "STOPPED"] {
            try await fixture.ledger.closeRun(
                run, RunResult(complete: 8, failed: 1, skipped: 1, outcome: outcome))
        }
        #expect(
            try await fixture.execute("SELECT outcome, complete, failed, skipped FROM reprocess.run")
                == [["FINISHED", "8", "1", "1"]])
    }

    @Test(arguments: [
        ("2023-12-31T22", "2024-01-01T03", Granularity.hour), ("2024-02-27", "2024-03-02", .day),
        ("1969-11", "1970-03", .month), ("0001-01-01", "0001-01-03", .day), ("9999-11", "9999-12", .month),
        ("1969-12-31T23", "1970-01-01T01", .hour),
    ])
    func `The server names partitions as the program does`(
        first: String, last: String, granularity: Granularity
    ) async throws {
        let fixture = try await LedgerFixture.make()
        let range = try PartitionRange(
            from: PartitionKey(parsing: first, as: granularity), through: PartitionKey(parsing: last, as: granularity))
        _ = try await fixture.ledger.openRun(
            RunRequest(
                job: "orders", range: range, planned: PartitionSet(range), tableIdentity: nil, options: "", reason: nil,
                transformVersion: "1"))
        let rows = try await fixture.execute(
            "SELECT partition_key, partition_date FROM reprocess.partition_progress ORDER BY partition_key")
        #expect(rows.map { $0[0] } == range.map(\.description))
        #expect(rows.map { $0[1] } == range.map(\.date.description))
        #expect(try await fixture.ledger.claim(request(Array(range))).map(\.key) == Array(range))
    }

    @Test func `A plan sees each row's state, and what other jobs work on`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let lost = try await ledger.claim(request([days(8)[0]], lease: .milliseconds(50))).only()
        _ = try await ledger.claim(request([days(8)[1]]))
        let done = try await ledger.claim(request([days(8)[2]])).only()
        _ = try await ledger.complete(job: "orders", [completion(done, version: "1")])
        let failed = try await ledger.claim(request([days(8)[3]])).only()
        _ = try await ledger.fail(job: "orders", failed.token, error: "x", .giveUp)
        _ = try await ledger.claim(request([days(8)[5], days(8)[7], days(8)[2]], job: "refunds"))
        // Another granularity of the same job, and another job's rows, are none of the plan's.
        _ = try await ledger.mark(
            job: "orders", Mark(key: PartitionKey(parsing: "2024-01", as: .month), status: .complete))
        _ = try await ledger.mark(job: "mails", Mark(key: days(8)[4], status: .complete))
        try await fixture.waitForExpiry(of: lost.key)
        let rows = Recorder<PlanRow>()
        let range = try PartitionRange(from: days(8)[0], through: days(8)[7])
        let table = "lake/orders"
        try await ledger.forEachPlanRow(job: "orders", tableIdentity: table, in: range) { rows.add($0) }
        #expect(
            rows.values == [
                PlanRow(key: days(8)[0], status: .running, isLeaseExpired: true, tableIdentity: table),
                PlanRow(key: days(8)[1], status: .running, tableIdentity: table),
                PlanRow(
                    key: days(8)[2], status: .complete, transformVersion: "1", isClaimedByOtherJob: true,
                    tableIdentity: table),
                PlanRow(key: days(8)[3], status: .failed, tableIdentity: table),
                PlanRow(key: days(8)[5], status: .pending, isClaimedByOtherJob: true),
                PlanRow(key: days(8)[7], status: .pending, isClaimedByOtherJob: true),
            ])
    }

    @Test func `A plan of more than one page misses and repeats nothing`() async throws {
        let fixture = try await LedgerFixture.make()
        let keys = days(45_000)
        _ = try await fixture.ledger.openRun(runRequest(keys))
        let rows = Recorder<PartitionKey>()
        let range = try PartitionRange(from: keys[0], through: keys[44_999])
        try await fixture.ledger.forEachPlanRow(job: "orders", tableIdentity: nil, in: range) { rows.add($0.key) }
        #expect(rows.values == keys)
    }

    @Test func `Counts and speed are those of the range`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let claims = try await ledger.claim(request(days(6)))
        _ = try await ledger.complete(job: "orders", claims.prefix(4).map { completion($0) })
        _ = try await ledger.fail(job: "orders", claims[4].token, error: "x", .giveUp)
        _ = try await ledger.mark(job: "orders", Mark(key: days(9)[8], status: .complete))
        let all = try await ledger.summary(job: "orders", in: nil)
        #expect(all.counts == [.complete: 5, .failed: 1, .running: 1])
        #expect(try #require(all.completedPerMinute) > 4)
        let part = try await ledger.summary(
            job: "orders", in: try PartitionRange(from: days(9)[4], through: days(9)[8]))
        #expect(part.counts == [.complete: 1, .failed: 1, .running: 1])
        #expect(part.completedPerMinute == nil)
        #expect(try await ledger.summary(job: "nothing", in: nil).counts.isEmpty)
        let daily = try await fixture.execute(
            "SELECT partition_date, complete, failed, running FROM reprocess.daily_status ORDER BY 1 OFFSET 3 LIMIT 3")
        #expect(
            daily == [["2024-01-04", "1", "0", "0"], ["2024-01-05", "0", "1", "0"], ["2024-01-06", "0", "0", "1"]])
    }

    @Test func `Rows by status come newest change first, up to the limit`() async throws {
        let fixture = try await LedgerFixture.make()
        for claim in try await fixture.ledger.claim(request(days(5))) {
            _ = try await fixture.ledger.fail(job: "orders", claim.token, error: "of \(claim.key)", .giveUp)
        }
        _ = try await fixture.ledger.claim(request([days(6)[5]]))
        let failed = try await fixture.ledger.rows(
            job: "orders", in: nil, granularity: .day, statuses: [.failed], limit: 3)
        #expect(failed.map(\.key) == days(5).suffix(3).reversed())
        #expect(failed.first?.errorMessage == "of 2024-01-05")
        let both = try await fixture.ledger.rows(
            job: "orders", in: try PartitionRange(from: days(6)[4], through: days(6)[5]), granularity: .day,
            statuses: [.failed, .running], limit: 10)
        #expect(both.map(\.status) == [.running, .failed])
        let views = try await fixture.execute("SELECT partition_key FROM reprocess.recent_failures LIMIT 2")
        #expect(views == [["2024-01-05"], ["2024-01-04"]])
    }

    @Test func `A row that the program does not understand is named`() async throws {
        let fixture = try await LedgerFixture.make()
        try await fixture.execute(
            """
            INSERT INTO reprocess.partition_progress (job, partition_key, partition_date) VALUES
                ('orders', '2024-99-99', '2024-01-01')
            """)
        let error = await #expect(throws: LedgerError.self) {
            try await fixture.ledger.rows(
                job: "orders", in: nil, granularity: .day, statuses: [.pending], limit: 1)
        }
        #expect(error?.code == .malformed)
        #expect(error?.message.contains("'2024-99-99' as partition_key") == true)
    }
}
