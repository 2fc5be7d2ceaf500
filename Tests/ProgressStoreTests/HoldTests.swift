import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// What waits for a person: who may put it there, and who may take it away.
@Suite(.timeLimit(.minutes(3))) struct HoldTests {
    /// A ledger with one partition that is held.
    private static func held(
        version: String = "2", judgement: JudgementRecord? = nil
    ) async throws -> (fixture: LedgerFixture, claim: Claim) {
        let fixture = try await LedgerFixture.make()
        let claim = try await fixture.ledger.claim(request(days(1), version: version)).only()
        let facts = holdFacts(version: version, judgement: judgement)
        #expect(try await fixture.ledger.hold(job: "orders", claim.token, facts) == .recorded(.held))
        return (fixture, claim)
    }

    @Test func `What is held waits, with all that is known of it and without a lease`() async throws {
        let record = JudgementRecord(
            contentDigest: "d", statistics: #"{"rows": 60}"#, replacedVersion: "g0", replacedRows: 600,
            replacedBytes: 9, replacedDigest: "d0", replacedStatistics: #"{"rows": 600}"#, findings: "[]")
        let (fixture, claim) = try await Self.held(judgement: record)
        let row = try await fixture.ledger.rows(job: "orders", keys: days(1)).only()
        #expect(row.status == .held && row.leaseExpiresAt == nil && row.completedAt == nil && row.eligibleIn == nil)
        #expect(row.errorMessage == "row_count_drop: 40 % fewer rows")
        let held = try await fixture.ledger.held(job: "orders", keys: nil).only()
        #expect(held.token == claim.token && held.runID == 1 && held.reason == "row_count_drop: 40 % fewer rows")
        #expect(held.rowsWritten == 60 && held.bytesWritten == 100 && held.transformVersion == "2")
        #expect(held.sourceIdentity == "s1" && held.sourceVersions == ["/lake/raw": 3])
        #expect(held.judgement == record && held.worker == "host:1:a" && held.host != nil)
        let attempt = try await fixture.ledger.attempts(job: "orders", key: claim.key).only()
        #expect(attempt.outcome == "HELD" && attempt.kind == .run && attempt.sourceIdentity == "s1")
        #expect(attempt.endedAt != nil && attempt.errorMessage == held.reason)
        #expect(try await fixture.ledger.held(job: "orders", keys: [days(2)[1]]).isEmpty)
        #expect(try await fixture.ledger.held(job: "refunds", keys: nil).isEmpty)
        #expect(try await fixture.ledger.held(job: "orders", keys: days(2)).map(\.key) == days(1))
    }

    @Test func `Only the owner of a claim holds its partition`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let lost = try await ledger.claim(request(days(1), lease: .milliseconds(50))).only()
        try await fixture.waitForExpiry(of: lost.key)
        let owner = try await ledger.claim(request(days(1))).only()
        #expect(try await ledger.hold(job: "orders", lost.token, holdFacts()) == .fenced)
        for forged in [
            ClaimToken(key: owner.key, fence: owner.token.fence, claimID: UUID()),
            ClaimToken(key: owner.key, fence: owner.token.fence - 1, claimID: owner.token.claimID),
        ] {
            #expect(try await ledger.hold(job: "orders", forged, holdFacts()) == .fenced)
        }
        #expect(try await ledger.rows(job: "orders", keys: days(1)).map(\.status) == [.running])
        #expect(try await ledger.judgement(fence: owner.token.fence) == nil)
        // What has ended is not held any more.
        _ = try await ledger.complete(job: "orders", [completion(owner)])
        #expect(try await ledger.hold(job: "orders", owner.token, holdFacts()) == .recorded(.complete))
        #expect(try await fixture.outcomes(of: owner.key) == ["LOST", "COMPLETE"])
        #expect(try await ledger.judgement(fence: owner.token.fence) == nil)
    }

    @Test func `The attempt that is held can do nothing more`() async throws {
        let (fixture, claim) = try await Self.held()
        let ledger = fixture.ledger
        #expect(try await ledger.hold(job: "orders", claim.token, holdFacts()) == .recorded(.held))
        #expect(try await ledger.complete(job: "orders", [completion(claim)]) == [.fenced])
        #expect(try await ledger.fail(job: "orders", claim.token, error: "x", .giveUp) == .recorded(.held))
        #expect(
            try await ledger.heartbeat(job: "orders", run: 1, [claim.token], lease: .seconds(9)).held.isEmpty)
        try await ledger.release(job: "orders", [claim.token])
        #expect(try await ledger.rows(job: "orders", keys: days(1)).map(\.status) == [.held])
        #expect(try await fixture.outcomes(of: claim.key) == ["HELD"])
    }

    @Test func `Nobody claims what is held, and it blocks nobody`() async throws {
        let (fixture, _) = try await Self.held()
        let ledger = fixture.ledger
        let plan = try await ledger.currentFence()
        let everything = request(days(1), planFence: plan, includesComplete: true, staleSources: Set(days(1)))
        #expect(try await ledger.claim(everything).isEmpty)
        let sql = try await fixture.execute(
            "SELECT * FROM reprocess.claim_partition('orders', '2024-01-01', again => true)")
        #expect(sql.isEmpty)
        #expect(try await ledger.claim(request(days(2), planFence: plan)).map(\.key) == [days(2)[1]])
        #expect(try await ledger.claim(request(days(1), job: "refunds")).count == 1)
    }

    @Test func `A plan for another version makes anew what was held before it`() async throws {
        let (fixture, claim) = try await Self.held(version: "1")
        let ledger = fixture.ledger
        // The plan was made before the attempt began: it does not know what it would do again.
        #expect(try await ledger.claim(request(days(1), planFence: claim.token.fence - 1)).isEmpty)
        let again = try await ledger.claim(request(days(1), planFence: claim.token.fence)).only()
        #expect(again.attempt == 1 && again.predecessor == nil && again.token.fence > claim.token.fence)
        #expect(try await fixture.outcomes(of: claim.key) == ["HELD", "RUNNING"])
        #expect(try await ledger.takeHeld(take(claim)) == nil)
        #expect(try await ledger.reject(job: "orders", claim.token, by: "ann", reason: "x") == .fenced)
        #expect(try await ledger.held(job: "orders", keys: nil).isEmpty)
    }

    @Test func `A plan is told of what version the held rows are`() async throws {
        let (fixture, _) = try await Self.held(version: "1")
        let rows = Recorder<PlanRow>()
        let range = try PartitionRange(from: days(1)[0], through: days(2)[1])
        try await fixture.ledger.forEachPlanRow(job: "orders", tableIdentity: "lake/new", in: range) { rows.add($0) }
        #expect(
            rows.values == [
                PlanRow(
                    key: days(1)[0], status: .held, transformVersion: "1", sourceIdentity: "s1",
                    tableIdentity: "lake/orders")
            ])
        let standing = { (version: String) in
            try await fixture.execute(
                "SELECT is_free, reason FROM reprocess.partition_standing('orders', '2024-01-01', '\(version)', 'lake/orders')"
            )
        }
        #expect(try await standing("1") == [["f", "held"]])
        #expect(try await standing("2") == [["t", "stale transform"]])
    }

    @Test func `What a person marks HELD has nothing to approve, and is claimed by nobody`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let claim = try await ledger.claim(request(days(1), version: "1")).only()
        _ = try await ledger.complete(job: "orders", [completion(claim, version: "1")])
        _ = try await ledger.mark(job: "orders", Mark(key: claim.key, status: .held))
        #expect(try await ledger.held(job: "orders", keys: nil).isEmpty)
        let plan = try await ledger.currentFence()
        #expect(try await ledger.claim(request(days(1), planFence: plan, includesComplete: true)).isEmpty)
    }

    @Test func `Cleaning learns whether what was held is still wanted`() async throws {
        let (fixture, claim) = try await Self.held()
        let ledger = fixture.ledger
        let isHeld = { try await ledger.knownAttempts(fences: [claim.token.fence])[claim.token.fence]?.isHeld }
        #expect(try await isHeld() == true)
        // While it is being published, its files are needed.
        let approval = try #require(try await ledger.takeHeld(take(claim)))
        #expect(try await isHeld() == true)
        _ = try await ledger.complete(job: "orders", [completion(approval)])
        #expect(try await isHeld() == false)
        let known = try await ledger.knownAttempts(fences: [approval.token.fence])[approval.token.fence]
        #expect(known?.isHeld == false && known?.outcome == "COMPLETE")
    }

    @Test(arguments: ["rejected", "marked", "claimed for another version"])
    func `What was held is not wanted any more once it is decided or overtaken`(how: String) async throws {
        let (fixture, claim) = try await Self.held()
        let ledger = fixture.ledger
        switch how {
        case "rejected": _ = try await ledger.reject(job: "orders", claim.token, by: "ann", reason: "x")
        case "marked": _ = try await ledger.mark(job: "orders", Mark(key: claim.key, status: .held))
        default: _ = try await ledger.claim(request(days(1), version: "3", planFence: .max)).only()
        }
        let known = try await ledger.knownAttempts(fences: [claim.token.fence])[claim.token.fence]
        #expect(known?.isHeld == false && known?.outcome == "HELD")
    }

    @Test func `Dashboards see what waits, and do not take it for a failure`() async throws {
        let (fixture, claim) = try await Self.held(
            judgement: JudgementRecord(replacedVersion: "g0", replacedRows: 600, replacedBytes: 9))
        let seen = try await fixture.execute(
            "SELECT job, partition_key, partition_date, fence, run_id, reason, old_rows, new_rows, old_bytes, new_bytes FROM reprocess.held_partitions"
        )
        #expect(
            seen == [
                [
                    "orders", "2024-01-01", "2024-01-01", "\(claim.token.fence)", "1",
                    "row_count_drop: 40 % fewer rows", "600", "60", "9", "100",
                ]
            ])
        #expect(try await fixture.execute("SELECT * FROM reprocess.recent_failures").isEmpty)
    }
}
