import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// What the ledger knows of what a table holds, and of what sources it was made, and when it no longer does.
@Suite(.timeLimit(.minutes(3))) struct KnownContentTests {
    /// A ledger with one COMPLETE partition, whose digest and sources are known.
    private static func complete(version: String = "2") async throws -> (fixture: LedgerFixture, claim: Claim) {
        let fixture = try await LedgerFixture.make()
        let claim = try await fixture.ledger.claim(request(days(1), version: version)).only()
        #expect(claim.knownContent == nil)
        let completion = judged(claim, version: version, source: "s1", JudgementRecord(contentDigest: "d1"))
        #expect(try await fixture.ledger.complete(job: "orders", [completion]) == [.recorded(.complete)])
        return (fixture, claim)
    }

    private static let known = KnownContent(tableVersion: "g1", digest: "d1", transformVersion: "2")

    @Test func `What was recorded is known to every claim after it, whatever came between`() async throws {
        let (fixture, _) = try await Self.complete()
        let ledger = fixture.ledger
        let again = try await ledger.claim(request(days(1), planFence: .max, includesComplete: true)).only()
        #expect(again.knownContent == Self.known)
        _ = try await ledger.fail(job: "orders", again.token, error: "x", .retry(after: .zero))
        let retry = try await ledger.claim(request(days(1))).only()
        #expect(retry.knownContent == Self.known)
        try await ledger.release(job: "orders", [retry.token])
        let lost = try await ledger.claim(request(days(1), lease: .milliseconds(50))).only()
        #expect(lost.knownContent == Self.known)
        try await fixture.waitForExpiry(of: lost.key)
        let taken = try await ledger.claim(request(days(1))).only()
        #expect(taken.knownContent == Self.known && taken.predecessor == lost.token)
    }

    @Test(arguments: ["a mark", "a reopening", "a hand at a prompt", "a program of before", "SQL"])
    func `A digest is forgotten with the certainty that it is right`(by: String) async throws {
        let (fixture, claim) = try await Self.complete()
        let ledger = fixture.ledger
        var version = "g1"
        switch by {
        case "a mark":
            _ = try await ledger.mark(job: "orders", Mark(key: claim.key, status: .complete, transformVersion: "2"))
        case "a reopening":
            let reopening = Reopening(key: claim.key, fence: claim.token.fence, reason: "a file is gone")
            #expect(try await ledger.reopen(job: "orders", [reopening]) == [claim.key])
        case "a hand at a prompt":
            try await fixture.execute(
                "UPDATE reprocess.partition_progress SET status = 'PENDING', fence = nextval('reprocess.fence')")
        case "a program of before":
            // It knows nothing of digests, and records another version of the table.
            _ = try await ledger.claim(request(days(1), planFence: .max, includesComplete: true)).only()
            try await fixture.execute(
                """
                UPDATE reprocess.partition_progress SET status = 'COMPLETE', completed_at = now(), lease_expires_at = NULL,
                    ended_fence = nextval('reprocess.fence'), table_version = 'g2'
                """)
            version = "g2"
        default:
            try await fixture.execute(
                """
                SELECT reprocess.complete_partition(c.job, c.key, c.fence, c.claim_id, table_version => 'g1')
                FROM (SELECT 'orders' AS job, '2024-01-01' AS key, fence, claim_id
                    FROM reprocess.claim_partition('orders', '2024-01-01', '2', 'lake/orders', again => true)) c
                """)
        }
        #expect(try await fixture.columns("content_digest", of: "2024-01-01") == [nil])
        let wanted = request(days(1), planFence: .max, includesComplete: true)
        let again = try await ledger.claim(wanted).only()
        #expect(again.knownContent?.tableVersion == version && again.knownContent?.digest == nil)
    }

    @Test func `The same rows under a new version of the table are known again`() async throws {
        let (fixture, _) = try await Self.complete()
        let again = try await fixture.ledger.claim(request(days(1), planFence: .max, includesComplete: true)).only()
        let completion = judged(again, tableVersion: "g1", source: "s2", JudgementRecord(contentDigest: "d2"))
        _ = try await fixture.ledger.complete(job: "orders", [completion])
        #expect(try await fixture.columns("content_digest, source_identity", of: "2024-01-01") == ["d2", "s2"])
    }

    @Test func `Nothing is known of another table, and what is complete there is wanted here`() async throws {
        let (fixture, claim) = try await Self.complete()
        let ledger = fixture.ledger
        let moved = { (fence: Int64) in request(days(1), table: "lake/new", planFence: fence) }
        // Not by a plan that is older than what it would reopen.
        #expect(try await ledger.claim(moved(claim.token.fence - 1)).isEmpty)
        let again = try await ledger.claim(moved(claim.token.fence)).only()
        #expect(again.knownContent == nil)
        #expect(try await fixture.columns("table_version, content_digest", of: "2024-01-01") == [nil, nil])
        _ = try await ledger.fail(job: "orders", again.token, error: "x", .retry(after: .zero))
        #expect(try await ledger.claim(moved(0)).only().knownContent == nil)
    }

    @Test func `What is complete in a table that is not known, or for a job without one, is left alone`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        _ = try await ledger.mark(job: "orders", Mark(key: days(1)[0], status: .complete))
        #expect(try await ledger.claim(request(days(1), planFence: .max)).isEmpty)
        let claim = try await ledger.claim(request([days(2)[1]])).only()
        _ = try await ledger.complete(job: "orders", [completion(claim)])
        #expect(try await ledger.claim(request([days(2)[1]], table: nil, planFence: .max)).isEmpty)
        let standing = try await fixture.execute(
            """
            SELECT reason, is_free FROM reprocess.partition_standing('orders', '2024-01-02', '2', 'lake/new')
            UNION ALL SELECT reason, is_free FROM reprocess.partition_standing('orders', '2024-01-02', '2', 'lake/orders')
            UNION ALL SELECT reason, is_free FROM reprocess.partition_standing('orders', '2024-01-02', '2', NULL)
            """)
        #expect(standing == [["stale target", "t"], ["complete", "f"], ["complete", "f"]])
    }

    @Test func `What is complete of older sources is wanted again, once, and by no plan from before`() async throws {
        let (fixture, claim) = try await Self.complete()
        let ledger = fixture.ledger
        let other = try await ledger.claim(request([days(2)[1]])).only()
        _ = try await ledger.complete(job: "orders", [judged(other, source: "s1", nil)])
        let plan = try await ledger.currentFence()
        let wanted = { (fence: Int64) in
            request(days(2), planFence: fence, staleSources: [claim.key])
        }
        #expect(try await ledger.claim(wanted(claim.token.fence)).isEmpty)
        let again = try await ledger.claim(wanted(plan)).only()
        #expect(again.key == claim.key && again.knownContent == Self.known && again.attempt == 1)
        _ = try await ledger.complete(job: "orders", [judged(again, source: "s2", nil)])
        #expect(try await ledger.claim(wanted(plan)).isEmpty)
    }

    @Test func `A plan is told the sources and the table of each partition`() async throws {
        let (fixture, _) = try await Self.complete()
        let ledger = fixture.ledger
        let moved = try await ledger.claim(request([days(2)[1]], table: "lake/old")).only()
        _ = try await ledger.complete(job: "orders", [judged(moved, nil)])
        _ = try await ledger.mark(job: "orders", Mark(key: days(3)[2], status: .complete))
        let range = try PartitionRange(from: days(1)[0], through: days(3)[2])
        for table in ["lake/orders", nil] {
            let rows = Recorder<PlanRow>()
            try await ledger.forEachPlanRow(job: "orders", tableIdentity: table, in: range) { rows.add($0) }
            #expect(rows.values.map(\.sourceIdentity) == ["s1", nil, nil])
            #expect(rows.values.map(\.tableIdentity) == ["lake/orders", "lake/old", nil])
        }
        // A person's mark says nothing of the sources.
        _ = try await ledger.mark(job: "orders", Mark(key: days(1)[0], status: .complete))
        #expect(try await fixture.columns("source_identity", of: "2024-01-01") == [nil])
    }
}
