import Foundation
import FoundationNetworking
import Lakehouse
import Partitions
import ProgressStore
import Testing
import Transforms

@testable import PartitionBackfill

@Suite struct PolicyTests {
    private struct Passing: Error {}
    private static let key = PartitionKey(granularity: .day, ordinal: 0)

    @Test(arguments: [(1, 0.0, 0.5), (1, 1.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 2.0), (7, 1.0, 60.0), (40, 0.0, 30.0)])
    func `Delays double up to a minute and are spread`(failures: Int, random: Double, seconds: Double) {
        let policy = RetryPolicy(retries: 100)
        let directive = policy.directive(failures: failures, error: Passing(), random: random)
        #expect(directive == .retry(after: .seconds(seconds)))
    }

    @Test func `Retries are counted after the first attempt`() {
        let policy = RetryPolicy(retries: 2)
        #expect(policy.directive(failures: 2, error: Passing(), random: 0) != .giveUp)
        #expect(policy.directive(failures: 3, error: Passing(), random: 0) == .giveUp)
        #expect(RetryPolicy(retries: 0).directive(failures: 1, error: Passing(), random: 0) == .giveUp)
    }

    @Test(
        arguments: [
            (AttemptFailure.transient("busy"), 3, 9), (AttemptFailure.permanent("wrong"), 0, 0), (Passing(), 0, 9),
            (TransformError(.syntax, "…"), 0, 0), (TransformError(.misuse, "…"), 0, 0),
            (TransformError(.outsidePartition, "…"), 0, 0), (TransformError(.engineMissing, "…"), 0, 0),
            (TransformError(.query, "…"), 0, 9), (TransformError(.sourceMissing, "…"), 0, 9),
            (TransformError(.diskFull, "…"), 3, 9), (TransformError(.outOfMemory, "…"), 0, 9),
            (TransformError(.query, "…", nature: .transient), 3, 9), (TableError(.busy, "…"), 3, 9),
            (TableError(.io, "…"), 3, 9), (TableError(.refused, "…"), 0, 0), (TableError(.notWritable, "…"), 0, 0),
            (LedgerError(.unreachable, "…"), 3, 9), (ForeignFenceError(key: key, fence: 2, reached: 1), 0, 0),
            (AuditError(findings: []), 0, 0), (POSIXError(.ECONNREFUSED), 3, 9), (POSIXError(.EACCES), 0, 9),
            (URLError(.timedOut), 3, 9), (URLError(.badURL), 0, 9),
        ] as [(any Error, Int, Int)])
    func `Only what passes by itself is tried again unasked, and what comes again never`(
        error: any Error, byDefault: Int, whereNineAreAsked: Int
    ) {
        func retries(_ policy: RetryPolicy) -> Int {
            (1...20).prefix { policy.directive(failures: $0, error: error, random: 0) != .giveUp }.count
        }
        #expect(retries(RetryPolicy(retries: nil)) == byDefault)
        #expect(retries(RetryPolicy(retries: 9)) == whereNineAreAsked)
        #expect(retries(RetryPolicy(retries: 0)) == 0)
    }

    @Test(arguments: [(30, 30.0), (0, 1.0), (7200, 3600)])
    func `A server that says when to come back is not asked before`(asked: Int, seconds: Double) {
        let error = AttemptFailure.transient("busy", retryAfter: .seconds(asked))
        let directive = RetryPolicy(retries: nil).directive(failures: 1, error: error, random: 1)
        #expect(directive == .retry(after: .seconds(seconds)))
    }

    @Test func `A lease is trusted until a margin before its end`() {
        let start = ContinuousClock.now
        var clock = LeaseClock(lease: .seconds(90), confirmedAt: start)
        #expect(clock.isTrusted(at: start + .seconds(79)))
        #expect(!clock.isTrusted(at: start + .seconds(80)))
        clock.confirm(sentAt: start + .seconds(30))
        #expect(clock.isTrusted(at: start + .seconds(109)))
        clock.confirm(sentAt: start)
        #expect(clock.isTrusted(at: start + .seconds(109)))
        #expect(!LeaseClock(lease: .seconds(1), confirmedAt: start).isTrusted(at: start + .milliseconds(750)))
    }

    @Test func `Slow partitions are claimed one by one and fast ones in batches`() {
        var slow = Prefetch(workers: 4)
        #expect(slow.request(queued: 0, idle: 4) == 4)
        slow.observe(.seconds(60))
        #expect(slow.request(queued: 0, idle: 1) == 1)
        #expect(slow.request(queued: 0, idle: 0) == 0)
        var fast = Prefetch(workers: 4)
        fast.observe(.milliseconds(2))
        #expect(fast.ahead == Prefetch.most)
        #expect(fast.request(queued: 0, idle: 4) == 68)
        #expect(fast.request(queued: 40, idle: 0) == 0)
        #expect(fast.request(queued: 30, idle: 0) == 34)
    }
}
