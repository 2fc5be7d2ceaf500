import Foundation
import Partitions
import Synchronization
import TestSupport
import Testing

@testable import ProgressStore

/// Connections that are made before a run needs them.
@Suite(.timeLimit(.minutes(5))) struct AheadTests {
    /// What the sessions of a worker did last, by their process.
    private func sessions(of worker: String, _ fixture: LedgerFixture) async throws -> [String: String] {
        let rows = try await fixture.execute(
            """
            SELECT pid, left(query, 20) FROM pg_stat_activity
            WHERE application_name = 'reprocess \(worker)' AND state = 'idle' AND query <> ''
            """)
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0] ?? "", $0[1] ?? "") })
    }

    private func awaitSessions(
        of worker: String, _ fixture: LedgerFixture, _ count: Int
    ) async throws -> [String: String] {
        while true {
            let found = try await sessions(of: worker, fixture)
            if found.count == count { return found }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test func `A claim finds its connection made and itself planned, and nothing claimed`() async throws {
        let worker = "ahead:\(UUID())"
        let fixture = try await LedgerFixture.make(worker: worker)
        fixture.ledger.connectAhead()
        let before = try await awaitSessions(of: worker, fixture, 3)
        let rehearsed = before.filter { $0.value.hasPrefix("WITH hopeless") }
        #expect(rehearsed.count == 1)
        #expect(try await fixture.execute("SELECT count(*) FROM reprocess.partition_progress") == [["0"]])
        #expect(try await fixture.execute("SELECT count(*) FROM reprocess.attempt") == [["0"]])

        #expect(try await fixture.ledger.claim(request(days(3))).count == 3)
        let after = try await awaitSessions(of: worker, fixture, 3)
        #expect(after.filter { $0.value.hasPrefix("WITH hopeless") }.keys == rehearsed.keys)
        await fixture.ledger.close()
    }

    @Test func `What goes wrong ahead is told by the claim`() async throws {
        let fixture = try await LedgerFixture.make()
        try await fixture.execute("DROP SCHEMA \(fixture.schema) CASCADE")
        fixture.ledger.connectAhead()
        await #expect(throws: LedgerError.self) { try await fixture.ledger.claim(request(days(1))) }
        await fixture.ledger.close()
    }

    @Test func `A ledger that is closed has ended what it began ahead`() async throws {
        let fixture = try await LedgerFixture.make()
        fixture.ledger.connectAhead()
        let begun = fixture.ledger.ahead.withLock { $0 }
        #expect(begun.count == 2)
        await fixture.ledger.close()
        #expect(begun.map(\.isCancelled) == [true, true])
        let left = fixture.ledger.ahead.withLock { $0.count }
        #expect(left == 0)
    }

    @Test func `Comments alone do not travel with a statement`() throws {
        let source = Array("-- name: It\nSELECT 1 -- one\n    -- of reprocess\nFROM reprocess.run;\n".utf8)
        #expect(
            SQLText.statement(source, schema: try SchemaName("other")) == "SELECT 1 -- one\nFROM \"other\".run;")
    }
}
