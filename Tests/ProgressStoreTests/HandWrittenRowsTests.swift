import Partitions
import ProgressStore
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct HandWrittenRowsTests {
    @Test(arguments: [
        ("2024-01-05", Granularity.day, "2024-01-05"), ("2024-02", .month, "2024-02-01"),
        ("2024-02-29T23", .hour, "2024-02-29"), ("0001-01-01", .day, "0001-01-01"),
    ])
    func `A partition inserted as COMPLETE by hand counts for every version`(
        text: String, granularity: Granularity, date: String
    ) async throws {
        let fixture = try await LedgerFixture.make()
        try await fixture.execute(
            "INSERT INTO reprocess.partition_progress (job, partition_key, status) VALUES ('orders', '\(text)', 'COMPLETE')"
        )
        #expect(
            try await fixture.columns(
                "partition_date, completed_at IS NOT NULL, transform_version, fence > 0", of: text)
                == [date, "t", nil, "t"])
        let key = try PartitionKey(parsing: text, as: granularity)
        let fence = try await fixture.ledger.currentFence()
        for version in ["1", "2"] {
            let claims = try await fixture.ledger.claim(request([key], version: version, planFence: fence))
            #expect(claims.isEmpty)
        }
        let forced = try await fixture.ledger.claim(request([key], planFence: fence, includesComplete: true))
        #expect(forced.map(\.key) == [key])
    }

    @Test(arguments: ["PENDING", "FAILED", "CANCELLED", "HELD"])
    func `A partition may be inserted by hand with any status that needs no claim`(status: String) async throws {
        let fixture = try await LedgerFixture.make()
        try await fixture.execute(
            "INSERT INTO reprocess.partition_progress (job, partition_key, status) VALUES ('orders', '2024-01-05', '\(status)')"
        )
        let row = try await fixture.ledger.rows(job: "orders", keys: [try day("2024-01-05")]).only()
        #expect(row.status.rawValue == status)
    }

    @Test(arguments: [
        "2024-02-30", "2024-13-01", "2024-1-5", "yesterday", "", "2024-01-05T24", "2024-01-05 00", "'; --",
    ])
    func `A key that the calendar does not have is refused`(text: String) async throws {
        let fixture = try await LedgerFixture.make()
        let quoted = text.replacing("'", with: "''")
        let refusal = await fixture.refusal(
            of:
                "INSERT INTO reprocess.partition_progress (job, partition_key, status) VALUES ('orders', '\(quoted)', 'PENDING')"
        )
        #expect(refusal != nil)
    }

    @Test func `A partition that a person sets to COMPLETE gets its time and a place in the order of fences`()
        async throws
    {
        let fixture = try await LedgerFixture.make()
        let claim = try await fixture.ledger.claim(request(days(1))).only()
        try await fixture.execute("UPDATE reprocess.partition_progress SET status = 'COMPLETE'")
        #expect(
            try await fixture.columns("completed_at IS NOT NULL, lease_expires_at, fence", of: "\(claim.key)")
                == ["t", nil, "\(claim.token.fence)"])
    }

    @Test func `Half a claim cannot be written by hand`() async throws {
        let fixture = try await LedgerFixture.make()
        for values in ["'RUNNING', NULL, NULL", "'RUNNING', now(), NULL", "'DONE', NULL, NULL"] {
            let refusal = await fixture.refusal(
                of: """
                    INSERT INTO reprocess.partition_progress (job, partition_key, status, lease_expires_at, claim_id)
                    VALUES ('orders', '2024-01-05', \(values))
                    """)
            #expect(refusal?.contains("violates check constraint") == true, "\(values)")
        }
    }
}
