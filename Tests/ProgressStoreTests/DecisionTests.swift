import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// What persons decide: once, by one of them, about what they have seen.
@Suite(.timeLimit(.minutes(5))) struct DecisionTests {
    private static func hold(_ fixture: LedgerFixture, _ keys: [PartitionKey]) async throws -> [Claim] {
        let claims = try await fixture.ledger.claim(request(keys))
        for claim in claims {
            #expect(try await fixture.ledger.hold(job: "orders", claim.token, holdFacts()) == .recorded(.held))
        }
        return claims
    }

    @Test func `An approval is a claim of its own, and says who decided`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let first = try await ledger.claim(request(days(1))).only()
        _ = try await ledger.complete(
            job: "orders", [judged(first, version: "1", JudgementRecord(contentDigest: "d1"))])
        let held = try await ledger.claim(request(days(1), planFence: .max)).only()
        _ = try await ledger.hold(job: "orders", held.token, holdFacts())
        let approval = try #require(try await ledger.takeHeld(take(held)))
        #expect(approval.token.fence > held.token.fence && approval.token.claimID != held.token.claimID)
        #expect(approval.predecessor == nil && approval.attempt == 2)
        // The table is as the ledger has known it before.
        #expect(approval.knownContent == KnownContent(tableVersion: "g1", digest: "d1", transformVersion: "1"))
        #expect(
            try await ledger.heartbeat(job: "orders", run: 1, [approval.token], lease: .seconds(90)).held.count == 1)
        let record = try #require(try await ledger.judgement(fence: held.token.fence))
        #expect(
            try await ledger.complete(job: "orders", [judged(approval, tableVersion: "g2", record)])
                == [.recorded(.complete)])
        let attempts = try await ledger.attempts(job: "orders", key: held.key)
        #expect(attempts.map(\.outcome) == ["COMPLETE", "HELD", "COMPLETE"])
        #expect(attempts.map(\.kind) == [.run, .run, .approve])
        #expect(attempts.map(\.originFence) == [nil, nil, held.token.fence])
        #expect(attempts.map(\.run) == [1, 1, 1])
        let row = try await ledger.rows(job: "orders", keys: days(1)).only()
        #expect(row.status == .complete && row.transformVersion == "2" && row.tableVersion == "g2")
        let decision = try await ledger.decisions(job: "orders", key: held.key).only()
        #expect(decision.kind == .approve && decision.originFence == held.token.fence)
        #expect(decision.newFence == approval.token.fence && decision.user == "ann@etl-1")
        #expect(decision.databaseUser == "reprocess" && decision.reason == "the customer has gone")
    }

    /// Two processes approve and one rejects, for each of many partitions at the same time.
    @Test func `Of several who decide at once, one does`() async throws {
        let fixture = try await LedgerFixture.make()
        let claims = try await Self.hold(fixture, days(40))
        let ledgers = [
            fixture.ledger, try await fixture.anotherLedger(), try await fixture.anotherLedger(worker: "host:3:c"),
        ]
        var counts: [DecisionKind: Int] = [:]
        for claim in claims {
            let winners = try await withThrowingTaskGroup(of: DecisionKind?.self) { group in
                for (number, ledger) in ledgers.enumerated() {
                    group.addTask {
                        guard number == 2 else {
                            return try await ledger.takeHeld(take(claim)) == nil ? nil : .approve
                        }
                        let outcome = try await ledger.reject(
                            job: "orders", claim.token, by: "bob", reason: "wrong")
                        return outcome == .fenced ? nil : .reject
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }.compactMap { $0 }
            }
            let winner = try winners.only()
            counts[winner, default: 0] += 1
            #expect(try await fixture.ledger.decisions(job: "orders", key: claim.key).map(\.kind) == [winner])
            let row = try await fixture.ledger.rows(job: "orders", keys: [claim.key]).only()
            #expect(row.status == (winner == .approve ? .running : .failed))
        }
        #expect(counts.values.reduce(0, +) == 40)
    }

    @Test func `What is rejected is FAILED, and no plan made before does it again`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let held = try await Self.hold(fixture, days(1)).only()
        let planBefore = try await ledger.currentFence()
        #expect(
            try await ledger.reject(job: "orders", held.token, by: "ann\u{1B}[31m", reason: "half of it")
                == .recorded(.failed))
        let row = try await ledger.rows(job: "orders", keys: days(1)).only()
        #expect(row.status == .failed && row.fence == held.token.fence && row.completedAt != nil)
        #expect(row.errorMessage == "Rejected by ann [31m: half of it")
        #expect(try await ledger.claim(request(days(1), planFence: planBefore)).isEmpty)
        let planAfter = try await ledger.currentFence()
        let again = try await ledger.claim(request(days(1), planFence: planAfter)).only()
        #expect(again.attempt == 1)
        let decision = try await ledger.decisions(job: "orders", key: held.key).only()
        #expect(decision.kind == .reject && decision.newFence == nil && decision.user == "ann [31m")
        // The history keeps what was held.
        #expect(try await fixture.outcomes(of: held.key) == ["HELD", "RUNNING"])
        #expect(try await ledger.judgement(fence: held.token.fence) != nil)
    }

    @Test func `Only what is held as it was seen is rejected`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let held = try await Self.hold(fixture, days(2))
        let forged = [
            ClaimToken(key: held[0].key, fence: held[0].token.fence, claimID: UUID()),
            ClaimToken(key: held[0].key, fence: held[0].token.fence + 1, claimID: held[0].token.claimID),
        ]
        for token in forged {
            #expect(try await ledger.reject(job: "orders", token, by: "ann", reason: "x") == .fenced)
        }
        #expect(try await ledger.reject(job: "orders", held[1].token, by: "ann", reason: "x") == .recorded(.failed))
        // A second one is told that somebody was there before.
        #expect(try await ledger.reject(job: "orders", held[1].token, by: "bob", reason: "x") == .fenced)
        let running = try await ledger.claim(request([days(3)[2]])).only()
        #expect(try await ledger.reject(job: "orders", running.token, by: "ann", reason: "x") == .fenced)
        #expect(try await ledger.rows(job: "orders", keys: days(3)).map(\.status) == [.held, .failed, .running])
        #expect(try await ledger.decisions(job: "orders", key: days(2)[1]).count == 1)
    }

    @Test func `Nothing is taken that is not as it was seen`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let held = try await Self.hold(fixture, days(1)).only()
        var other = take(held)
        other.fence += 1
        #expect(try await ledger.takeHeld(other) == nil)
        #expect(try await ledger.takeHeld(take(held, job: "refunds")) == nil)
        // The job's target was changed since: what is held lies beside another table.
        #expect(try await ledger.takeHeld(take(held, table: "lake/new")) == nil)
        #expect(try await ledger.takeHeld(take(held, table: nil)) == nil)
        // It is held, so that there is nothing to undo.
        #expect(try await ledger.takeForUndo(take(held)) == nil)
        #expect(try await ledger.decisions(job: "orders", key: held.key).isEmpty)
        #expect(try await ledger.takeHeld(take(held)) != nil)
        #expect(try await ledger.takeHeld(take(held)) == nil)
    }

    @Test func `An approval whose worker dies is taken over by a run`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let held = try await Self.hold(fixture, days(1)).only()
        let approval = try #require(try await ledger.takeHeld(take(held, lease: .milliseconds(50))))
        try await fixture.waitForExpiry(of: held.key)
        let claim = try await ledger.claim(request(days(1))).only()
        #expect(claim.predecessor == approval.token && claim.token.fence > approval.token.fence)
        #expect(try await ledger.complete(job: "orders", [completion(approval)]) == [.fenced])
        let attempts = try await ledger.attempts(job: "orders", key: held.key)
        #expect(attempts.map(\.outcome) == ["HELD", "LOST", "RUNNING"])
        #expect(attempts.map(\.kind) == [.run, .approve, .run])
        #expect(try await ledger.takeHeld(take(held)) == nil)
    }

    @Test func `An undo is an attempt of its own, and leaves a partition of the version that it puts back`()
        async throws
    {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let first = try await ledger.claim(request(days(1), version: "1")).only()
        _ = try await ledger.complete(job: "orders", [judged(first, version: "1", nil)])
        let second = try await ledger.claim(request(days(1), planFence: .max)).only()
        _ = try await ledger.complete(job: "orders", [judged(second, tableVersion: "g2", nil)])
        let run = try await ledger.openRun(runRequest(days(1)))
        let undo = try #require(try await ledger.takeForUndo(take(second, version: "1", run: run)))
        #expect(undo.attempt == 1 && undo.predecessor == nil && undo.knownContent?.tableVersion == "g2")
        _ = try await ledger.complete(job: "orders", [judged(undo, version: "1", tableVersion: "g3", nil)])
        let row = try await ledger.rows(job: "orders", keys: days(1)).only()
        #expect(row.status == .complete && row.transformVersion == "1" && row.tableVersion == "g3")
        let attempt = try #require(try await ledger.attempts(job: "orders", key: days(1)[0]).last)
        #expect(attempt.kind == .undo && attempt.originFence == second.token.fence && attempt.run == run)
        let decision = try await ledger.decisions(job: "orders", key: days(1)[0]).only()
        #expect(decision.kind == .undo && decision.originFence == second.token.fence)
        // A run wants the transform of today; and what was undone once is not undone twice.
        #expect(try await ledger.takeForUndo(take(second)) == nil)
        #expect(try await ledger.claim(request(days(1), planFence: .max)).count == 1)
    }

    @Test(arguments: [DecisionKind.approve, .undo])
    func `Nothing is taken of which another job has a live claim`(kind: DecisionKind) async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let own = try await ledger.claim(request(days(1))).only()
        if kind == .approve {
            _ = try await ledger.hold(job: "orders", own.token, holdFacts())
        } else {
            _ = try await ledger.complete(job: "orders", [completion(own)])
        }
        let attempt = {
            kind == .approve ? try await ledger.takeHeld(take(own)) : try await ledger.takeForUndo(take(own))
        }
        let other = try await ledger.claim(request(days(1), job: "refunds", lease: .milliseconds(600_000))).only()
        #expect(try await attempt() == nil)
        #expect(try await ledger.decisions(job: "orders", key: own.key).isEmpty)
        #expect(try await ledger.rows(job: "refunds", keys: days(1)).map(\.status) == [.running])
        // A lost one does not keep anybody from it.
        try await fixture.execute(
            "UPDATE reprocess.partition_progress SET lease_expires_at = now() - interval '1 s' WHERE job = 'refunds'")
        #expect(try await attempt() != nil)
        let evicted = try await ledger.rows(job: "refunds", keys: days(1)).only()
        #expect(evicted.status == .pending && evicted.fence > other.token.fence)
        #expect(try await fixture.outcomes(of: own.key, job: "refunds") == ["LOST"])
        #expect(try await ledger.complete(job: "refunds", [completion(other)]) == [.fenced])
    }

    @Test func `An undo and a claim of another job at the same instant leave one live claim`() async throws {
        let fixture = try await LedgerFixture.make()
        let other = try await fixture.anotherLedger()
        let claims = try await fixture.ledger.claim(request(days(30)))
        _ = try await fixture.ledger.complete(job: "orders", claims.map { completion($0) })
        for claim in claims {
            async let undo = fixture.ledger.takeForUndo(take(claim))
            async let rival = other.claim(request([claim.key], job: "refunds"))
            let granted = (try await undo == nil ? 0 : 1) + (try await rival.count)
            #expect(granted == 1)
            let live = try await fixture.execute(
                "SELECT count(*) FROM reprocess.partition_progress WHERE status = 'RUNNING' AND partition_key = '\(claim.key)'"
            )
            #expect(live == [["1"]])
        }
        await other.close()
    }

    @Test func `Counts stay right through every decision`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let counts = { try await ledger.summary(job: "orders", in: nil).counts }
        let held = try await Self.hold(fixture, days(4))
        #expect(try await counts() == [.held: 4])
        _ = try await ledger.reject(job: "orders", held[0].token, by: "ann", reason: "x")
        let approval = try #require(try await ledger.takeHeld(take(held[1])))
        #expect(try await counts() == [.held: 2, .failed: 1, .running: 1])
        _ = try await ledger.complete(job: "orders", [completion(approval)])
        #expect(try await counts() == [.held: 2, .failed: 1, .complete: 1])
        let undo = try #require(try await ledger.takeForUndo(take(approval)))
        #expect(try await counts() == [.held: 2, .failed: 1, .running: 1])
        _ = try await ledger.complete(job: "orders", [completion(undo)])
        try await fixture.execute("SELECT reprocess.fold_status()")
        #expect(try await counts() == [.held: 2, .failed: 1, .complete: 1])
    }
}
