import Foundation
import Partitions
import ProgressStore
import Synchronization
import TestSupport
import Testing

/// The proxy does what its faults say: with the real ledger on one side and the real server on the other.
@Suite struct ChaosProxyTests {
    /// A ledger behind a proxy of its own.
    private struct Fixture {
        let cluster: TestCluster
        let proxy: ChaosProxy
        let schema: String
        let ledger: Ledger
        let keys: PartitionRange

        init() async throws {
            cluster = try await TestCluster.shared()
            proxy = try ChaosProxy(before: cluster.folder + "/.s.PGSQL.5432")
            schema = cluster.freshSchema()
            ledger = try await Ledger.open(
                .server(conninfo: proxy.conninfo), options: LedgerOptions(schema: schema, worker: "host:1:proxied"))
            keys = try PartitionRange(
                from: PartitionKey(parsing: "2024-01-01", as: .day),
                through: PartitionKey(parsing: "2024-01-09", as: .day))
        }

        func claim(_ number: Int) async throws -> [Claim] {
            let key = keys[keys.index(keys.startIndex, offsetBy: number)]
            return try await ledger.claim(
                ClaimRequest(
                    job: "proxied", tableIdentity: nil, run: 1, transformVersion: "1", candidates: [key], limit: 1,
                    planFence: 1_000_000, includesComplete: false, lease: .seconds(60)))
        }

        func attempts() async throws -> [String?] {
            try await cluster.execute("SELECT outcome FROM \(schema).attempt ORDER BY fence").map { $0[0] }
        }
    }

    @Test func `A claim whose reply is swallowed has happened, and is found again`() async throws {
        let fixture = try await Fixture()
        fixture.proxy.swallowReply(to: .claim)
        let claims = try await fixture.claim(0)
        #expect(claims.count == 1)
        #expect(fixture.proxy.counts.swallowed == [.claim: 1])
        #expect(try await fixture.attempts() == ["RUNNING"])
        await fixture.ledger.close()
    }

    @Test func `Also the reply to a statement that was prepared before is swallowed`() async throws {
        let fixture = try await Fixture()
        // From its second time within a second on, a statement has a name.
        for number in 0..<4 { _ = try await fixture.claim(number) }
        fixture.proxy.swallowReply(to: .claim)
        #expect(try await fixture.claim(4).count == 1)
        #expect(fixture.proxy.counts.swallowed == [.claim: 1])
        await fixture.ledger.close()
    }

    @Test func `Each kind of request is known from the others`() async throws {
        let fixture = try await Fixture()
        let claims = try await fixture.claim(4)
        let token = try #require(claims.first?.token)
        fixture.proxy.swallowReply(to: .recordBatch)
        let checkpoint = BatchCheckpoint(
            number: 0, files: ["a.parquet"], rows: 1, bytes: 1, firstKey: nil, nextKey: nil, batchSize: 1, fields: "{}",
            sourceIdentity: nil, transformVersion: "1")
        #expect(try await fixture.ledger.recordBatch(job: "proxied", token, checkpoint))
        #expect(fixture.proxy.counts.swallowed == [.recordBatch: 1])
        #expect(try await fixture.ledger.batches(job: "proxied", key: token.key).count == 1)
        fixture.proxy.swallowReply(to: .complete)
        _ = try await fixture.claim(5)
        #expect(fixture.proxy.counts.swallowed == [.recordBatch: 1])
        let outcomes = try await fixture.ledger.complete(
            job: "proxied", [Completion(token: token, facts: CompletionFacts(rowsWritten: 1, transformVersion: "1"))])
        #expect(outcomes == [.recorded(.complete)])
        #expect(fixture.proxy.counts.swallowed == [.recordBatch: 1, .complete: 1])
        fixture.proxy.swallowReply(to: .heartbeat)
        let reply = try await fixture.ledger.heartbeat(job: "proxied", run: 1, [], lease: .seconds(60))
        #expect(reply.held.isEmpty)
        fixture.proxy.swallowReply(to: .claim)
        #expect(try await fixture.claim(6).count == 1)
        #expect(fixture.proxy.counts.swallowed == [.recordBatch: 1, .complete: 1, .heartbeat: 1, .claim: 1])
        await fixture.ledger.close()
    }

    @Test(arguments: [true, false])
    func `A cut ends every connection, and the next one is carried`(resets: Bool) async throws {
        let fixture = try await Fixture()
        _ = try await fixture.claim(0)
        let before = fixture.proxy.counts.connections
        #expect(fixture.proxy.cut(resets: resets) == before)
        #expect(try await fixture.claim(1).count == 1)
        #expect(fixture.proxy.counts.connections > before)
        await fixture.ledger.close()
    }

    @Test func `Who is turned away comes in later`() async throws {
        let fixture = try await Fixture()
        fixture.proxy.refuseNew(true)
        fixture.proxy.cut(resets: true)
        async let claims = fixture.claim(0)
        try await wait { fixture.proxy.counts.refused > 0 }
        fixture.proxy.refuseNew(false)
        #expect(try await claims.count == 1)
        await fixture.ledger.close()
    }

    @Test func `A stalled connection carries nothing until it goes on`() async throws {
        let fixture = try await Fixture()
        fixture.proxy.stall(.all)
        let claimed = Task { try await fixture.claim(0) }
        // A second connection, to a server that does not answer either.
        let isAnswered = Mutex(false)
        let answer = Task {
            defer { isAnswered.withLock { $0 = true } }
            return try await TestCluster.execute("SELECT 1", at: fixture.proxy.conninfo)
        }
        try await wait { fixture.proxy.counts.connections > 1 }
        // Whoever asks the server itself is answered meanwhile, many times.
        for _ in 0..<30 { #expect(try await fixture.attempts().isEmpty) }
        #expect(!isAnswered.withLock { $0 })
        fixture.proxy.resume()
        #expect(try await claimed.value.count == 1)
        #expect(try await answer.value == [["1"]])
        await fixture.ledger.close()
    }

    /// Waits for something that comes by itself.
    private func wait(until condition: @Sendable () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !condition() {
            guard .now < deadline else { throw TestSupportError("it has not come within a minute") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
