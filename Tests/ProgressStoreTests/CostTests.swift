import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// What attempts took, and what a run's history says of it.
@Suite(.timeLimit(.minutes(3))) struct CostTests {
    private static let cost = AttemptCost(bytesRead: 4_200, rowsRead: 600, engineSeconds: 1.25)

    private func run(_ fixture: LedgerFixture, _ count: Int) async throws -> (Int64, [Claim]) {
        let run = try await fixture.ledger.openRun(runRequest(days(count)))
        var request = request(days(count))
        request.run = run
        return (run, try await fixture.ledger.claim(request))
    }

    private func attempts(
        of run: Int64, _ ledger: Ledger, pageSize: Int = 10_000
    ) async throws -> [RunAttempt] {
        var attempts: [RunAttempt] = []
        try await ledger.forEachAttempt(ofRun: run, pageSize: pageSize) { attempts.append($0) }
        return attempts
    }

    @Test func `Every end of an attempt records what it took`() async throws {
        let fixture = try await LedgerFixture.make()
        let (run, claims) = try await run(fixture, 5)
        var complete = completion(claims[0])
        complete.facts.cost = Self.cost
        // Of one of a batch it is known, of the other it is not.
        _ = try await fixture.ledger.complete(job: "orders", [complete, completion(claims[1])])
        var held = holdFacts()
        held.cost = Self.cost
        _ = try await fixture.ledger.hold(job: "orders", claims[2].token, held)
        _ = try await fixture.ledger.fail(
            job: "orders", claims[3].token, error: "No file.", .giveUp,
            cost: AttemptCost(bytesRead: nil, engineSeconds: 0.5))
        _ = try await fixture.ledger.fail(
            job: "orders", claims[4].token, error: "Reset.", .retry(after: .seconds(60)), cost: Self.cost)

        let found = try await attempts(of: run, fixture.ledger)
        #expect(found.map(\.outcome) == ["COMPLETE", "COMPLETE", "HELD", "FAILED", "RETRY"])
        #expect(
            found.map(\.cost) == [
                Self.cost, AttemptCost(), Self.cost, AttemptCost(bytesRead: nil, engineSeconds: 0.5), Self.cost,
            ])
        #expect(found.map(\.waits) == [false, false, true, false, false])
        #expect(found[2].sourceVersions == ["/lake/raw": 3])
        #expect(found[3].errorMessage == "No file.")
        let history = try await fixture.ledger.attempts(job: "orders", key: claims[3].key)
        #expect(history.map(\.cost) == [AttemptCost(bytesRead: nil, engineSeconds: 0.5)])
        let sums = try await fixture.execute(
            """
            SELECT attempts, bytes_read, rows_read, rows_written, bytes_written, engine_seconds
            FROM reprocess.run_cost WHERE run_id = \(run)
            """)
        #expect(sums == [["5", "12600", "1800", "1200", "2000", "4.25"]])
    }

    @Test func `What another program marks has no cost`() async throws {
        let fixture = try await LedgerFixture.make()
        let (_, claims) = try await run(fixture, 2)
        for (claim, call) in zip(claims, ["complete_partition", "fail_partition"]) {
            let more = call == "fail_partition" ? ", error => 'x'" : ", rows_written => 3"
            try await fixture.execute(
                """
                SELECT reprocess.\(call)('orders', '\(claim.key)', fence => \(claim.token.fence),
                    claim_id => '\(claim.token.claimID)'\(more))
                """)
        }
        let costs = try await fixture.execute(
            "SELECT outcome, bytes_read, engine_seconds FROM reprocess.attempt ORDER BY fence")
        #expect(costs == [["COMPLETE", nil, nil], ["FAILED", nil, nil]])
    }

    @Test func `The attempts of a run come page by page, and none twice or never`() async throws {
        let fixture = try await LedgerFixture.make()
        let (run, claims) = try await run(fixture, 25)
        for claim in claims.prefix(10) {
            _ = try await fixture.ledger.fail(job: "orders", claim.token, error: "x", .retry(after: .zero))
        }
        var again = request(days(10))
        again.run = run
        _ = try await fixture.ledger.claim(again)
        // Another run's attempts at the same partitions are none of this one's.
        var other = request(days(40).suffix(15))
        other.run = try await fixture.ledger.openRun(runRequest(days(40)))
        _ = try await fixture.ledger.claim(other)
        let whole = try await attempts(of: run, fixture.ledger)
        #expect(whole.count == 35)
        #expect(whole.map(\.key).prefix(4) == [days(1)[0], days(1)[0], days(2)[1], days(2)[1]])
        for size in [1, 2, 5, 7, 34, 35, 36] {
            #expect(try await attempts(of: run, fixture.ledger, pageSize: size) == whole, "pages of \(size)")
        }
        #expect(try await attempts(of: 999, fixture.ledger).isEmpty)
    }

    @Test func `The runs of all jobs come newest first`() async throws {
        let fixture = try await LedgerFixture.make()
        var runs: [Int64] = []
        for job in ["orders", "refunds", "orders"] {
            var request = try runRequest(days(1))
            request.job = job
            runs.append(try await fixture.ledger.openRun(request))
        }
        #expect(try await fixture.ledger.runs(limit: 10).map(\.id) == runs.reversed())
        #expect(try await fixture.ledger.runs(limit: 2).map(\.job) == ["orders", "refunds"])
    }
}
