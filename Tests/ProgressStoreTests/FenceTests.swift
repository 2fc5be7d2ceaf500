import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

@Suite(.timeLimit(.minutes(3))) struct FenceTests {
    @Test func `A worker that lost its partition can neither extend, complete, fail nor release it`() async throws {
        let fixture = try await LedgerFixture.make()
        let zombie = fixture.ledger
        let lost = try await zombie.claim(request(days(1), lease: .milliseconds(100))).only()
        let successor = try await fixture.anotherLedger()
        try await fixture.waitForExpiry(of: lost.key)
        let taken = try await successor.claim(request(days(1))).only()
        #expect(taken.predecessor == lost.token)
        #expect(taken.token.fence > lost.token.fence)
        #expect(taken.attempt == 2)
        #expect(taken.failures == 0)

        #expect(try await zombie.heartbeat(job: "orders", run: 1, [lost.token], lease: .seconds(90)).held.isEmpty)
        #expect(try await zombie.complete(job: "orders", [completion(lost)]) == [.fenced])
        #expect(try await zombie.fail(job: "orders", lost.token, error: "x", .giveUp) == .fenced)
        #expect(
            try await zombie.fail(job: "orders", lost.token, error: "x", .retry(after: .zero)) == .fenced)
        try await zombie.release(job: "orders", [lost.token])

        let row = try await successor.rows(job: "orders", keys: days(1)).only()
        #expect(row.status == .running)
        #expect(row.fence == taken.token.fence)
        #expect(row.worker == "host:2:b")
        #expect(try await fixture.outcomes(of: lost.key) == ["LOST", "RUNNING"])
        #expect(try await successor.complete(job: "orders", [completion(taken)]) == [.recorded(.complete)])
        #expect(try await zombie.complete(job: "orders", [completion(lost)]) == [.fenced])
    }

    struct Forgery: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let forge: @Sendable (ClaimToken) -> ClaimToken
    }

    /// Each half of the token must match by itself: a fence may be issued twice after an asynchronous failover.
    @Test(arguments: [
        Forgery(testDescription: "another claim id") {
            ClaimToken(key: $0.key, fence: $0.fence, claimID: UUID())
        },
        Forgery(testDescription: "a higher fence") {
            ClaimToken(key: $0.key, fence: $0.fence + 1, claimID: $0.claimID)
        },
        Forgery(testDescription: "a lower fence") {
            ClaimToken(key: $0.key, fence: $0.fence - 1, claimID: $0.claimID)
        },
        Forgery(testDescription: "another partition") {
            ClaimToken(key: $0.key.next, fence: $0.fence, claimID: $0.claimID)
        },
    ])
    func `A token that is not exactly the claim's does nothing`(forgery: Forgery) async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let claim = try await ledger.claim(request(days(2))).first
        let real = try #require(claim).token
        let forged = forgery.forge(real)
        #expect(
            try await ledger.complete(
                job: "orders", [Completion(token: forged, facts: CompletionFacts(transformVersion: "2"))]) == [.fenced])
        #expect(try await ledger.fail(job: "orders", forged, error: "x", .giveUp) == .fenced)
        try await ledger.release(job: "orders", [forged])
        #expect(try await ledger.heartbeat(job: "orders", run: 1, [forged], lease: .seconds(90)).held.isEmpty)
        #expect(try await ledger.complete(job: "other", [completion(try #require(claim))]) == [.fenced])
        let rows = try await ledger.rows(job: "orders", keys: days(2))
        #expect(rows.map(\.status) == [.running, .running])
    }

    /// Two claims in one batch whose halves were swapped: each half is in the batch, no pair is.
    @Test func `Halves of different claims make no token`() async throws {
        let fixture = try await LedgerFixture.make()
        let claims = try await fixture.ledger.claim(request(days(2)))
        let swapped = [
            ClaimToken(key: claims[0].key, fence: claims[0].token.fence, claimID: claims[1].token.claimID),
            ClaimToken(key: claims[1].key, fence: claims[1].token.fence, claimID: claims[0].token.claimID),
        ]
        let outcomes = try await fixture.ledger.complete(
            job: "orders",
            swapped.map { Completion(token: $0, facts: CompletionFacts(transformVersion: "2")) })
        #expect(outcomes == [.fenced, .fenced])
        let reply = try await fixture.ledger.heartbeat(job: "orders", run: 1, swapped, lease: .seconds(90))
        #expect(reply.held.isEmpty)
    }

    @Test func `A heartbeat keeps a lease alive, and saves one that has ended but was not taken`() async throws {
        let fixture = try await LedgerFixture.make()
        let claim = try await fixture.ledger.claim(request(days(1), lease: .milliseconds(100))).only()
        try await fixture.waitForExpiry(of: claim.key)
        let reply = try await fixture.ledger.heartbeat(job: "orders", run: 1, [claim.token], lease: .seconds(90))
        #expect(reply.held == [claim.token])
        #expect(try await fixture.anotherLedger().claim(request(days(1))).isEmpty)
        let worker = try await fixture.execute("SELECT worker, claims, status FROM reprocess.worker_status")
        #expect(worker == [["host:1:a", "1", "ALIVE"]])
    }

    @Test func `An attempt past its deadline is taken over, however lively its worker`() async throws {
        let fixture = try await LedgerFixture.make()
        let claim = try await fixture.ledger.claim(request(days(1), deadline: .milliseconds(200))).only()
        let other = try await fixture.anotherLedger()
        while try await other.rows(job: "orders", keys: days(1)).only().isLeaseExpired == false {
            let reply = try await fixture.ledger.heartbeat(job: "orders", run: 1, [claim.token], lease: .seconds(90))
            #expect(reply.held == [claim.token])
        }
        #expect(try await other.claim(request(days(1))).only().predecessor == claim.token)
    }

    @Test(arguments: [RunControl.run, .pause, .drain, .cancel])
    func `What a person asks of a run comes with the next heartbeat`(control: RunControl) async throws {
        let fixture = try await LedgerFixture.make()
        let run = try await fixture.ledger.openRun(runRequest(days(3)))
        try await fixture.execute("UPDATE reprocess.run SET control = '\(control.rawValue)' WHERE run_id = \(run)")
        #expect(try await fixture.ledger.heartbeat(job: "orders", run: run, [], lease: .seconds(90)).control == control)
    }
}
