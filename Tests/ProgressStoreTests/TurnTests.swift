import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// Runs that claim within limits that have no room for all of them.
@Suite(.timeLimit(.minutes(3))) struct TurnTests {
    private let limits = ClaimLimits(maxRunning: 3)

    /// Claims, and lets those who wait look again whenever the test likes.
    private func claim(
        _ fixture: LedgerFixture, run: Int64, limit: Int = 3, within limits: ClaimLimits? = nil
    ) async throws -> LimitedClaims {
        var request = request(days(60), limit: limit)
        request.run = run
        let answer = try await fixture.ledger.claim(request, within: limits ?? self.limits)
        try await change(fixture, "{\"until\": 1e12}")
        return answer
    }

    /// Changes what is noted of each run.
    private func change(_ fixture: LedgerFixture, _ values: String, where condition: String = "true") async throws {
        try await fixture.execute(
            """
            UPDATE reprocess.claim_gate SET turns = coalesce((
                SELECT jsonb_object_agg(key, value || CASE WHEN \(condition) THEN '\(values)'::jsonb ELSE '{}' END)
                FROM jsonb_each(turns)), '{}')
            """)
    }

    private func complete(_ ledger: Ledger, _ claim: Claim) async throws {
        _ = try await ledger.complete(job: "orders", [completion(claim)])
    }

    /// Lets every turn have begun long ago, or in the future.
    private func beginTurns(_ fixture: LedgerFixture, at seconds: Int) async throws {
        try await change(fixture, "{\"began\": \(seconds)}", where: "value ? 'began'")
    }

    @Test func `Whoever has more than another that waits stands back, until both have as much`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let first = try await claim(fixture, run: 1).claims
        #expect(first.count == 3)
        #expect(try await claim(fixture, run: 2).admitted == 0)
        #expect(try await claim(fixture, run: 3).admitted == 0)
        try await beginTurns(fixture, at: 1)
        // What ends leaves room: not for the run that has most.
        try await complete(ledger, try #require(first.first))
        #expect(try await claim(fixture, run: 1, limit: 1).admitted == 0)
        let second = try await claim(fixture, run: 2).claims
        #expect(second.count == 1)
        try await beginTurns(fixture, at: 1)
        try await complete(ledger, try #require(first.dropFirst(1).first))
        #expect(try await claim(fixture, run: 1, limit: 1).admitted == 0)
        // Nor for the one that has one already.
        #expect(try await claim(fixture, run: 2, limit: 2).admitted == 0)
        #expect(try await claim(fixture, run: 3).claims.count == 1)
        // Now that each has one, each goes on at its own place.
        try await complete(ledger, try #require(second.first))
        #expect(try await claim(fixture, run: 2, limit: 1).claims.count == 1)
    }

    @Test func `Of more runs than slots each has a turn, whoever waits longest first`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let one = ClaimLimits(maxRunning: 1)
        var held = try await claim(fixture, run: 1, limit: 1, within: one).claims
        for run in [2, 3] as [Int64] {
            #expect(try await claim(fixture, run: run, limit: 1, within: one).admitted == 0)
        }
        // A turn that has just begun goes on: to hand a slot over leaves it empty for a moment.
        try await beginTurns(fixture, at: 1_000_000_000_000)
        try await complete(ledger, try #require(held.first))
        held = try await claim(fixture, run: 1, limit: 1, within: one).claims
        #expect(held.count == 1)
        var order: [Int64] = []
        for _ in 0..<6 {
            try await beginTurns(fixture, at: 1)
            try await complete(ledger, try #require(held.first))
            for run in [3, 1, 2] as [Int64] {
                let claims = try await claim(fixture, run: run, limit: 1, within: one).claims
                guard !claims.isEmpty else { continue }
                held = claims
                order.append(run)
            }
        }
        #expect(order == [2, 3, 1, 2, 3, 1])
    }

    @Test func `Nobody waits for a run that does not look any more, or could take nothing`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        var held = try await claim(fixture, run: 1).claims
        #expect(try await claim(fixture, run: 2).admitted == 0)
        try await change(fixture, "{\"until\": 1}")
        try await complete(ledger, try #require(held.first))
        held = try await claim(fixture, run: 1, limit: 1).claims
        #expect(held.count == 1)
        let entries = try await fixture.execute("SELECT count(*) FROM reprocess.claim_gate, jsonb_object_keys(turns)")
        #expect(entries == [["1"]], "what is over is forgotten")
        // Two run besides: a run that may start below two could not use the slot.
        #expect(try await claim(fixture, run: 2, within: ClaimLimits(maxRunning: 2)).admitted == 0)
        try await beginTurns(fixture, at: 1)
        try await complete(ledger, try #require(held.first))
        #expect(try await claim(fixture, run: 1, limit: 1).claims.count == 1)
    }

    @Test func `Starts of a rate go round, too`() async throws {
        let fixture = try await LedgerFixture.make()
        let rate = ClaimLimits(timeApart: .seconds(600))
        var order: [Int64] = []
        for run in [1, 2, 3] as [Int64] where try await claim(fixture, run: run, within: rate).claims.count == 1 {
            order.append(run)
        }
        #expect(try await claim(fixture, run: 1, within: rate).admitted == 0)
        for _ in 0..<5 {
            try await fixture.execute("UPDATE reprocess.claim_gate SET next_start_at = now() - interval '1 hour'")
            for run in [1, 3, 2] as [Int64] {
                let answer = try await claim(fixture, run: run, within: rate)
                if answer.claims.isEmpty { #expect(try #require(answer.nextIn) > .zero) } else { order.append(run) }
            }
        }
        // Whoever has just started one waits from then on.
        #expect(order == [1, 1, 2, 3, 1, 2])
    }
}
