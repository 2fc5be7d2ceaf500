import Partitions
import TestSupport
import Testing

@testable import ProgressStore

@Suite(.timeLimit(.minutes(5))) struct ConcurrentClaimTests {
    @Test(arguments: [false, true])
    func `Sixteen claimers share 500 partitions, each granted exactly once`(isPlanned: Bool) async throws {
        let fixture = try await LedgerFixture.make()
        let partitions = days(500)
        if isPlanned { _ = try await fixture.ledger.openRun(runRequest(partitions)) }
        let granted = Recorder<ClaimToken>()
        try await withThrowingTaskGroup { group in
            for number in 0..<16 {
                let ledger = try await fixture.anotherLedger(worker: "host:\(number):x")
                group.addTask {
                    let order = number.isMultiple(of: 2) ? partitions : partitions.reversed()
                    var left = order
                    while !left.isEmpty {
                        let window = Array(left.prefix(32))
                        let claims = try await ledger.claim(request(window, limit: 1 + number % 5))
                        claims.forEach { granted.add($0.token) }
                        let outcomes = try await ledger.complete(job: "orders", claims.map { completion($0) })
                        #expect(outcomes == claims.map { _ in .recorded(.complete) })
                        // What was not granted now may be locked by a neighbour for an instant, or taken: ask later.
                        let mine = Set(claims.map(\.key))
                        if claims.isEmpty {
                            let open = try await ledger.rows(job: "orders", keys: window)
                                .filter { $0.status == .complete }.map(\.key)
                            let ended = Set(open)
                            left.removeAll { ended.contains($0) }
                        } else {
                            left.removeAll { mine.contains($0) }
                        }
                    }
                    await ledger.close()
                }
            }
            try await group.waitForAll()
        }
        let tokens = granted.values
        #expect(tokens.count == 500)
        #expect(Set(tokens.map(\.key)).count == 500)
        #expect(Set(tokens.map(\.fence)).count == 500)
        #expect(try await fixture.ledger.summary(job: "orders", in: nil).counts == [.complete: 500])
        let attempts = try await fixture.execute(
            "SELECT count(*), count(DISTINCT partition_key) FROM reprocess.attempt WHERE outcome = 'COMPLETE'")
        #expect(attempts == [["500", "500"]])
    }

    @Test func `Claiming does not wait for a partition that somebody else holds locked`() async throws {
        let fixture = try await LedgerFixture.make()
        _ = try await fixture.ledger.openRun(runRequest(days(3)))
        let holder = Session(
            label: "holder",
            connector: Connector(
                conninfo: { [cluster = fixture.cluster] in cluster.conninfo }, applicationName: "holder",
                timeout: .seconds(10)),
            schema: try SchemaName(fixture.schema))
        let lock = """
            BEGIN; SELECT FROM "\(fixture.schema)".partition_progress WHERE partition_key = '2024-01-01' FOR UPDATE
            """
        try await holder.runScript(lock)
        let claims = try await fixture.ledger.claim(request(days(3), limit: 2))
        #expect(claims.map(\.key) == Array(days(3).dropFirst()))
        try await holder.runScript("ROLLBACK")
        #expect(try await fixture.ledger.claim(request(days(3))).map(\.key) == days(1))
    }

    @Test func `Heartbeats and completions of one worker in opposite orders do not block each other`() async throws {
        let cluster = try await TestCluster.shared()
        let fixture = try await LedgerFixture.make(database: try await cluster.freshDatabase())
        let ledger = fixture.ledger
        let claims = try await ledger.claim(request(days(64)))
        #expect(claims.count == 64)
        async let beats: Void = {
            for round in 0..<40 {
                let tokens = claims.map(\.token)
                _ = try await ledger.heartbeat(
                    job: "orders", run: 1, round.isMultiple(of: 2) ? tokens : tokens.reversed(), lease: .seconds(90))
            }
        }()
        for start in stride(from: 56, through: 0, by: -8) {
            let batch = claims[start..<(start + 8)].reversed().map { completion($0) }
            #expect(try await ledger.complete(job: "orders", batch) == batch.map { _ in .recorded(.complete) })
        }
        try await beats
        // A session's statistics are complete when it has ended.
        await ledger.close()
        let others = """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
            """
        while try await fixture.execute(others) != [["0"]] { try await Task.sleep(for: .milliseconds(20)) }
        let deadlocks = try await fixture.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        #expect(deadlocks == [["0"]])
    }
}
