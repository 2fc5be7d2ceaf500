import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// What was replaced and measured afterwards: recorded once, and nothing else of a judgement changes.
@Suite(.timeLimit(.minutes(3))) struct ReplacedRecordTests {
    private static let footers = JudgementRecord(
        contentDigest: "d2", statistics: #"{"rows": 600}"#, replacedVersion: "foreign-1", replacedRows: 590,
        replacedBytes: 900, replacedStatistics: #"{"rows": 590}"#)

    private static let measured = MeasuredReplacement(
        version: "foreign-1", rows: 591, digest: "d1", statistics: #"{"rows": 591}"#)

    private func completed(
        _ ledger: Ledger, _ record: JudgementRecord = footers
    ) async throws -> Int64 {
        let claim = try await ledger.claim(request(days(1))).only()
        var completion = completion(claim)
        completion.facts.judgement = record
        #expect(try await ledger.complete(job: "orders", [completion]) == [.recorded(.complete)])
        return claim.token.fence
    }

    @Test func `What was measured is recorded once, and only of what the attempt replaced`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let fence = try await completed(ledger)
        #expect(try await ledger.unmeasuredReplacements(fences: [fence, fence + 1]) == [fence: "foreign-1"])
        var other = Self.measured
        other.version = "foreign-2"
        try await ledger.recordReplaced(fence: fence, other)
        #expect(try await ledger.judgement(fence: fence) == Self.footers)
        try await ledger.recordReplaced(fence: fence, Self.measured)
        var expected = Self.footers
        (expected.replacedRows, expected.replacedDigest) = (591, "d1")
        expected.replacedStatistics = #"{"rows": 591}"#
        #expect(try await ledger.judgement(fence: fence) == expected)
        var later = Self.measured
        (later.rows, later.digest) = (1, "d3")
        try await ledger.recordReplaced(fence: fence, later)
        #expect(try await ledger.judgement(fence: fence) == expected)
        #expect(try await ledger.unmeasuredReplacements(fences: [fence]).isEmpty)
        #expect(try await ledger.judgements(job: "orders", keys: days(1)).only().record == expected)
    }

    @Test func `Where the new side was not measured, the old one need not be`() async throws {
        let fixture = try await LedgerFixture.make()
        let fence = try await completed(
            fixture.ledger, JudgementRecord(replacedVersion: "foreign-1", replacedBytes: 900))
        #expect(try await fixture.ledger.unmeasuredReplacements(fences: [fence]).isEmpty)
    }

    @Test(arguments: [
        "content_digest = 'x', replaced_digest = 'd1'", "replaced_version = 'x', replaced_digest = 'd1'",
        "replaced_bytes = 1, replaced_digest = 'd1'", "findings = '[]', replaced_digest = 'd1'", "replaced_rows = 1",
        "fence = fence + 1, replaced_digest = 'd1'", "statistics = NULL, replaced_digest = 'd1'",
    ])
    func `The database itself keeps a judgement as it is`(change: String) async throws {
        let fixture = try await LedgerFixture.make()
        let fence = try await completed(fixture.ledger)
        let refusal = await fixture.refusal(of: "UPDATE reprocess.judgement SET \(change)")
        #expect(refusal?.contains("is not rewritten") == true, "\(refusal ?? "done")")
        #expect(try await fixture.ledger.judgement(fence: fence) == Self.footers)
    }

    @Test func `What is measured is not measured again, whatever SQL says`() async throws {
        let fixture = try await LedgerFixture.make()
        let fence = try await completed(fixture.ledger)
        try await fixture.ledger.recordReplaced(fence: fence, Self.measured)
        let refusal = await fixture.refusal(of: "UPDATE reprocess.judgement SET replaced_rows = 1")
        #expect(refusal?.contains("is not rewritten") == true, "\(refusal ?? "done")")
    }

    @Test(arguments: [LedgerRole.worker, .planner])
    func `Whoever looks at a partition or cleans up may record it`(role: LedgerRole) async throws {
        let accounts = try await RolesTests.Accounts.make()
        let fence = try await completed(accounts.fixture.ledger)
        let ledger = try await accounts.ledger(role)
        try await ledger.recordReplaced(fence: fence, Self.measured)
        await ledger.close()
        #expect(try await accounts.fixture.ledger.judgement(fence: fence)?.replacedDigest == "d1")
    }
}
