import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

@Suite(.timeLimit(.minutes(5))) struct ReconnectTests {
    @Test func `Work goes on while an administrator ends one session after the other`() async throws {
        let cluster = try await TestCluster.shared()
        let fixture = try await LedgerFixture.make(database: try await cluster.freshDatabase())
        let partitions = days(200)
        _ = try await fixture.ledger.openRun(runRequest(partitions))
        var granted: [PartitionKey] = []
        for start in stride(from: 0, to: partitions.count, by: 4) {
            // At some moment of what follows: each is another.
            async let interference: Void =
                start.isMultiple(of: 20) ? cluster.terminateBackends(database: fixture.database) : ()
            let claims = try await fixture.ledger.claim(request(Array(partitions[start..<(start + 4)])))
            granted += claims.map(\.key)
            let outcomes = try await fixture.ledger.complete(job: "orders", claims.map { completion($0) })
            #expect(outcomes == claims.map { _ in .recorded(.complete) })
            try await interference
        }
        #expect(granted == partitions)
        #expect(try await fixture.ledger.summary(job: "orders", in: nil).counts == [.complete: 200])
    }

    @Test(arguments: [false, true])
    func `Work goes on after the server was restarted, and the caller is told meanwhile`(isCrash: Bool) async throws {
        let cluster = try await TestCluster()
        let told = Recorder<String?>()
        let fixture = try await LedgerFixture.make(on: cluster, onAvailability: { told.add($0) })
        let ledger = fixture.ledger
        let claim = try await ledger.claim(request(days(1))).only()
        #expect(try await ledger.heartbeat(job: "orders", run: 1, [claim.token], lease: .seconds(90)).held.count == 1)
        try await cluster.stop(immediate: isCrash)
        async let outcome = ledger.complete(job: "orders", [completion(claim)])
        async let reply = ledger.heartbeat(job: "orders", run: 1, [], lease: .seconds(90))
        while told.values.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        #expect(told.values.first??.contains("socket folder \"\(cluster.folder)\", port 5432") == true)
        try await cluster.start()
        #expect(try await outcome == [.recorded(.complete)])
        #expect(try await reply.control == .run)
        #expect(told.values.count == 2)
        #expect(told.values.last == .some(nil))
        try await cluster.stop(immediate: true)
    }

    @Test func `A database that stays away ends the work when time is up`() async throws {
        let cluster = try await TestCluster()
        let fixture = try await LedgerFixture.make(reconnectTimeout: .milliseconds(700), on: cluster)
        let claim = try await fixture.ledger.claim(request(days(1))).only()
        try await cluster.stop(immediate: true)
        let error = await #expect(throws: LedgerError.self) {
            try await fixture.ledger.complete(job: "orders", [completion(claim)])
        }
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("was gone for") == true)
        #expect(error?.message.contains(cluster.folder) == true)
    }

    struct Mark: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let run: @Sendable (Ledger, [Claim]) async throws -> [MarkOutcome]
        let outcome: MarkOutcome
        let attempts: [String]
    }

    /// The server has done it, and the answer is lost: the worst moment for the line to break.
    @Test(arguments: [
        Mark(
            testDescription: "complete",
            run: { ledger, claims in try await ledger.complete(job: "orders", claims.map { completion($0) }) },
            outcome: .recorded(.complete), attempts: ["COMPLETE"]),
        Mark(
            testDescription: "fail",
            run: { ledger, claims in
                [try await ledger.fail(job: "orders", claims[0].token, error: "x", .giveUp)]
            }, outcome: .recorded(.failed), attempts: ["FAILED"]),
        Mark(
            testDescription: "retry",
            run: { ledger, claims in
                [try await ledger.fail(job: "orders", claims[0].token, error: "x", .retry(after: .seconds(60)))]
            }, outcome: .recorded(.pending), attempts: ["RETRY"]),
        Mark(
            testDescription: "hold",
            run: { ledger, claims in [try await ledger.hold(job: "orders", claims[0].token, holdFacts())] },
            outcome: .recorded(.held), attempts: ["HELD"]),
    ])
    func `A mark whose answer was lost is found to be recorded`(mark: Mark) async throws {
        let cluster = try await TestCluster.shared()
        let proxy = try TestProxy(before: cluster)
        let ledger = try await Ledger.open(
            .server(conninfo: proxy.conninfo), options: LedgerOptions(schema: cluster.freshSchema(), worker: "w"))
        let claims = try await ledger.claim(request(days(1)))
        proxy.cutAfterRequest(containing: try #require(claims.first).token.claimID.uuidString)
        #expect(try await mark.run(ledger, claims) == [mark.outcome])
        #expect(proxy.cuts == 1)
        #expect(try await ledger.attempts(job: "orders", key: days(1)[0]).map(\.outcome) == mark.attempts)
    }

    @Test(arguments: [false, true])
    func `A claim whose answer was lost is found again, not made twice`(isPrepared: Bool) async throws {
        let cluster = try await TestCluster.shared()
        let proxy = try TestProxy(before: cluster)
        let schema = cluster.freshSchema()
        let ledger = try await Ledger.open(
            .server(conninfo: proxy.conninfo), options: LedgerOptions(schema: schema, worker: "w"))
        if isPrepared { for number in 1...2 { _ = try await ledger.claim(request([days(20)[number + 10]])) } }
        proxy.cutAfterRequest(containing: "2024-01-03")
        let claims = try await ledger.claim(request(days(3)))
        #expect(proxy.cuts == 1)
        #expect(claims.map(\.key) == days(3))
        for key in days(3) { #expect(try await ledger.attempts(job: "orders", key: key).count == 1) }
        #expect(
            try await ledger.complete(job: "orders", claims.map { completion($0) })
                == claims.map { _ in .recorded(.complete) })
    }

    @Test(arguments: [DecisionKind.approve, .undo, .reject])
    func `A decision whose answer was lost is found again, not made twice`(kind: DecisionKind) async throws {
        let cluster = try await TestCluster.shared()
        let proxy = try TestProxy(before: cluster)
        let ledger = try await Ledger.open(
            .server(conninfo: proxy.conninfo), options: LedgerOptions(schema: cluster.freshSchema(), worker: "w"))
        let first = try await ledger.claim(request(days(1))).only()
        if kind == .undo {
            _ = try await ledger.complete(job: "orders", [completion(first)])
        } else {
            _ = try await ledger.hold(job: "orders", first.token, holdFacts())
        }
        proxy.cutAfterRequest(containing: "as I have decided")
        switch kind {
        case .approve, .undo:
            var request = take(first)
            request.reason = "as I have decided"
            let claim = try #require(
                kind == .approve ? try await ledger.takeHeld(request) : try await ledger.takeForUndo(request))
            #expect(claim.token.fence > first.token.fence)
            // What the answer would have said, the second one says.
            #expect(claim.knownContent?.tableVersion == (kind == .undo ? "g1" : nil))
            #expect(try await ledger.complete(job: "orders", [completion(claim)]) == [.recorded(.complete)])
        case .reject:
            let outcome = try await ledger.reject(
                job: "orders", first.token, by: "ann", reason: "as I have decided")
            #expect(outcome == .recorded(.failed))
        }
        #expect(proxy.cuts == 1)
        #expect(try await ledger.decisions(job: "orders", key: first.key).map(\.kind) == [kind])
    }

    @Test func `A run whose answer was lost is opened once`() async throws {
        let cluster = try await TestCluster.shared()
        let proxy = try TestProxy(before: cluster)
        let schema = cluster.freshSchema()
        let ledger = try await Ledger.open(
            .server(conninfo: proxy.conninfo), options: LedgerOptions(schema: schema, worker: "w"))
        proxy.cutAfterRequest(containing: "the rate was wrong")
        _ = try await ledger.openRun(runRequest(days(3)))
        #expect(proxy.cuts == 1)
        #expect(try await cluster.execute("SELECT count(*) FROM \(schema).run") == [["1"]])
    }

    /// What does not answer with an outcome: the rows tell whether it happened twice.
    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Part of the request at whose answer the line is cut; nil takes the claim's id.
        var marker: String?
        let run: @Sendable (Ledger, Claim) async throws -> Void
        /// A query whose only row tells what has happened, and that row.
        let query: String
        let expected: [String?]
    }

    @Test(arguments: [
        Change(
            testDescription: "release",
            run: { ledger, claim in try await ledger.release(job: "orders", [claim.token]) },
            query: """
                SELECT p.status, p.attempt, a.outcome, (SELECT count(*) FROM reprocess.attempt)
                FROM reprocess.partition_progress p JOIN reprocess.attempt a USING (fence)
                """, expected: ["PENDING", "0", "RELEASED", "1"]),
        Change(
            testDescription: "heartbeat",
            run: { ledger, claim in
                let reply = try await ledger.heartbeat(job: "orders", run: 1, [claim.token], lease: .seconds(900))
                #expect(reply.held == [claim.token])
            },
            query: """
                SELECT p.status, p.lease_expires_at > now() + interval '10 minutes', count(w.*)
                FROM reprocess.partition_progress p, reprocess.worker w GROUP BY 1, 2
                """, expected: ["RUNNING", "t", "1"]),
        Change(
            testDescription: "close a run", marker: "it was closed",
            run: { ledger, _ in
                let run = try await ledger.openRun(runRequest(days(1)))
                try await ledger.closeRun(run, RunResult(complete: 1, failed: 0, skipped: 0, outcome: "it was closed"))
            }, query: "SELECT count(*), max(outcome), max(complete) FROM reprocess.run",
            expected: ["1", "it was closed", "1"]),
        // One fence went to the claim, and one to the mark.
        Change(
            testDescription: "mark", marker: "2024-01-01",
            run: { ledger, claim in
                let fence = try await ledger.mark(job: "orders", ProgressStore.Mark(key: claim.key, status: .pending))
                #expect(try await ledger.rows(job: "orders", keys: [claim.key]).map(\.fence) == [fence])
            },
            query: """
                SELECT p.status, p.fence = (SELECT last_value FROM reprocess.fence), p.fence - a.fence, a.outcome
                FROM reprocess.partition_progress p, reprocess.attempt a
                """, expected: ["PENDING", "t", "1", "LOST"]),
    ])
    func `A change whose answer was lost has happened once`(change: Change) async throws {
        let cluster = try await TestCluster.shared()
        let proxy = try TestProxy(before: cluster)
        let schema = cluster.freshSchema()
        let ledger = try await Ledger.open(
            .server(conninfo: proxy.conninfo), options: LedgerOptions(schema: schema, worker: "w"))
        let claim = try await ledger.claim(request(days(1))).only()
        proxy.cutAfterRequest(containing: change.marker ?? claim.token.claimID.uuidString)
        try await change.run(ledger, claim)
        #expect(proxy.cuts == 1)
        #expect(
            try await cluster.execute(change.query.replacing("reprocess.", with: "\(schema).")) == [change.expected])
    }
}
