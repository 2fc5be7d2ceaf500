import Partitions
import ProgressStore
import TestSupport
import Testing

/// A partition on which workers are lost again and again is FAILED in the end.
@Suite(.timeLimit(.minutes(3))) struct PoisonTests {
    @Test(arguments: [0, 1, 3])
    func `After as many takeovers as allowed, the next loss makes the partition FAILED`(limit: Int) async throws {
        let fixture = try await LedgerFixture.make()
        for number in 0...limit {
            let claim = try await fixture.ledger.claim(request(days(1), takeoverLimit: limit)).only()
            #expect(claim.attempt == number + 1)
            #expect(claim.failures == 0)
            try await fixture.endLeases()
        }
        let plan = try await fixture.ledger.currentFence()
        let last = try await fixture.columns("fence", of: "2024-01-01").only()
        #expect(try await fixture.ledger.claim(request(days(1), planFence: plan, takeoverLimit: limit)).isEmpty)
        let row = try await fixture.ledger.rows(job: "orders", keys: days(1)).only()
        #expect(row.status == .failed)
        #expect(row.fence > plan)
        #expect(row.completedAt != nil)
        #expect(try await fixture.columns("takeovers, failures, claim_id", of: "2024-01-01") == ["\(limit)", "0", nil])
        let message = try #require(row.errorMessage)
        #expect(message.hasPrefix("\(limit + 1) workers were lost on this partition"))
        #expect(message.contains("the last one was host:1:a on "))
        #expect(message.contains("memory"))
        #expect(message.contains("`retry`"))
        #expect(try await fixture.outcomes(of: days(1)[0]) == Array(repeating: "LOST", count: limit + 1))
        let loss = try await fixture.execute("SELECT error_message FROM reprocess.attempt WHERE fence = \(last ?? "")")
        #expect(
            loss == [
                ["The worker let its lease end; the partition is FAILED: it was taken over \(limit) times before."]
            ])
    }

    @Test func `The plan that met the poison does not reopen it, a later one does, and counts anew`() async throws {
        let fixture = try await LedgerFixture.make()
        let before = try await fixture.poison()
        #expect(try await fixture.ledger.claim(request(days(1), planFence: before, takeoverLimit: 0)).isEmpty)
        #expect(try await fixture.ledger.claim(request(days(1), version: "3", planFence: before)).isEmpty)
        let after = try await fixture.ledger.currentFence()
        let again = try await fixture.ledger.claim(request(days(1), planFence: after, takeoverLimit: 1)).only()
        #expect(again.attempt == 1)
        #expect(again.predecessor == nil)
        #expect(try await fixture.columns("takeovers", of: "2024-01-01") == ["0"])
        try await fixture.endLeases()
        #expect(try await fixture.ledger.claim(request(days(1), planFence: after, takeoverLimit: 1)).count == 1)
    }

    @Test func `A worker that only seemed lost cannot end what was given up`() async throws {
        let fixture = try await LedgerFixture.make()
        let claim = try await fixture.ledger.claim(request(days(1))).only()
        try await fixture.endLeases()
        #expect(try await fixture.ledger.claim(request(days(1), takeoverLimit: 0)).isEmpty)
        #expect(
            try await fixture.ledger.heartbeat(job: "orders", run: 1, [claim.token], lease: .seconds(90)).held.isEmpty)
        #expect(try await fixture.ledger.complete(job: "orders", [completion(claim)]) == [.fenced])
        #expect(try await fixture.ledger.fail(job: "orders", claim.token, error: "x", .giveUp) == .fenced)
        #expect(
            try await fixture.ledger.fail(job: "orders", claim.token, error: "x", .retry(after: .zero)) == .fenced)
        try await fixture.ledger.release(job: "orders", [claim.token])
        #expect(try await fixture.ledger.rows(job: "orders", keys: days(1)).only().status == .failed)
    }

    @Test func `What is hopeless takes the place of nothing else in a claim`() async throws {
        let fixture = try await LedgerFixture.make()
        _ = try await fixture.ledger.openRun(runRequest(days(3)))
        _ = try await fixture.ledger.claim(request(days(1)))
        try await fixture.endLeases()
        let claims = try await fixture.ledger.claim(request(days(3), limit: 2, takeoverLimit: 0))
        #expect(claims.map(\.key) == Array(days(3).dropFirst()))
    }

    @Test func `Failures and releases between do not forget the losses`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        _ = try await ledger.claim(request(days(1)))
        try await fixture.endLeases()
        let second = try await ledger.claim(request(days(1))).only()
        _ = try await ledger.fail(job: "orders", second.token, error: "x", .retry(after: .zero))
        let third = try await ledger.claim(request(days(1))).only()
        try await ledger.release(job: "orders", [third.token])
        _ = try await ledger.claim(request(days(1))).only()
        try await fixture.endLeases()
        #expect(try await ledger.claim(request(days(1), takeoverLimit: 1)).isEmpty)
        #expect(try await ledger.rows(job: "orders", keys: days(1)).only().status == .failed)
    }

    @Test func `A mark and a reopening by hand forget them`() async throws {
        let fixture = try await LedgerFixture.make()
        let counts = "takeovers, failures, attempt"
        try await fixture.loseAndFail()
        #expect(try await fixture.columns(counts, of: "2024-01-01") == ["1", "1", "3"])
        _ = try await fixture.ledger.mark(job: "orders", Mark(key: days(1)[0], status: .pending))
        #expect(try await fixture.columns(counts, of: "2024-01-01") == ["0", "0", "0"])
        try await fixture.loseAndFail()
        try await fixture.execute("UPDATE reprocess.partition_progress SET status = 'FAILED'")
        #expect(try await fixture.columns(counts, of: "2024-01-01") == ["1", "1", "3"])
        try await fixture.execute(
            "UPDATE reprocess.partition_progress SET status = 'PENDING', fence = nextval('reprocess.fence')")
        #expect(try await fixture.columns(counts, of: "2024-01-01") == ["0", "0", "0"])
    }

    @Test func `A loss by deadline says so`() async throws {
        let fixture = try await LedgerFixture.make()
        _ = try await fixture.ledger.claim(request(days(1), deadline: .seconds(60)))
        try await fixture.endDeadlines()
        _ = try await fixture.ledger.claim(request(days(1), deadline: .seconds(60))).only()
        try await fixture.endDeadlines()
        #expect(try await fixture.ledger.claim(request(days(1), takeoverLimit: 1)).isEmpty)
        let row = try await fixture.ledger.rows(job: "orders", keys: days(1)).only()
        #expect(row.errorMessage?.contains("was not done by its deadline") == true)
        #expect(row.errorMessage?.contains("2 attempts at this partition ended without a result") == true)
        let losses = try await fixture.execute("SELECT error_message FROM reprocess.attempt ORDER BY fence")
        #expect(
            losses == [
                ["It was not done by its deadline; the partition was taken over by host:1:a."],
                ["It was not done by its deadline; the partition is FAILED: it was taken over 1 times before."],
            ])
    }

    @Test func `Jobs of one table that evict each other's lost workers come to an end, too`() async throws {
        let fixture = try await LedgerFixture.make()
        let jobs = ["orders", "refunds"]
        var claims = 0
        for round in 0..<12 {
            let job = jobs[round % 2]
            claims += try await fixture.ledger.claim(request(days(1), job: job, takeoverLimit: 2)).count
            try await fixture.endLeases()
        }
        // Each job: its first claim and two more after an eviction; the third eviction is the end.
        #expect(claims == 6)
        for job in jobs {
            let row = try await fixture.ledger.rows(job: job, keys: days(1)).only()
            #expect(row.status == .failed, "\(job)")
            #expect(row.errorMessage?.hasPrefix("3 workers were lost") == true)
            #expect(try await fixture.outcomes(of: days(1)[0], job: job) == ["LOST", "LOST", "LOST"])
        }
        let first = try await fixture.ledger.attempts(job: "orders", key: days(1)[0]).first?.errorMessage
        #expect(
            first
                == "The worker let its lease end; the partition of the table was taken over by host:1:a for job refunds."
        )
    }

    @Test func `A lost worker of another job is left alone by who claims nothing there`() async throws {
        let fixture = try await LedgerFixture.make()
        let claim = try await fixture.ledger.claim(request(days(1))).only()
        _ = try await fixture.ledger.mark(job: "refunds", Mark(key: days(1)[0], status: .complete))
        try await fixture.endLeases()
        #expect(try await fixture.ledger.claim(request(days(1), job: "refunds")).isEmpty)
        #expect(try await fixture.ledger.complete(job: "orders", [completion(claim)]) == [.recorded(.complete)])
    }
}

