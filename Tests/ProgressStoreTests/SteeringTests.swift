import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// What is asked of runs while they run, on a real server.
@Suite(.timeLimit(.minutes(3))) struct SteeringTests {
    private func steer(
        _ control: RunControl?, _ settings: [String: String] = [:], run: Int64? = nil, job: String = "orders"
    ) -> SteerRequest {
        SteerRequest(job: job, run: run, control: control, settings: settings, user: "ann@alpha", reason: "month-end")
    }

    @Test func `Every live run of the job is asked, and remembers who asked and why`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let one = try await ledger.openRun(runRequest(days(3)))
        let two = try await ledger.openRun(runRequest(days(3)))
        let other = try await ledger.openRun(runRequest(days(3), job: "daily"))
        let steered = try await ledger.steer(steer(.pause, ["workers": "8"]))
        #expect(steered.map(\.run) == [one, two])
        #expect(steered.allSatisfy { $0.isLive && $0.obeys && $0.before == .run })
        for run in [one, two] {
            let steering = try #require(try await ledger.steering(run: run))
            #expect(steering.control == .pause && steering.settings == ["workers": "8"])
            #expect(steering.askedBy == "ann@alpha" && steering.reason == "month-end" && steering.setBy == "ann@alpha")
            #expect(!steering.isBreaker)
            #expect(abs(steering.now.timeIntervalSinceNow) < 600)
            let event = try await ledger.controlEvents(run: run).only()
            #expect(event.control == .pause && event.askedBy == "ann@alpha" && event.databaseUser == "reprocess")
        }
        #expect(try await ledger.steering(run: other)?.control == .run)
        #expect(try await ledger.steering(run: 4711) == nil)
        let live = try await ledger.liveRuns(job: "orders")
        #expect(live.map(\.id) == [one, two])
        #expect(live[0].control == .pause && live[0].askedBy == "ann@alpha" && live[0].reason == "month-end")
        #expect(live[0].firstKey == days(3)[0] && live[0].lastKey == days(3)[2])
    }

    @Test func `One run is asked by its number, and settings are kept beside each other`() async throws {
        let ledger = try await LedgerFixture.make().ledger
        let one = try await ledger.openRun(runRequest(days(3)))
        let two = try await ledger.openRun(runRequest(days(3)))
        _ = try await ledger.steer(steer(nil, ["workers": "8", "rate": "1/s"], run: two))
        _ = try await ledger.steer(steer(nil, ["rate": "none"], run: two))
        #expect(try await ledger.steering(run: one)?.settings == [:])
        #expect(try await ledger.steering(run: two)?.settings == ["workers": "8", "rate": "none"])
        #expect(try await ledger.steering(run: two)?.control == .run)
        #expect(
            try await ledger.controlEvents(run: two).map(\.settings) == [
                ["workers": "8", "rate": "1/s"], ["rate": "none"],
            ])
    }

    @Test func `What is to end ends: no resume brings it back`() async throws {
        let ledger = try await LedgerFixture.make().ledger
        let run = try await ledger.openRun(runRequest(days(3)))
        for (asked, obeys, then) in [
            (.drain, true, .drain), (.run, false, .drain), (.pause, false, .drain), (nil, false, .drain),
            (.cancel, true, .cancel), (.drain, false, .cancel), (.cancel, true, .cancel), (.run, false, .cancel),
        ] as [(RunControl?, Bool, RunControl)] {
            let settings = asked == nil ? ["workers": "2"] : [:]
            let steered = try await ledger.steer(steer(asked, settings)).only()
            #expect(steered.obeys == obeys, "\(String(describing: asked))")
            #expect(try await ledger.steering(run: run)?.control == then)
        }
        try await ledger.closeRun(run, RunResult(complete: 0, failed: 0, skipped: 0, outcome: "CANCELLED"))
        #expect(try await ledger.steer(steer(.cancel)).isEmpty)
    }

    @Test func `Of a run whose process is gone nothing is asked`() async throws {
        let fixture = try await LedgerFixture.make()
        let run = try await fixture.ledger.openRun(runRequest(days(3)))
        try await fixture.execute("UPDATE reprocess.run SET started_at = now() - interval '1 hour'")
        #expect(try await fixture.ledger.liveRuns(job: "orders").isEmpty)
        let steered = try await fixture.ledger.steer(steer(.pause)).only()
        #expect(!steered.isLive && !steered.obeys)
        #expect(try await fixture.ledger.steering(run: run)?.control == .run)
        #expect(try await fixture.ledger.controlEvents(run: run).isEmpty)
        _ = try await fixture.ledger.heartbeat(job: "orders", run: run, [], lease: .seconds(90))
        #expect(try await fixture.ledger.steer(steer(.pause)).only().obeys)
        try await fixture.execute("UPDATE reprocess.worker SET last_heartbeat_at = now() - interval '91 seconds'")
        #expect(try await fixture.ledger.liveRuns(job: "orders").isEmpty)
    }

    @Test func `A request that is repeated is noted once`() async throws {
        let fixture = try await LedgerFixture.make()
        let run = try await fixture.ledger.openRun(runRequest(days(3)))
        let statement = Steer(request: steer(.pause), requestID: UUID())
        for _ in 0..<2 {
            _ = try await fixture.ledger.work.with { line in try await line.run(statement) }
        }
        #expect(try await fixture.ledger.controlEvents(run: run).count == 1)
    }

    @Test func `A breaker pauses the runs that do the same work, and no others`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let own = try await ledger.openRun(runRequest(Array(days(10)[0..<5])))
        let beside = try await ledger.openRun(runRequest(Array(days(10)[4..<8])))
        let later = try await ledger.openRun(runRequest(Array(days(10)[5..<8])))
        let daily = try await ledger.openRun(runRequest(days(10), job: "daily"))
        var newer = try runRequest(days(10))
        newer.transformVersion = "3"
        let fixed = try await ledger.openRun(newer)
        #expect(try await ledger.tripBreaker(run: own, reason: "5 in a row") == 2)
        for run in [own, beside] {
            let steering = try #require(try await ledger.steering(run: run))
            #expect(steering.control == .pause && steering.isBreaker && steering.reason == "5 in a row")
            #expect(steering.askedBy == "the breaker of run \(own)")
        }
        for run in [later, daily, fixed] { #expect(try await ledger.steering(run: run)?.control == .run) }
        #expect(try await ledger.tripBreaker(run: own, reason: "again") == 0)
        _ = try await ledger.steer(steer(.run, run: beside))
        #expect(try await ledger.steering(run: beside)?.isBreaker == false)
        _ = try await ledger.steer(steer(.pause, run: beside))
        #expect(try await ledger.steering(run: beside)?.isBreaker == false)
    }

    @Test func `A worker may trip its breaker, and steer nothing else`() async throws {
        let accounts = try await RolesTests.Accounts.make()
        let worker = try await accounts.ledger(.worker)
        let run = try await worker.openRun(runRequest(days(3)))
        await #expect(throws: LedgerError.self) { try await worker.steer(steer(.pause)) }
        #expect(try await worker.steering(run: run)?.control == .run)
        let planner = try await accounts.ledger(.planner)
        #expect(try await planner.steer(steer(.pause)).only().obeys)
        #expect(try await planner.steer(steer(.run)).only().obeys)
        await #expect(throws: LedgerError.self) { try await planner.tripBreaker(run: run, reason: "x") }
        #expect(try await worker.tripBreaker(run: run, reason: "x") == 1)
        let events = try await worker.controlEvents(run: run)
        #expect(events.map(\.isBreaker) == [false, false, true])
        #expect(events[2].databaseUser == "\(accounts.fixture.schema)_worker_user")
        let claims = try await worker.claim(request(days(3)), within: ClaimLimits(maxRunning: 2))
        #expect(claims.claims.count == 2)
        let keys = try await worker.cancelRest(
            job: "orders", run: run, planned: PartitionSet(granularity: .day, keys: days(3)), reason: "x")
        #expect(keys == [days(3)[2]])
    }

    // MARK: Calling off

    @Test func `What nobody has begun is cancelled, and a later plan does it`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let run = try await ledger.openRun(runRequest(days(5)))
        let before = try await ledger.currentFence()
        let claims = try await ledger.claim(request(Array(days(5)[0..<3])))
        _ = try await ledger.complete(job: "orders", [completion(claims[0])])
        try await ledger.release(job: "orders", [claims[1].token])
        let planned = PartitionSet(granularity: .day, keys: [days(5)[0], days(5)[1], days(5)[2], days(5)[4]])
        let cancelled = try await ledger.cancelRest(
            job: "orders", run: run, planned: planned, reason: "Cancelled by ann")
        #expect(Set(cancelled) == [days(5)[1], days(5)[4]])
        #expect(
            try await ledger.rows(job: "orders", keys: days(5)).sorted { $0.key < $1.key }.map(\.status)
                == [.complete, .cancelled, .running, .pending, .cancelled])
        #expect(try await fixture.columns("error_message", of: "2024-01-02") == ["Cancelled by ann"])
        // A plan from before does not bring it back, one from now does.
        #expect(try await ledger.claim(request(days(5), planFence: before)).map(\.key) == [days(5)[3]])
        let fence = try await ledger.currentFence()
        #expect(
            try await ledger.claim(request(days(5), planFence: fence)).map(\.key) == [days(5)[1], days(5)[4]])
    }

    @Test func `What another live run has in its range is left to it`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let run = try await ledger.openRun(runRequest(days(5)))
        let other = try await ledger.openRun(runRequest(Array(days(5)[3..<5])))
        let planned = PartitionSet(granularity: .day, keys: days(5))
        let first = try await ledger.cancelRest(job: "orders", run: run, planned: planned, reason: "x")
        #expect(Set(first) == Set(days(5)[0..<3]))
        // Once it is called off too, nobody will do it.
        _ = try await ledger.steer(steer(.cancel, run: other))
        let second = try await ledger.cancelRest(job: "orders", run: run, planned: planned, reason: "x")
        #expect(Set(second) == Set(days(5)[3..<5]))
    }

    // MARK: Limits that all processes share

    @Test func `No more partitions run at once than all processes together may`() async throws {
        let fixture = try await LedgerFixture.make()
        let other = try await fixture.anotherLedger()
        _ = try await fixture.ledger.openRun(runRequest(days(40)))
        let limits = ClaimLimits(maxRunning: 7)
        let claims = try await withThrowingTaskGroup(of: LimitedClaims.self) { group in
            for number in 0..<20 {
                let ledger = number.isMultiple(of: 2) ? fixture.ledger : other
                let keys = Array(days(40).dropFirst(number * 2).prefix(2))
                group.addTask { try await ledger.claim(request(keys), within: limits) }
            }
            return try await group.reduce(into: []) { $0 += $1.claims }
        }
        #expect(claims.count == 7)
        let more = try await other.claim(request(days(40)), within: limits)
        #expect(more == LimitedClaims(claims: [], admitted: 0))
        // What ended leaves room, and so does a worker that is lost. Another job has a limit of its own.
        _ = try await fixture.ledger.complete(job: "orders", [completion(claims[0])])
        #expect(try await other.claim(request(days(40)), within: limits).claims.count == 1)
        try await fixture.execute(
            """
            UPDATE reprocess.partition_progress SET lease_expires_at = now() - interval '1 s'
            WHERE partition_key = '\(claims[1].key)'
            """)
        #expect(try await other.claim(request(days(40)), within: limits).admitted == 1)
        let daily = request(days(40), job: "daily", table: "lake/daily")
        #expect(try await other.claim(daily, within: limits).claims.count == 7)
    }

    @Test func `Starts keep the distance that a rate asks for, whoever makes them`() async throws {
        let fixture = try await LedgerFixture.make()
        let other = try await fixture.anotherLedger()
        _ = try await fixture.ledger.openRun(runRequest(days(20)))
        let limits = ClaimLimits(timeApart: .seconds(600))
        let first = try await fixture.ledger.claim(request(days(20)), within: limits)
        #expect(first.claims.count == 1 && first.admitted == 1)
        let next = try #require(first.nextIn)
        #expect(next > .seconds(590) && next <= .seconds(600))
        let second = try await other.claim(request(days(20)), within: limits)
        #expect(second.claims.isEmpty && second.admitted == 0)
        #expect(try #require(second.nextIn) <= next)
        // When the time has come, one more; what was not started meanwhile is not made up for.
        try await fixture.execute("UPDATE reprocess.claim_gate SET next_start_at = now() - interval '1 hour'")
        #expect(try await other.claim(request(days(20)), within: limits).claims.count == 1)
    }

    @Test func `A fast rate admits several at once, and a slot that was not used is not lost`() async throws {
        let fixture = try await LedgerFixture.make()
        _ = try await fixture.ledger.openRun(runRequest(days(20)))
        let limits = ClaimLimits(timeApart: .milliseconds(100))
        let burst = try await fixture.ledger.claim(request(days(20)), within: limits)
        #expect(burst.admitted == 11 && burst.claims.count == 11)
        try await fixture.execute("UPDATE reprocess.claim_gate SET next_start_at = now() - interval '1 hour'")
        let taken = burst.claims.map(\.key)
        let none = try await fixture.ledger.claim(request(taken), within: limits)
        #expect(none.claims.isEmpty && none.admitted > 0)
        #expect(try await fixture.ledger.claim(request(days(20)), within: limits).claims.count > 0)
    }

    @Test func `A claim without a limit takes no turn`() async throws {
        let fixture = try await LedgerFixture.make()
        _ = try await fixture.ledger.openRun(runRequest(days(3)))
        let claims = try await fixture.ledger.claim(request(days(3)), within: ClaimLimits())
        #expect(claims.claims.count == 3 && claims.admitted == 64)
        #expect(try await fixture.execute("SELECT * FROM reprocess.claim_gate").isEmpty)
    }
}
