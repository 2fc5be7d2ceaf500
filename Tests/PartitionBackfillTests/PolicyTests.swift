import ProgressStore
import Testing
import Transforms

@testable import PartitionBackfill

@Suite struct PolicyTests {
    private struct Passing: Error {}

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

    @Test(arguments: [
        (TransformError.Code.syntax, false), (.misuse, false), (.outsidePartition, false), (.engineMissing, false),
        (.query, true), (.sourceMissing, true), (.outOfMemory, true), (.diskFull, true),
    ])
    func `A mistake in the transform is not repeated`(code: TransformError.Code, isWorth: Bool) {
        #expect(RetryPolicy.isWorthRepeating(TransformError(code, "…")) == isWorth)
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
