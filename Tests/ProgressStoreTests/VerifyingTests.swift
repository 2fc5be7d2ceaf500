import Foundation
import Partitions
import ProgressStore
import TestSupport
import Testing

/// What verifying and cleaning ask of the ledger.
@Suite struct VerifyingTests {
    private func complete(_ fixture: LedgerFixture, _ keys: [PartitionKey], job: String = "orders") async throws {
        let claims = try await fixture.ledger.claim(request(keys, job: job))
        _ = try await fixture.ledger.complete(job: job, claims.map { completion($0) })
    }

    private func rows(
        _ fixture: LedgerFixture, from first: PartitionKey? = nil, through last: PartitionKey? = nil, limit: Int = 100
    ) async throws -> [CompleteRow] {
        try await fixture.ledger.completeRows(
            job: "orders", granularity: .day, from: first, through: last, limit: limit)
    }

    @Test func `COMPLETE rows come page by page, and no others`() async throws {
        let fixture = try await LedgerFixture.make()
        let keys = days(6)
        try await complete(fixture, keys)
        try await complete(fixture, days(1), job: "other")
        _ = try await fixture.ledger.mark(job: "orders", Mark(key: keys[2], status: .failed))
        try await fixture.execute(
            "INSERT INTO reprocess.partition_progress (job, partition_key, status) VALUES ('orders', '2024-01', 'COMPLETE')"
        )
        let page = try await rows(fixture, limit: 3)
        #expect(page.map(\.key) == [keys[0], keys[1], keys[3]])
        #expect(page[0].tableVersion == "g1" && page[0].rowsWritten == 600 && page[0].bytesWritten == 1_000)
        #expect(page[0].tableIdentity == "lake/orders")
        #expect(try await rows(fixture, from: keys[3].next).map(\.key) == [keys[4], keys[5]])
        #expect(try await rows(fixture, from: keys[0], through: keys[1]).map(\.key) == [keys[0], keys[1]])
        await fixture.ledger.close()
    }

    @Test func `A row that was written by hand has no version`() async throws {
        let fixture = try await LedgerFixture.make()
        try await fixture.execute(
            "INSERT INTO reprocess.partition_progress (job, partition_key, status) VALUES ('orders', '2024-01-01', 'COMPLETE')"
        )
        let row = try await rows(fixture).only()
        #expect(row.tableVersion == nil && row.fence > 0)
        await fixture.ledger.close()
    }

    @Test func `An attempt is live as long as its lease, and has ended since the database says so`() async throws {
        let fixture = try await LedgerFixture.make()
        let keys = days(4)
        let live = try await fixture.ledger.claim(request([keys[0]])).only()
        let done = try await fixture.ledger.claim(request([keys[1]])).only()
        _ = try await fixture.ledger.complete(job: "orders", [completion(done)])
        let lapsed = try await fixture.ledger.claim(request([keys[2]], lease: .milliseconds(1))).only()
        let late = try await fixture.ledger.claim(request([keys[3]], deadline: .milliseconds(1))).only()
        try await fixture.waitForExpiry(of: keys[2])
        try await fixture.waitForExpiry(of: keys[3])
        let fences = [live, done, lapsed, late].map(\.token.fence)
        let known = try await fixture.ledger.knownAttempts(fences: fences + [9_999])
        #expect(Set(known.keys) == Set(fences))
        #expect(known[fences[0]]?.isLive == true && known[fences[0]]?.endedAgo == nil)
        #expect(known[fences[0]]?.claimID == live.token.claimID && known[fences[0]]?.key == keys[0])
        #expect(known[fences[1]]?.isLive == false && known[fences[1]]?.outcome == "COMPLETE")
        let ago = try #require(known[fences[1]]?.endedAgo)
        #expect(ago >= .zero && ago < .seconds(3600))
        #expect(known[fences[2]]?.isLive == false && known[fences[2]]?.outcome == "RUNNING")
        #expect(known[fences[3]]?.isLive == false)
        #expect(known[fences[0]]?.tableIdentity == "lake/orders")
        await fixture.ledger.close()
    }

    @Test func `A claim of another job is live as well`() async throws {
        let fixture = try await LedgerFixture.make()
        let claim = try await fixture.ledger.claim(request(days(1), job: "other")).only()
        let known = try await fixture.ledger.knownAttempts(fences: [claim.token.fence])
        #expect(known[claim.token.fence]?.isLive == true && known[claim.token.fence]?.job == "other")
        await fixture.ledger.close()
    }

    @Test func `Reopening makes a partition PENDING with a new fence and all attempts before it`() async throws {
        let fixture = try await LedgerFixture.make()
        let key = days(1)[0]
        try await complete(fixture, [key])
        let before = try await rows(fixture).only()
        let reopening = Reopening(key: key, fence: before.fence, reason: "Reopened by a test: gone.")
        #expect(try await fixture.ledger.reopen(job: "orders", [reopening]) == [key])
        let row = try await fixture.ledger.rows(job: "orders", keys: [key]).only()
        #expect(row.status == .pending && row.attempt == 0 && row.fence > before.fence)
        #expect(row.errorMessage == "Reopened by a test: gone.")
        #expect(try await fixture.outcomes(of: key) == ["COMPLETE"])
        let claim = try await fixture.ledger.claim(request([key])).only()
        #expect(claim.attempt == 1 && claim.predecessor == nil && claim.failures == 0)
        _ = try await fixture.ledger.complete(job: "orders", [completion(claim)])
        #expect(try await fixture.outcomes(of: key) == ["COMPLETE", "COMPLETE"])
        await fixture.ledger.close()
    }

    @Test func `What somebody has claimed, completed or marked since stays as it is`() async throws {
        let fixture = try await LedgerFixture.make()
        let keys = days(4)
        try await complete(fixture, keys)
        let fences = Dictionary(uniqueKeysWithValues: try await rows(fixture).map { ($0.key, $0.fence) })
        // Claimed anew and still running, claimed anew and complete again, marked by hand.
        let plan = try await fixture.ledger.currentFence()
        let again = try await fixture.ledger.claim(
            request(Array(keys[1...2]), planFence: plan, includesComplete: true))
        _ = try await fixture.ledger.complete(job: "orders", [completion(again[1])])
        _ = try await fixture.ledger.mark(job: "orders", Mark(key: keys[3], status: .complete))
        let reopenings = keys.map { Reopening(key: $0, fence: fences[$0] ?? 0, reason: "differs") }
        #expect(try await fixture.ledger.reopen(job: "orders", reopenings) == [keys[0]])
        let statuses = try await fixture.ledger.rows(job: "orders", keys: keys).map(\.status)
        #expect(statuses == [.pending, .running, .complete, .complete])
        await fixture.ledger.close()
    }

    @Test func `A reopening whose answer was lost is answered again, to the same process alone`() async throws {
        let fixture = try await LedgerFixture.make()
        let key = days(1)[0]
        try await complete(fixture, [key])
        let reopening = Reopening(key: key, fence: try await rows(fixture).only().fence, reason: "gone")
        #expect(try await fixture.ledger.reopen(job: "orders", [reopening]) == [key])
        let fence = try await fixture.ledger.rows(job: "orders", keys: [key]).only().fence
        #expect(try await fixture.ledger.reopen(job: "orders", [reopening]) == [key])
        #expect(try await fixture.ledger.rows(job: "orders", keys: [key]).only().fence == fence)
        let other = try await fixture.anotherLedger()
        #expect(try await other.reopen(job: "orders", [reopening]).isEmpty)
        await other.close()
        await fixture.ledger.close()
    }
}
