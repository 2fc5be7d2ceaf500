import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// Finished batches in the ledger: who may add one, and when they are forgotten.
@Suite(.timeLimit(.minutes(3))) struct BatchTests {
    private func checkpoint(_ number: Int, version: String = "2") -> BatchCheckpoint {
        BatchCheckpoint(
            number: number, files: ["batch-\(number)-0.parquet", "batch-\(number)-1.parquet"], rows: 10, bytes: 99,
            firstKey: #"[{"a": "it's"}]"#, nextKey: number == 2 ? nil : #"[{"a": 7}]"#, batchSize: 1_000,
            fields: #"{"x": "y"}"#, sourceIdentity: "s1", transformVersion: version)
    }

    /// A ledger with one claim, of which two batches are finished.
    private func begun(lease: Duration = .seconds(90)) async throws -> (fixture: LedgerFixture, claim: Claim) {
        let fixture = try await LedgerFixture.make()
        let claim = try await fixture.ledger.claim(request(days(1), lease: lease)).only()
        for number in 0..<2 {
            #expect(try await fixture.ledger.recordBatch(job: "orders", claim.token, checkpoint(number)))
        }
        return (fixture, claim)
    }

    private func batches(_ fixture: LedgerFixture) async throws -> [RecordedBatch] {
        try await fixture.ledger.batches(job: "orders", key: days(1)[0])
    }

    private func count(_ fixture: LedgerFixture) async throws -> [String?] {
        let row = try await fixture.ledger.rows(job: "orders", keys: days(1)).only()
        let stored = try await fixture.execute("SELECT count(*) FROM reprocess.batch_checkpoint").first?[0]
        return [String(row.batches), String(row.batchRows), stored ?? nil]
    }

    @Test func `A batch is recorded as it is, once, and counts for its partition`() async throws {
        let (fixture, claim) = try await begun()
        // As after an answer that was lost.
        #expect(try await fixture.ledger.recordBatch(job: "orders", claim.token, checkpoint(1)))
        let found = try await batches(fixture)
        #expect(found.map(\.checkpoint) == [checkpoint(0), checkpoint(1)])
        #expect(found.allSatisfy { $0.fence == claim.token.fence && $0.claimID == claim.token.claimID })
        #expect(try await count(fixture) == ["2", "20", "2"])
        let running = try await fixture.ledger.rows(
            job: "orders", in: nil, granularity: .day, statuses: [.running], limit: 5
        ).only()
        #expect(running.batches == 2 && running.batchRows == 20)
        #expect(try await !fixture.ledger.recordBatch(job: "orders", claim.token, checkpoint(3)), "a gap")
    }

    @Test func `Only the owner of a claim records, and forgets`() async throws {
        let (fixture, lost) = try await begun(lease: .milliseconds(50))
        try await fixture.waitForExpiry(of: lost.key)
        let owner = try await fixture.ledger.claim(request(days(1))).only()
        for token in [
            lost.token, ClaimToken(key: owner.key, fence: owner.token.fence, claimID: UUID()),
            ClaimToken(key: owner.key, fence: owner.token.fence - 1, claimID: owner.token.claimID),
        ] {
            #expect(try await !fixture.ledger.recordBatch(job: "orders", token, checkpoint(2)))
            #expect(try await !fixture.ledger.forgetBatches(job: "orders", token))
        }
        #expect(try await batches(fixture).count == 2)
        // What the lost worker has finished stays, and the owner goes on after it.
        #expect(try await fixture.ledger.recordBatch(job: "orders", owner.token, checkpoint(2)))
        #expect(try await batches(fixture).map(\.fence) == [lost.token.fence, lost.token.fence, owner.token.fence])
        let needed = try await fixture.ledger.neededBatches(fences: [lost.token.fence, owner.token.fence, 77])
        #expect(needed.map(\.fence).sorted() == [lost.token.fence, owner.token.fence])
        #expect(try await fixture.ledger.forgetBatches(job: "orders", owner.token))
        #expect(try await count(fixture) == ["0", "0", "0"])
        #expect(try await fixture.ledger.neededBatches(fences: [lost.token.fence]).isEmpty)
        #expect(try await fixture.ledger.recordBatch(job: "orders", owner.token, checkpoint(0)))
    }

    @Test func `They stay with a partition that failed or was given back, and go when it is done`() async throws {
        let (fixture, first) = try await begun()
        let ledger = fixture.ledger
        try await ledger.release(job: "orders", [first.token])
        #expect(try await count(fixture) == ["2", "20", "2"])
        let second = try await ledger.claim(request(days(1))).only()
        _ = try await ledger.fail(job: "orders", second.token, error: "x", .retry(after: .zero))
        #expect(try await count(fixture) == ["2", "20", "2"])
        let third = try await ledger.claim(request(days(1))).only()
        #expect(try await ledger.complete(job: "orders", [completion(third)]) == [.recorded(.complete)])
        #expect(try await count(fixture) == ["0", "0", "0"])
    }

    @Test func `They go when what they made is held, is marked by hand, or its row is deleted`() async throws {
        let (held, claim) = try await begun()
        #expect(try await held.ledger.hold(job: "orders", claim.token, holdFacts()) == .recorded(.held))
        #expect(try await count(held) == ["0", "0", "0"])
        let (marked, _) = try await begun()
        _ = try await marked.ledger.mark(job: "orders", Mark(key: days(1)[0], status: .complete))
        #expect(try await count(marked) == ["0", "0", "0"])
        let (deleted, _) = try await begun()
        try await deleted.execute("DELETE FROM reprocess.partition_progress")
        #expect(try await deleted.execute("SELECT count(*) FROM reprocess.batch_checkpoint") == [["0"]])
    }
}