extension LedgerFixture {
    /// Ends every lease, as if its worker had been silent for long.
    func endLeases() async throws {
        try await execute(
            "UPDATE reprocess.partition_progress SET lease_expires_at = now() - interval '1 s' WHERE status = 'RUNNING'"
        )
    }

    /// Lets the deadline of every attempt pass, whose workers live on.
    func endDeadlines() async throws {
        try await execute(
            "UPDATE reprocess.partition_progress SET deadline_at = now() - interval '1 s' WHERE status = 'RUNNING'")
    }

    /// Loses a worker on the first of the days, lets the next attempt fail, and begins a third.
    fileprivate func loseAndFail() async throws {
        _ = try await ledger.claim(request(days(1)))
        try await endLeases()
        let second = try await ledger.claim(request(days(1))).only()
        _ = try await ledger.fail(job: "orders", second.token, error: "x", .retry(after: .zero))
        _ = try await ledger.claim(request(days(1))).only()
    }

    /// Loses one worker too many on the first of the days.
    ///
    /// - Returns: The fence of a plan made just before.
    fileprivate func poison() async throws -> Int64 {
        _ = try await ledger.claim(request(days(1)))
        try await endLeases()
        let plan = try await ledger.currentFence()
        let claims = try await ledger.claim(request(days(1), planFence: plan, takeoverLimit: 0))
        guard claims.isEmpty else { throw TestExpectation("a hopeless partition was granted") }
        return plan
    }
}
