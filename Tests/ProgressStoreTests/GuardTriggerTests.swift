import Partitions
import ProgressStore
import TestSupport
import Testing

/// What a client that is old, buggy or written by hand cannot do.
@Suite(.timeLimit(.minutes(3))) struct GuardTriggerTests {
    struct Move: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let from: Status
        let change: String
        let refusal: String?
    }

    @Test(arguments: [
        Move(testDescription: "lower fence", from: .running, change: "fence = fence - 1", refusal: "may not decrease"),
        Move(
            testDescription: "reopen without a fence", from: .complete, change: "status = 'PENDING'",
            refusal: "set a new fence"),
        Move(
            testDescription: "fail what is complete", from: .complete, change: "status = 'FAILED'",
            refusal: "set a new fence"),
        Move(
            testDescription: "complete what has failed", from: .failed, change: "status = 'COMPLETE'",
            refusal: "set a new fence"),
        Move(
            testDescription: "claim without a fence", from: .pending,
            change: "status = 'RUNNING', lease_expires_at = now(), claim_id = gen_random_uuid()",
            refusal: "needs a new fence"),
        Move(
            testDescription: "another claim id", from: .running, change: "claim_id = gen_random_uuid()",
            refusal: "changes only with its fence"),
        Move(
            testDescription: "reopen with a fence", from: .complete,
            change: "status = 'PENDING', fence = nextval('reprocess.fence')", refusal: nil),
        Move(testDescription: "longer lease", from: .running, change: "lease_expires_at = now()", refusal: nil),
        Move(testDescription: "pending is cancelled", from: .pending, change: "status = 'CANCELLED'", refusal: nil),
    ])
    func `The database itself keeps the order of fences`(move: Move) async throws {
        let fixture = try await LedgerFixture.make()
        let claim = try await fixture.ledger.claim(request(days(1))).only()
        switch move.from {
        case .complete: _ = try await fixture.ledger.complete(job: "orders", [completion(claim)])
        case .failed: _ = try await fixture.ledger.fail(job: "orders", claim.token, error: "x", .giveUp)
        case .pending: try await fixture.ledger.release(job: "orders", [claim.token])
        default: break
        }
        let refusal = await fixture.refusal(of: "UPDATE reprocess.partition_progress SET \(move.change)")
        if let expected = move.refusal {
            #expect(refusal?.contains(expected) == true)
        } else {
            #expect(refusal == nil)
        }
    }

    @Test func `An attempt that has ended is never changed again`() async throws {
        let fixture = try await LedgerFixture.make()
        let claim = try await fixture.ledger.claim(request(days(1))).only()
        _ = try await fixture.ledger.complete(job: "orders", [completion(claim)])
        for change in ["outcome = 'FAILED'", "error_message = 'x'", "rows_written = 1"] {
            let refusal = await fixture.refusal(of: "UPDATE reprocess.attempt SET \(change)")
            #expect(refusal?.contains("history is not rewritten") == true)
        }
    }

    @Test func `Two live claims of one partition of a table cannot be written`() async throws {
        let fixture = try await LedgerFixture.make()
        _ = try await fixture.ledger.claim(request(days(1))).only()
        let refusal = await fixture.refusal(
            of: """
                INSERT INTO reprocess.partition_progress
                    (job, partition_key, status, lease_expires_at, claim_id, fence, table_identity)
                VALUES ('other', '2024-01-01', 'RUNNING', now(), gen_random_uuid(), 99, 'lake/orders')
                """)
        #expect(refusal?.contains("partition_progress_one_claim") == true)
    }
}
