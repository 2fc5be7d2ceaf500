import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// Many workers on one ledger.
@Suite(.timeLimit(.minutes(10))) struct ScaleConnectionTests {
    @Test func `Sixty-four workers share 10,000 partitions, each granted and completed exactly once`() async throws {
        let cluster = try await TestCluster()
        let database = try await cluster.freshDatabase()
        let fixture = try await LedgerFixture.make(on: cluster, database: database)
        let partitions = days(10_000)
        _ = try await fixture.ledger.openRun(runRequest(partitions))
        let granted = Recorder<ClaimToken>()
        // All are connected before the first claims.
        let ledgers = try await withThrowingTaskGroup { group in
            for number in 0..<64 {
                group.addTask { try await fixture.anotherLedger(worker: "host:\(number):x") }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        try await withThrowingTaskGroup { group in
            for (number, ledger) in ledgers.enumerated() {
                group.addTask {
                    try await Self.work(
                        ledger, Self.order(partitions, number), batch: [1, 1, 4, 16][number % 4], granted)
                }
            }
            try await group.waitForAll()
        }
        let tokens = granted.values
        #expect(tokens.count == 10_000)
        #expect(Set(tokens.map(\.key)).count == 10_000)
        #expect(Set(tokens.map(\.fence)).count == 10_000)
        #expect(try await fixture.ledger.summary(job: "orders", in: nil).counts == [.complete: 10_000])
        let outcomes = try await fixture.execute("SELECT outcome, count(*) FROM reprocess.attempt GROUP BY outcome")
        #expect(outcomes == [["COMPLETE", "10000"]])
        for ledger in ledgers { await ledger.close() }
        await fixture.ledger.close()
        #expect(try await fixture.deadlocks() == 0)
        try await cluster.stop(immediate: true)
    }

    /// Each worker begins elsewhere, half of them go backwards: they meet all the time.
    private static func order(_ partitions: [PartitionKey], _ number: Int) -> [PartitionKey] {
        let start = partitions.count * (number % 8) / 8
        let turned = Array(partitions[start...] + partitions[..<start])
        return number.isMultiple(of: 2) ? turned : turned.reversed()
    }

    private static func work(
        _ ledger: Ledger, _ partitions: [PartitionKey], batch: Int, _ granted: Recorder<ClaimToken>
    ) async throws {
        var left = partitions[...]
        while !left.isEmpty {
            let window = Array(left.prefix(64))
            let claims = try await ledger.claim(request(window, limit: batch))
            claims.forEach { granted.add($0.token) }
            if claims.isEmpty {
                // What was not granted now is locked by a neighbour for an instant, or taken: come back to it later.
                let counts = try await ledger.summary(job: "orders", in: nil).counts
                if counts[.complete] == partitions.count { return }
                left = left.dropFirst(64) + window[...]
            } else {
                let outcomes = try await ledger.complete(job: "orders", claims.map { completion($0) })
                #expect(outcomes == claims.map { _ in .recorded(.complete) })
                let mine = Set(claims.map(\.key))
                left = left.filter { !mine.contains($0) }[...]
            }
        }
    }
}

extension LedgerFixture {
    /// The deadlocks of the database; complete when all other sessions have ended, which it waits for.
    fileprivate func deadlocks() async throws -> Int {
        let others = """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
            """
        while try await execute(others) != [["0"]] { try await Task.sleep(for: .milliseconds(20)) }
        let found = try await execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return try Int(found.only()[0] ?? "") ?? -1
    }
}
