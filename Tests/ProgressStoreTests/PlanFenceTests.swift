import Partitions
import ProgressStore
import TestSupport
import Testing

/// A plan may reopen only what ended before it was made.
@Suite(.timeLimit(.minutes(3))) struct PlanFenceTests {
    struct Ended: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let end: @Sendable (Ledger, Claim) async throws -> Void
        var includesComplete = false
        var version = "2"
    }

    static let endings = [
        Ended(testDescription: "failed") { ledger, claim in
            _ = try await ledger.fail(job: "orders", claim.token, error: "x", .giveUp)
        },
        Ended(testDescription: "cancelled") { ledger, claim in
            _ = try await ledger.mark(job: "orders", Mark(key: claim.key, status: .cancelled))
        },
        Ended(
            testDescription: "complete for another version",
            end: { ledger, claim in
                _ = try await ledger.complete(job: "orders", [completion(claim, version: "1")])
            }),
        Ended(
            testDescription: "complete, and all asked for",
            end: { ledger, claim in
                _ = try await ledger.complete(job: "orders", [completion(claim)])
            }, includesComplete: true),
    ]

    @Test(arguments: endings)
    func `What ended before the plan is reopened by it, and only once`(ended: Ended) async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let planBefore = try await ledger.currentFence()
        let first = try await ledger.claim(request(days(1))).only()
        try await ended.end(ledger, first)

        let late = request(days(1), planFence: planBefore, includesComplete: ended.includesComplete)
        #expect(try await ledger.claim(late).isEmpty)

        let planAfter = try await ledger.currentFence()
        let wanted = request(days(1), planFence: planAfter, includesComplete: ended.includesComplete)
        let second = try await ledger.claim(wanted).only()
        #expect(second.attempt == 1)
        #expect(second.failures == 0)
        #expect(second.predecessor == nil)
        try await ended.end(ledger, second)
        #expect(try await ledger.claim(wanted).isEmpty)
    }

    @Test func `What is complete for this version, or for every one, is left alone`() async throws {
        let fixture = try await LedgerFixture.make()
        let claim = try await fixture.ledger.claim(request(days(1))).only()
        _ = try await fixture.ledger.complete(job: "orders", [completion(claim)])
        _ = try await fixture.ledger.mark(job: "orders", Mark(key: days(2)[1], status: .complete))
        let fence = try await fixture.ledger.currentFence()
        #expect(try await fixture.ledger.claim(request(days(2), planFence: fence)).isEmpty)
        let other = try await fixture.ledger.claim(request(days(2), version: "3", planFence: fence))
        #expect(other.map(\.key) == [claim.key])
    }

    @Test func `The first fence comes after an unused ledger's`() async throws {
        let fixture = try await LedgerFixture.make()
        #expect(try await fixture.ledger.currentFence() == 0)
        #expect(try await fixture.ledger.claim(request(days(1))).only().token.fence == 1)
        #expect(try await fixture.ledger.currentFence() == 1)
    }
}
