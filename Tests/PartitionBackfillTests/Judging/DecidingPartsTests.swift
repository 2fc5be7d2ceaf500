import Foundation
import ProgressStore
import Synchronization
import TestSupport
import Testing

@testable import PartitionBackfill

/// What decisions are made of: a lease that is kept, and a few things at a time.
@Suite(.timeLimit(.minutes(3))) struct DecidingPartsTests {
    private struct Broken: Error {}

    private func eventually(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { try await Task.sleep(for: .milliseconds(10)) }
    }

    /// A claim of a day with a short lease.
    private func claim(_ fixture: BackfillFixture) async throws -> Claim {
        try #require(
            try await fixture.ledger.claim(
                ClaimRequest(
                    job: "orders", tableIdentity: nil, run: 0, transformVersion: "1",
                    candidates: [BackfillFixture.day("2024-01-01")], limit: 1, planFence: 0, lease: .seconds(2))
            ).first)
    }

    @Test func `A lease is extended as long as something is done, and is trusted meanwhile`() async throws {
        let fixture = try await BackfillFixture()
        let claim = try await claim(fixture)
        let expiry = { @Sendable in
            try await fixture.ledger.rows(job: "orders", keys: [claim.key]).first?.leaseExpiresAt
        }
        let first = try #require(try await expiry())
        let isTrusted = try await KeptLease.with(
            claim, of: "orders", run: 0, in: fixture.ledger, lease: .seconds(2), claimedAt: .now
        ) { kept in
            try await eventually { try await expiry().map { $0 > first.addingTimeInterval(2) } ?? false }
            return await kept.awaitTrust()
        }
        #expect(isTrusted)
    }

    @Test func `A lease that was taken away is not trusted`() async throws {
        let fixture = try await BackfillFixture()
        let claim = try await claim(fixture)
        let isTrusted = try await KeptLease.with(
            claim, of: "orders", run: 0, in: fixture.ledger, lease: .seconds(2), claimedAt: .now
        ) { kept in
            _ = try await fixture.ledger.mark(job: "orders", Mark(key: claim.key, status: .complete))
            try await eventually { await !kept.awaitTrust() }
            return await kept.awaitTrust()
        }
        #expect(!isTrusted)
    }

    @Test func `Things are done a few at a time, and their results keep their order`() async throws {
        let running = Mutex((now: 0, most: 0))
        let results = try await inParallel(Array(0..<20), workers: 3) { number in
            running.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            try await Task.sleep(for: .milliseconds(number % 3))
            running.withLock { $0.now -= 1 }
            return number * 2
        }
        #expect(results == (0..<20).map { $0 * 2 })
        #expect(running.withLock { $0.most } <= 3)
    }

    @Test func `Whoever is cancelled finishes what was begun and begins no more`() async throws {
        let begun = Mutex<[Int]>([])
        let ended = Mutex<[Int]>([])
        let mayEnd = Mutex(false)
        let work = Task {
            try await inParallel(Array(0..<10), workers: 2) { number in
                begun.withLock { $0.append(number) }
                while !mayEnd.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
                ended.withLock { $0.append(number) }
            }
        }
        try await eventually { begun.withLock { $0.count } == 2 }
        work.cancel()
        mayEnd.withLock { $0 = true }
        await #expect(throws: CancellationError.self) { try await work.value }
        #expect(begun.withLock { $0.sorted() } == [0, 1] && ended.withLock { $0.sorted() } == [0, 1])
    }

    @Test func `An error ends the rest after what was begun`() async throws {
        let begun = Mutex(0)
        await #expect(throws: Broken.self) {
            try await inParallel(Array(0..<10), workers: 1) { number in
                begun.withLock { $0 += 1 }
                if number == 1 { throw Broken() }
            }
        }
        #expect(begun.withLock { $0 } == 2)
    }
}
