import Foundation
import Partitions
import ProgressStore
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct TransitionTests {
    @Test func `A partition goes from nothing to COMPLETE`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let claim = try await ledger.claim(request(days(1))).only()
        #expect(claim.attempt == 1)
        #expect(claim.failures == 0)
        #expect(claim.predecessor == nil)
        let running = try await ledger.rows(job: "orders", keys: days(1)).only()
        #expect(running.status == .running)
        #expect(running.worker == "host:1:a")
        #expect(!running.isLeaseExpired)
        #expect(try #require(running.eligibleIn) > .seconds(60))
        #expect(try await ledger.complete(job: "orders", [completion(claim)]) == [.recorded(.complete)])
        let row = try await ledger.rows(job: "orders", keys: days(1)).only()
        #expect(row.status == .complete)
        #expect(row.rowsWritten == 600)
        #expect(row.bytesWritten == 1_000)
        #expect(row.transformVersion == "2")
        #expect(row.tableVersion == "g1")
        #expect(row.fence == claim.token.fence)
        #expect(row.eligibleIn == nil)
        let completedAt = try #require(row.completedAt)
        #expect(completedAt >= (try #require(row.startedAt)))
        #expect(abs(completedAt.timeIntervalSinceNow) < 60)
        let attempt = try await ledger.attempts(job: "orders", key: claim.key).only()
        #expect(attempt.outcome == "COMPLETE")
        #expect(attempt.fence == claim.token.fence)
        #expect(attempt.rowsWritten == 600)
        #expect(attempt.endedAt != nil)
        #expect(attempt.host?.isEmpty == false)
    }

    @Test func `An attempt keeps the versions of the tables that it read`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let claims = try await ledger.claim(request(days(2)))
        var completions = claims.map { completion($0) }
        completions[0].facts.sourceVersions = ["/lake/a \"b\", {c}": 12, "/lake/é": 0]
        _ = try await ledger.complete(job: "orders", completions)
        let attempts = [
            try await ledger.attempts(job: "orders", key: claims[0].key).only(),
            try await ledger.attempts(job: "orders", key: claims[1].key).only(),
        ]
        #expect(attempts[0].sourceVersions == ["/lake/a \"b\", {c}": 12, "/lake/é": 0])
        #expect(attempts[1].sourceVersions.isEmpty)
        let null = try await fixture.execute(
            "SELECT partition_key FROM reprocess.attempt WHERE source_versions IS NULL")
        #expect(null == [["\(claims[1].key)"]])
    }

    @Test func `What is claimed is not claimed again, whatever its state`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let claims = try await ledger.claim(request(days(4)))
        #expect(claims.map(\.key) == days(4))
        #expect(try await ledger.claim(request(days(4))).isEmpty)
        _ = try await ledger.complete(job: "orders", [completion(claims[0])])
        _ = try await ledger.fail(job: "orders", claims[1].token, error: "x", .giveUp)
        _ = try await ledger.fail(job: "orders", claims[2].token, error: "x", .retry(after: .seconds(600)))
        let fence = try await ledger.currentFence()
        let again = try await ledger.claim(request(days(4), planFence: fence))
        #expect(again.map(\.key) == [days(4)[1]])
    }

    @Test func `Claims are granted in the order of preference and up to the limit`() async throws {
        let fixture = try await LedgerFixture.make()
        let order = Array(days(10).reversed())
        for step in 0..<3 {
            let claims = try await fixture.ledger.claim(request(order, limit: 4))
            #expect(claims.map(\.key) == Array(order.dropFirst(step * 4).prefix(4)))
        }
    }

    @Test func `Rows that are planned are claimed in the order of preference too`() async throws {
        let fixture = try await LedgerFixture.make()
        let order = Array(days(10).reversed())
        _ = try await fixture.ledger.openRun(runRequest(days(10)))
        let claims = try await fixture.ledger.claim(request(order, limit: 3))
        #expect(claims.map(\.key) == Array(order.prefix(3)))
    }

    @Test func `A failed attempt is tried again after its delay, by the database's clock`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let first = try await ledger.claim(request(days(1))).only()
        let outcome = try await ledger.fail(
            job: "orders", first.token, error: "no such column", .retry(after: .seconds(600)))
        #expect(outcome == .recorded(.pending))
        #expect(try await ledger.claim(request(days(1))).isEmpty)
        let waiting = try await ledger.rows(job: "orders", keys: days(1)).only()
        #expect(waiting.errorMessage == "no such column")
        #expect(try #require(waiting.eligibleIn) > .seconds(500))
        try await fixture.execute(
            "UPDATE reprocess.partition_progress SET not_before = now() + interval '50 milliseconds'")
        while try await ledger.rows(job: "orders", keys: days(1)).only().eligibleIn != .zero {
            try await Task.sleep(for: .milliseconds(20))
        }
        let second = try await ledger.claim(request(days(1))).only()
        #expect(second.attempt == 2)
        #expect(second.failures == 1)
        #expect(second.predecessor == nil)
        #expect(second.token.fence > first.token.fence)
        #expect(second.token.claimID != first.token.claimID)
        #expect(try await ledger.fail(job: "orders", second.token, error: "again", .giveUp) == .recorded(.failed))
        #expect(try await fixture.outcomes(of: first.key) == ["RETRY", "FAILED"])
        #expect(try await ledger.rows(job: "orders", keys: days(1)).only().status == .failed)
    }

    @Test func `A partition that is given back costs no attempt`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let first = try await ledger.claim(request(days(3)))
        try await ledger.release(job: "orders", first.map(\.token))
        let second = try await ledger.claim(request(days(3)))
        #expect(second.map(\.attempt) == [1, 1, 1])
        #expect(zip(first, second).allSatisfy { $0.token.fence < $1.token.fence })
        #expect(try await fixture.outcomes(of: days(1)[0]) == ["RELEASED", "RUNNING"])
    }

    @Test func `Each mark may be repeated`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let claims = try await ledger.claim(request(days(3)))
        for _ in 0..<2 {
            #expect(try await ledger.complete(job: "orders", [completion(claims[0])]) == [.recorded(.complete)])
            #expect(
                try await ledger.fail(job: "orders", claims[1].token, error: "x", .giveUp) == .recorded(.failed))
            try await ledger.release(job: "orders", [claims[2].token])
        }
        #expect(try await fixture.outcomes(of: days(3)[2]) == ["RELEASED"])
        #expect(try await ledger.complete(job: "orders", [completion(claims[1])]) == [.fenced])
    }

    @Test func `A batch of completions has an outcome for each`() async throws {
        let fixture = try await LedgerFixture.make()
        let claims = try await fixture.ledger.claim(request(days(5)))
        _ = try await fixture.ledger.mark(job: "orders", Mark(key: claims[2].key, status: .pending))
        let outcomes = try await fixture.ledger.complete(
            job: "orders", claims.enumerated().map { completion($0.element, adopted: $0.offset == 4) })
        #expect(
            outcomes == [
                .recorded(.complete), .recorded(.complete), .fenced, .recorded(.complete), .recorded(.complete),
            ])
        #expect(try await fixture.outcomes(of: claims[4].key) == ["ADOPTED"])
        #expect(try await fixture.outcomes(of: claims[2].key) == ["LOST"])
    }

    @Test(arguments: [Status.pending, .held, .complete, .failed, .cancelled])
    func `A mark by hand is an upsert that fences whoever works there`(status: Status) async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let unplanned = try await ledger.mark(job: "orders", Mark(key: days(2)[1], status: status))
        #expect(unplanned > 0)
        #expect(try await ledger.rows(job: "orders", keys: [days(2)[1]]).only().status == status)
        let claim = try await ledger.claim(request(days(1))).only()
        let fence = try await ledger.mark(
            job: "orders", Mark(key: claim.key, status: status, errorMessage: status == .failed ? "by hand" : nil))
        #expect(fence > claim.token.fence)
        #expect(try await ledger.complete(job: "orders", [completion(claim)]) == [.fenced])
        #expect(try await ledger.heartbeat(job: "orders", run: 1, [claim.token], lease: .seconds(90)).held.isEmpty)
        #expect(try await fixture.outcomes(of: claim.key) == ["LOST"])
    }

    @Test func `RUNNING is no mark`() async throws {
        let fixture = try await LedgerFixture.make()
        let error = await #expect(throws: LedgerError.self) {
            try await fixture.ledger.mark(job: "orders", Mark(key: days(1)[0], status: .running))
        }
        #expect(error?.message.contains("only a claim") == true)
    }

    @Test func `HELD is not claimed`() async throws {
        let fixture = try await LedgerFixture.make()
        _ = try await fixture.ledger.mark(job: "orders", Mark(key: days(1)[0], status: .held))
        let fence = try await fixture.ledger.currentFence()
        #expect(try await fixture.ledger.claim(request(days(1), planFence: fence, includesComplete: true)).isEmpty)
    }

    @Test func `An error text is stored without control characters and within its limit`() async throws {
        let fixture = try await LedgerFixture.make()
        let claim = try await fixture.ledger.claim(request(days(1))).only()
        let text = "first\u{0}line\u{1B}[31m\n" + String(repeating: "ä", count: 10_000)
        _ = try await fixture.ledger.fail(job: "orders", claim.token, error: text, .giveUp)
        let stored = try #require(try await fixture.ledger.rows(job: "orders", keys: days(1)).only().errorMessage)
        #expect(stored.hasPrefix("first line [31m\nää"))
        #expect(stored.utf8.count <= 8192)
        #expect(stored.utf8.count > 8180)
        #expect(stored.hasSuffix("…"))
    }
}

/// A run over some days.
func runRequest(_ keys: [PartitionKey], job: String = "orders", table: String? = "lake/orders") throws -> RunRequest {
    guard let first = keys.first, let last = keys.last else { throw TestExpectation("a run needs days") }
    return RunRequest(
        job: job, range: try PartitionRange(from: first, through: last),
        planned: PartitionSet(granularity: first.granularity, keys: keys), tableIdentity: table, options: "--workers 2",
        reason: "the rate was wrong", transformVersion: "2")
}
