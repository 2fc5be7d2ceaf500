import Lakehouse
import Partitions
import ProgressStore
import Synchronization
import TestSupport
import Testing
import Transforms

@testable import PartitionBackfill

/// Runs whose partitions fail, and are tried again or not.
@Suite(.timeLimit(.minutes(3))) struct RetryRunTests {
    @Test func `What passes by itself is tried again unasked, and what comes again is not though asked`() async throws {
        let fixture = try await BackfillFixture()
        let tries = Mutex<[PartitionKey: Int]>([:])
        let wrong = try BackfillFixture.day("2024-01-02")
        let job = fixture.job { partition in
            let count = tries.withLock { tries in
                tries[partition.key, default: 0] += 1
                return tries[partition.key] ?? 0
            }
            if partition.key == wrong { throw AttemptFailure.permanent("wrong") }
            if count < 2 { throw AttemptFailure.transient("busy") }
        }
        let passing = try await fixture.backfill(job).planAndRun(BackfillFixture.request("2024-01-01"))
        #expect(passing.complete == 1)
        var request = try BackfillFixture.request("2024-01-02")
        request.retries = 5
        #expect(try await fixture.backfill(job).planAndRun(request).failed == [wrong: "wrong"])
        #expect(tries.withLock { $0[wrong] } == 1)
    }

    @Test func `When memory runs out, fewer are tried at the same time`() async throws {
        let fixture = try await BackfillFixture()
        let within = Mutex(0)
        let log = EventLog()
        let isAlone: @Sendable () -> Bool = {
            log.text.contains { $0.hasPrefix("steered: crew(workers: 1, threads: ") }
        }
        let long = try BackfillFixture.day("2024-01-01")
        let job = fixture.job { partition in
            let count = within.withLock { count in
                count += 1
                return count
            }
            defer { within.withLock { $0 -= 1 } }
            try await Task.sleep(for: .milliseconds(50))
            guard partition.key == long else {
                if count > 1 { throw TransformError(.outOfMemory, "no memory") }
                return
            }
            // The others are down to one beside this one, which takes longer.
            try await eventually("the crew is one", isAlone)
            try await Task.sleep(for: .milliseconds(200))
        }
        let report = try await fixture.steered(job).planAndRun(BackfillFixture.request(workers: 4), log: log)
        #expect(report.complete == 10)
        #expect(report.failed.isEmpty)
    }

    @Test func `A partition that needs more memory than there is fails with advice`() async throws {
        let fixture = try await BackfillFixture()
        let job = fixture.job { _ in throw TransformError(.outOfMemory, "no memory") }
        let log = EventLog()
        let report = try await fixture.steered(job).planAndRun(
            BackfillFixture.request("2024-01-01", workers: 4), log: log)
        let error = try #require(report.failed.values.first)
        #expect(error.contains("no memory\nThis process was down to one worker"))
        #expect(
            try await fixture.attempts() == ["2024-01-01 RETRY", "2024-01-01 RETRY", "2024-01-01 FAILED"])
    }
}
