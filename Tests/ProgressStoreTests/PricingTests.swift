import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// What the ledger tells of past and present work.
@Suite(.timeLimit(.minutes(3))) struct PricingTests {
    /// Moves the start of a partition's newest attempt back.
    private func age(_ fixture: LedgerFixture, _ key: PartitionKey, seconds: Int) async throws {
        try await fixture.execute(
            """
            ALTER TABLE reprocess.attempt DISABLE TRIGGER guard_ended;
            UPDATE reprocess.attempt a SET started_at = coalesce(a.ended_at, now()) - interval '\(seconds) seconds'
            FROM reprocess.partition_progress p
            WHERE p.job = 'orders' AND p.partition_key = '\(key)' AND a.fence = p.fence;
            UPDATE reprocess.partition_progress SET started_at = now() - interval '\(seconds) seconds'
            WHERE job = 'orders' AND partition_key = '\(key)';
            ALTER TABLE reprocess.attempt ENABLE TRIGGER guard_ended
            """)
    }

    /// Claims what is COMPLETE, as a run does that was planned now.
    private func reclaim(_ fixture: LedgerFixture, _ keys: [PartitionKey]) async throws -> [Claim] {
        let fence = try await fixture.ledger.currentFence()
        return try await fixture.ledger.claim(request(keys, version: "3", planFence: fence, includesComplete: true))
    }

    @Test func `The newest attempt with a result tells what a partition takes`() async throws {
        let fixture = try await LedgerFixture.make()
        let keys = days(4)
        let claims = try await fixture.ledger.claim(request(Array(keys.prefix(3))))
        _ = try await fixture.ledger.complete(job: "orders", [completion(claims[0], rows: 70)])
        _ = try await fixture.ledger.complete(job: "orders", [completion(claims[1], rows: 80, adopted: true)])
        try await age(fixture, keys[0], seconds: 30)
        // A later attempt at the first one failed, and tells nothing.
        let again = try await reclaim(fixture, [keys[0]])
        _ = try await fixture.ledger.fail(
            job: "orders", try #require(again.first).token, error: "x", .giveUp)
        let past = try await fixture.ledger.pastAttempts(job: "orders", keys: keys)
        #expect(past.map(\.key) == [keys[0]])
        #expect(abs(past[0].seconds - 30) < 1)
        #expect(past[0].rows == 70 && past[0].bytes == 1_000)
        #expect(try await fixture.ledger.pastAttempts(job: "other", keys: keys).isEmpty)
        #expect(try await fixture.ledger.pastAttempts(job: "orders", keys: []).isEmpty)
    }

    @Test func `What ended last comes first, with the workers of its run`() async throws {
        let fixture = try await LedgerFixture.make()
        let keys = days(3)
        let range = PartitionRange(granularity: .day, ordinals: keys[0].ordinal..<(keys[2].ordinal + 1))
        _ = try await fixture.ledger.openRun(
            RunRequest(
                job: "orders", range: range, planned: PartitionSet(range), tableIdentity: "lake/orders",
                options: "--only unfinished --order oldest --workers 12 --retries 3", reason: nil,
                transformVersion: "2"))
        for key in keys {
            let claims = try await fixture.ledger.claim(request([key]))
            _ = try await fixture.ledger.complete(job: "orders", [completion(claims[0])])
        }
        // Marked by hand: nobody worked on it.
        _ = try await fixture.execute(
            "INSERT INTO reprocess.partition_progress (job, partition_key, status) VALUES ('orders', '2024-02-01', 'COMPLETE')"
        )
        let recent = try await fixture.ledger.recentAttempts(job: "orders", granularity: .day, limit: 2)
        #expect(recent.map(\.key) == [keys[2], keys[1]])
        #expect(recent.allSatisfy { $0.workers == 12 && $0.worker == "host:1:a" && $0.seconds < 60 })
        #expect(try await fixture.ledger.recentAttempts(job: "orders", granularity: .hour, limit: 9).isEmpty)
    }

    @Test func `What has run longest, of what is alive`() async throws {
        let fixture = try await LedgerFixture.make()
        let keys = days(4)
        #expect(try await fixture.ledger.runningWork(job: "orders", in: nil, granularity: .day) == nil)
        _ = try await fixture.ledger.claim(request(keys))
        for (key, seconds) in zip(keys, [10, 300, 20, 9_000]) { try await age(fixture, key, seconds: seconds) }
        // The worker of the last one is lost.
        try await fixture.execute(
            "UPDATE reprocess.partition_progress SET lease_expires_at = now() - interval '1 s' WHERE partition_key = '\(keys[3])'"
        )
        let work = try #require(try await fixture.ledger.runningWork(job: "orders", in: nil, granularity: .day))
        #expect(work.count == 3 && work.oldest == keys[1] && work.worker == "host:1:a")
        #expect(abs((work.since ?? .distantPast).timeIntervalSinceNow + 300) < 30)
        let range = PartitionRange(granularity: .day, ordinals: keys[2].ordinal..<(keys[3].ordinal + 1))
        let within = try await fixture.ledger.runningWork(job: "orders", in: range, granularity: .day)
        #expect(within?.count == 1 && within?.oldest == keys[2])
        #expect(try await fixture.ledger.runningWork(job: "orders", in: nil, granularity: .hour) == nil)
    }

    @Test func `A run at work has as many ahead as were planned and have not ended since`() async throws {
        let fixture = try await LedgerFixture.make()
        let keys = days(5)
        // Complete before the run, and to be made anew by it: not PENDING, but ahead.
        let before = try await fixture.ledger.claim(request(keys))
        _ = try await fixture.ledger.complete(job: "orders", before.map { completion($0) })
        let range = PartitionRange(granularity: .day, ordinals: keys[0].ordinal..<(keys[4].ordinal + 1))
        _ = try await fixture.ledger.openRun(
            RunRequest(
                job: "orders", range: range, planned: PartitionSet(range), tableIdentity: "lake/orders", options: "",
                reason: nil, transformVersion: "3"))
        #expect(try await fixture.ledger.advances(job: "orders").map(\.ended) == [0])
        let claims = try await reclaim(fixture, Array(keys.prefix(3)))
        try #require(claims.count == 3)
        _ = try await fixture.ledger.complete(job: "orders", [completion(claims[0], version: "3")])
        _ = try await fixture.ledger.fail(job: "orders", claims[1].token, error: "x", .giveUp)
        let advances = try await fixture.ledger.advances(job: "orders")
        #expect(advances.map(\.planned) == [5] && advances.map(\.ended) == [2])
        #expect(advances[0].first == keys[0] && advances[0].last == keys[4])
        #expect(try await fixture.ledger.advances(job: "other").isEmpty)
    }
}
