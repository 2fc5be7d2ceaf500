import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// A session that was left open keeps every version of every row alive.
///
/// What claims, heartbeats and `status` touch must
/// not grow with the number of versions.
@Suite(.timeLimit(.minutes(10)), .serialized) struct ScaleHorizonTests {
    @Test(arguments: [
        "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM reprocess.run",
        "BEGIN; UPDATE reprocess.worker SET host = host",
    ])
    func `Statements touch as little after 20,000 claims under an old transaction as before`(
        opening: String
    ) async throws {
        let fixture = try await ScaleFixture.make(partitions: 100_000)
        let cluster = fixture.base.cluster
        let person = Session(
            label: "person",
            connector: Connector(
                conninfo: { [database = fixture.base.database] in cluster.conninfo(database: database) },
                applicationName: "person", timeout: .seconds(10)),
            schema: try SchemaName(fixture.base.schema))
        try await person.runScript("SET idle_in_transaction_session_timeout = 0")
        try await person.runScript(opening.replacing("reprocess.", with: "\"\(fixture.base.schema)\"."))
        let live = try await claim(fixture, 0..<16)
        let before = try await costs(fixture, live: live)
        let ledger = fixture.base.ledger
        for start in stride(from: 1_000, to: 21_000, by: 16) {
            let claims = try await claim(fixture, start..<(start + 16))
            _ = try await ledger.complete(job: "orders", claims.map { completion($0) })
        }
        let after = try await costs(fixture, live: live)
        for (name, blocks) in before {
            let later = try #require(after[name])
            #expect(later <= blocks * 3 + 64, "\(name): \(blocks) blocks before, \(later) after")
        }
        try await person.runScript("ROLLBACK")
    }

    private func claim(_ fixture: ScaleFixture, _ hours: Range<Int>) async throws -> [Claim] {
        let keys = hours.map { PartitionKey(granularity: .hour, ordinal: 50_000 + $0) }
        let claims = try await fixture.base.ledger.claim(
            request(keys, limit: keys.count, version: "3", planFence: .max, includesComplete: true))
        // A few of them are held.
        #expect(claims.count >= keys.count - 1)
        return claims
    }

    private func costs(_ fixture: ScaleFixture, live: [Claim]) async throws -> [String: Int] {
        let worker = WorkerIdentity(name: "host:1:a")
        let next = (40_000..<40_016).map { PartitionKey(granularity: .hour, ordinal: $0) }
        let tokens = live.map(\.token)
        let rows = { (status: Status, limit: Int) in
            RowsByStatus(job: "orders", statuses: [status], range: nil, granularity: .hour, limit: limit)
        }
        let range = PartitionRange(granularity: .hour, ordinals: 40_123..<95_321)
        return [
            "claim": try await fixture.blocks(
                of: ClaimStatement(
                    request: request(next, version: "3", planFence: .max), batch: UUID(), worker: worker)),
            "heartbeat": try await fixture.blocks(
                of: HeartbeatStatement(job: "orders", run: 1, tokens: tokens, lease: .seconds(90), worker: worker)),
            "complete": try await fixture.blocks(
                of: CompleteStatement(job: "orders", completions: live.map { completion($0) })),
            "status": try await fixture.blocks(of: SummaryStatement(job: "orders", range: nil)),
            "status of a range": try await fixture.blocks(of: SummaryStatement(job: "orders", range: range)),
            "what runs": try await fixture.blocks(of: rows(.running, 20)),
            "what failed": try await fixture.blocks(of: rows(.failed, 20)),
        ]
    }
}
