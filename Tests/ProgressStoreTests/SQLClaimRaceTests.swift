import Partitions
import ProgressStore
import Synchronization
import TestSupport
import Testing

/// Claims through SQL and claims of this program, of three jobs on one table, at the same partitions at once.
@Suite(.timeLimit(.minutes(5))) struct SQLClaimRaceTests {
    @Test func `Of a table's partition there is never more than one live claim`() async throws {
        let fixture = try await LedgerFixture.make()
        let keys = days(24)
        let live = LiveClaims()
        let granted = Recorder<String>()
        try await withThrowingTaskGroup { group in
            for number in 0..<16 {
                let job = ["orders", "daily", "refunds"][number % 3]
                let order = number.isMultiple(of: 2) ? keys : keys.reversed()
                group.addTask { try await claimBySQL(order, job: job, fixture, live, granted) }
            }
            for number in 0..<4 {
                let ledger = try await fixture.anotherLedger(worker: "host:\(number):x")
                let job = ["orders", "refunds"][number % 2]
                group.addTask {
                    try await claim(number < 2 ? keys : keys.reversed(), job: job, with: ledger, live, granted)
                }
            }
            try await group.waitForAll()
        }
        #expect(live.violations == 0)
        // Every job has done every partition at least once, and nobody's claim was taken from him.
        let complete = try await fixture.execute(
            "SELECT job, count(*) FROM reprocess.partition_progress WHERE status = 'COMPLETE' GROUP BY 1 ORDER BY 1")
        #expect(complete == [["daily", "24"], ["orders", "24"], ["refunds", "24"]])
        let outcomes = try await fixture.execute("SELECT DISTINCT outcome FROM reprocess.attempt")
        #expect(outcomes == [["COMPLETE"]])
        #expect(granted.values.count == 72)
        #expect(Set(granted.values).count == 72)
    }

    private func claimBySQL(
        _ keys: [PartitionKey], job: String, _ fixture: LedgerFixture, _ live: LiveClaims, _ granted: Recorder<String>
    ) async throws {
        var left = keys
        while !left.isEmpty {
            for key in left {
                if let claim = try await fixture.claimBySQL("\(key)", job: job, ordersTable) {
                    live.begin(key)
                    granted.add("\(job) \(key)")
                    live.end(key)
                    _ = try await fixture.call("complete_partition(\(claim.token))")
                }
            }
            let open = try await fixture.ledger.rows(job: job, keys: left).filter { $0.status == .complete }
            left.removeAll { key in open.contains { $0.key == key } }
        }
    }

    private func claim(
        _ keys: [PartitionKey], job: String, with ledger: Ledger, _ live: LiveClaims, _ granted: Recorder<String>
    ) async throws {
        var left = keys
        while !left.isEmpty {
            let claims = try await ledger.claim(request(left, job: job, limit: 3))
            for claim in claims {
                live.begin(claim.key)
                granted.add("\(job) \(claim.key)")
                live.end(claim.key)
            }
            _ = try await ledger.complete(job: job, claims.map { completion($0) })
            let open = try await ledger.rows(job: job, keys: left).filter { $0.status == .complete }
            left.removeAll { key in open.contains { $0.key == key } }
        }
        await ledger.close()
    }
}

/// Which partitions are claimed just now, as their holders see it.
private final class LiveClaims: Sendable {
    private let state = Mutex<(keys: Set<PartitionKey>, violations: Int)>(([], 0))

    var violations: Int { state.withLock { $0.violations } }

    /// A claim was granted.
    func begin(_ key: PartitionKey) {
        state.withLock { if !$0.keys.insert(key).inserted { $0.violations += 1 } }
    }

    /// A claim is about to be given up: from here on the next one may come.
    func end(_ key: PartitionKey) { state.withLock { _ = $0.keys.remove(key) } }
}
