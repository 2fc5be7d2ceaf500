import Partitions
import ProgressStore
import TestSupport
import Testing

/// What ended after a plan was made is not reopened by it, also where the attempt had begun before.
@Suite(.timeLimit(.minutes(3))) struct OrderOfEndsTests {
    struct End: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let end: @Sendable (LedgerFixture, Claim) async throws -> Void
        var includesComplete = false
    }

    static let ends = [
        End(testDescription: "failed") { fixture, claim in
            _ = try await fixture.ledger.fail(job: "orders", claim.token, error: "x", .giveUp)
        },
        End(
            testDescription: "complete, and all asked for",
            end: { fixture, claim in
                _ = try await fixture.ledger.complete(job: "orders", [completion(claim)])
            }, includesComplete: true),
        End(testDescription: "cancelled by a mark") { fixture, claim in
            _ = try await fixture.ledger.mark(job: "orders", Mark(key: claim.key, status: .cancelled))
        },
        End(testDescription: "cancelled by hand") { fixture, _ in
            try await fixture.execute("UPDATE reprocess.partition_progress SET status = 'CANCELLED'")
        },
        End(testDescription: "failed by hand, with its time") { fixture, _ in
            try await fixture.execute(
                """
                UPDATE reprocess.partition_progress
                SET status = 'FAILED', completed_at = now(), lease_expires_at = NULL
                """)
        },
        End(
            testDescription: "complete by hand, and all asked for",
            end: { fixture, _ in
                try await fixture.execute("UPDATE reprocess.partition_progress SET status = 'COMPLETE'")
            }, includesComplete: true),
        End(testDescription: "given up because its workers were lost") { fixture, _ in
            try await fixture.endLeases()
            _ = try await fixture.ledger.claim(request(days(1), takeoverLimit: 0))
        },
    ]

    @Test(arguments: ends)
    func `A plan made while a partition was running does not reopen it`(end: End) async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let claim = try await ledger.claim(request(days(1))).only()
        // The second process plans now: the fence of the running attempt is not above its plan's.
        let plan = try await ledger.currentFence()
        #expect(plan >= claim.token.fence)
        try await end.end(fixture, claim)
        let late = request(days(1), planFence: plan, includesComplete: end.includesComplete)
        #expect(try await ledger.claim(late).isEmpty)
        let next = request(
            days(1), planFence: try await ledger.currentFence(), includesComplete: end.includesComplete)
        #expect(try await ledger.claim(next).count == 1)
    }

    @Test func `An end keeps the fence of its attempt, which its repeated mark and the table know it by`() async throws
    {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let claims = try await ledger.claim(request(days(2)))
        for _ in 0..<2 {
            #expect(try await ledger.complete(job: "orders", [completion(claims[0])]) == [.recorded(.complete)])
            #expect(
                try await ledger.fail(job: "orders", claims[1].token, error: "x", .giveUp) == .recorded(.failed))
        }
        let rows = try await ledger.rows(job: "orders", keys: days(2))
        #expect(rows.map(\.fence) == claims.map(\.token.fence))
        #expect(
            try await fixture.execute("SELECT DISTINCT ended_fence > 2 FROM reprocess.partition_progress") == [["t"]])
    }

    /// The old version's worker is still at it when the corrected transform is planned: its end is not what was wanted.
    @Test(arguments: [true, false])
    func `What ended for another version, and had begun before the plan, is done anew`(succeeds: Bool) async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let old = try await ledger.claim(request(days(1), version: "1")).only()
        let plan = try await ledger.currentFence()
        if succeeds {
            _ = try await ledger.complete(job: "orders", [completion(old, version: "1")])
        } else {
            _ = try await ledger.fail(job: "orders", old.token, error: "the bug", .giveUp)
        }
        #expect(try await ledger.claim(request(days(1), version: "1", planFence: plan)).isEmpty)
        let new = try await ledger.claim(request(days(1), version: "2", planFence: plan)).only()
        _ = try await ledger.fail(job: "orders", new.token, error: "another bug", .giveUp)
        #expect(try await ledger.claim(request(days(1), version: "2", planFence: plan)).isEmpty)
    }

    /// Both processes want every partition, complete or not; one of them plans while the other is at work.
    @Test func `Two plans for everything do each partition once between them`() async throws {
        let fixture = try await LedgerFixture.make()
        for claim in try await fixture.ledger.claim(request(days(40))) {
            _ = try await fixture.ledger.complete(job: "orders", [completion(claim)])
        }
        let first = try await fixture.ledger.currentFence()
        let running = try await fixture.ledger.claim(request(days(8), planFence: first, includesComplete: true))
        #expect(running.count == 8)
        let second = try await fixture.ledger.currentFence()
        for claim in running { _ = try await fixture.ledger.complete(job: "orders", [completion(claim)]) }
        try await withThrowingTaskGroup { group in
            for plan in [first, second, first, second] {
                let ledger = try await fixture.anotherLedger(worker: "host:\(plan):x")
                group.addTask {
                    let order = plan == first ? days(40) : days(40).reversed()
                    for start in stride(from: 0, to: 40, by: 4) {
                        let window = Array(order[start..<(start + 4)])
                        let wanted = request(window, planFence: plan, includesComplete: true)
                        for claim in try await ledger.claim(wanted) {
                            _ = try await ledger.complete(job: "orders", [completion(claim)])
                        }
                    }
                    await ledger.close()
                }
            }
            try await group.waitForAll()
        }
        let attempts = try await fixture.execute(
            """
            SELECT n, count(*) FROM (
                SELECT count(*) AS n FROM reprocess.attempt WHERE outcome = 'COMPLETE' GROUP BY partition_key) counts
            GROUP BY n
            """)
        // Once before both plans, and once for them.
        #expect(attempts == [["2", "40"]])
    }
}
