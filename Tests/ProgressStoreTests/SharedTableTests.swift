import Partitions
import ProgressStore
import TestSupport
import Testing

/// Of one table's partition there is at most one live claim, whatever job it comes from.
@Suite(.timeLimit(.minutes(3))) struct SharedTableTests {
    @Test(arguments: [false, true])
    func `A partition that another job works on is not granted`(isPlanned: Bool) async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        if isPlanned { _ = try await ledger.openRun(runRequest(days(2), job: "refunds")) }
        let claim = try await ledger.claim(request(days(1))).only()
        let others = try await ledger.claim(request(days(2), job: "refunds"))
        #expect(others.map(\.key) == [days(2)[1]])
        #expect(try await ledger.complete(job: "orders", [completion(claim)]) == [.recorded(.complete)])
        #expect(try await ledger.claim(request(days(2), job: "refunds")).map(\.key) == days(1))
    }

    @Test func `A planned partition that another job works on says when it may be free`() async throws {
        let fixture = try await LedgerFixture.make()
        _ = try await fixture.ledger.openRun(runRequest(days(1), job: "refunds"))
        _ = try await fixture.ledger.claim(request(days(1), lease: .seconds(50)))
        let row = try await fixture.ledger.rows(job: "refunds", keys: days(1)).only()
        let wait = try #require(row.eligibleIn)
        #expect(wait > .seconds(30))
        #expect(wait <= .seconds(50))
    }

    @Test func `Jobs on different tables do not meet`() async throws {
        let fixture = try await LedgerFixture.make()
        #expect(try await fixture.ledger.claim(request(days(3))).count == 3)
        #expect(try await fixture.ledger.claim(request(days(3), job: "refunds", table: "lake/refunds")).count == 3)
        #expect(try await fixture.ledger.claim(request(days(3), job: "mails", table: nil)).count == 3)
        #expect(try await fixture.ledger.claim(request(days(3), job: "calls", table: nil)).count == 3)
    }

    @Test(arguments: [false, true])
    func `A lost worker of another job does not block the table's partition`(isPlanned: Bool) async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        if isPlanned { _ = try await ledger.openRun(runRequest(days(1), job: "refunds")) }
        let lost = try await ledger.claim(request(days(1), lease: .milliseconds(100))).only()
        try await fixture.waitForExpiry(of: lost.key)
        let taken = try await ledger.claim(request(days(1), job: "refunds")).only()
        #expect(taken.predecessor == nil)
        #expect(taken.token.fence > lost.token.fence)
        let evicted = try await ledger.rows(job: "orders", keys: days(1)).only()
        #expect(evicted.status == .pending)
        #expect(evicted.fence > lost.token.fence)
        #expect(try await fixture.outcomes(of: lost.key) == ["LOST"])
        #expect(try await ledger.complete(job: "orders", [completion(lost)]) == [.fenced])
        #expect(try await ledger.complete(job: "refunds", [completion(taken)]) == [.recorded(.complete)])
    }

    @Test func `Two jobs that race for one table share it without an error`() async throws {
        let fixture = try await LedgerFixture.make()
        let partitions = days(120)
        for job in ["orders", "refunds"] { _ = try await fixture.ledger.openRun(runRequest(partitions, job: job)) }
        let granted = Recorder<ClaimToken>()
        try await withThrowingTaskGroup { group in
            for number in 0..<8 {
                let ledger = try await fixture.anotherLedger(worker: "host:\(number):x")
                group.addTask {
                    // From both ends, so that statements meet in the middle in opposite orders.
                    let order = number.isMultiple(of: 4) ? partitions : partitions.reversed()
                    let job = number.isMultiple(of: 2) ? "orders" : "refunds"
                    for start in stride(from: 0, to: order.count, by: 6) {
                        let window = Array(order[start..<min(start + 6, order.count)])
                        for claim in try await ledger.claim(request(window, job: job)) { granted.add(claim.token) }
                    }
                    await ledger.close()
                }
            }
            try await group.waitForAll()
        }
        let keys = granted.values.map(\.key)
        #expect(keys.count == partitions.count)
        #expect(Set(keys).count == partitions.count)
    }
}
