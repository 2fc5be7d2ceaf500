import Foundation
import Partitions
import ProgressStore
import Testing

@testable import PartitionBackfill

/// What past attempts tell about others: values in, values out.
@Suite struct PriceModelTests {
    private func sample(_ bytes: Int64?, _ seconds: Double) -> PriceModel.Sample {
        .init(bytes: bytes, seconds: seconds)
    }

    @Test func `Without samples nothing is foretold`() {
        #expect(PriceModel([]) == nil)
    }

    @Test func `A line is found again, also where a quarter of the samples are far off`() throws {
        let sizes = (1...40).map { Int64($0) * 1_000_000 }
        let samples = sizes.enumerated().map { offset, bytes in
            // Two seconds for each partition, one more for each megabyte; every fifth one waited for a minute.
            sample(bytes, 2 + Double(bytes) / 1e6 + (offset.isMultiple(of: 5) ? 60 : 0))
        }
        let model = try #require(PriceModel(samples))
        #expect(abs(model.seconds(bytes: 10_000_000) - 12) < 1.5, "\(model)")
        #expect(abs(model.seconds(bytes: 100_000_000) - 102) < 6, "\(model)")
    }

    @Test func `Few samples, or samples of one size, tell the time of a byte`() throws {
        let one = try #require(PriceModel([sample(10_000_000, 5)]))
        #expect(abs(one.seconds(bytes: 20_000_000) - 10) < 1e-9)
        let same = try #require(PriceModel([sample(1_000, 1), sample(1_000, 2), sample(1_000, 9)]))
        #expect(abs(same.seconds(bytes: 2_000) - 4) < 1e-9)
    }

    @Test func `Samples of about one size say nothing of one that is many times larger`() throws {
        // What they take has nothing to do with the few bytes by which they differ.
        let samples = (0..<16).map { sample(4_100 + Int64($0), $0.isMultiple(of: 2) ? 0.25 : 0.15) }
        let model = try #require(PriceModel(samples))
        #expect(abs(model.seconds(bytes: 41_000) - 2) < 0.6, "\(model)")
        #expect(abs(model.seconds(bytes: 4_100) - 0.2) < 0.06)
    }

    @Test func `A partition of unknown size takes what half of the others did not exceed`() throws {
        let model = try #require(PriceModel([sample(nil, 1), sample(nil, 3), sample(nil, 100)]))
        #expect(model.seconds(bytes: nil) == 3)
        #expect(model.seconds(bytes: 1_000_000) == 3)
    }

    @Test func `No partition takes less than nothing`() throws {
        let falling = try #require(PriceModel((1...9).map { sample(Int64($0) * 1_000, Double(20 - $0)) }))
        #expect(falling.seconds(bytes: 1_000_000) > 0)
        let steep = try #require(PriceModel((1...9).map { sample(Int64($0) * 1_000, Double($0 * $0)) }))
        #expect(steep.seconds(bytes: 1) >= 0)
    }

    private func recent(_ number: Int, from start: Double, to end: Double, workers: Int?) -> RecentAttempt {
        RecentAttempt(
            key: PartitionKey(granularity: .day, ordinal: number), startedAt: Date(timeIntervalSince1970: start),
            endedAt: Date(timeIntervalSince1970: end), worker: "w", workers: workers)
    }

    @Test func `What was claimed ahead waited, and the wait is no work`() {
        // Forty at once, by four workers, each a hundredth of a second: the last ends after a tenth.
        let ahead = (0..<40).map { recent($0, from: 0, to: 0.01 * Double($0 / 4 + 1), workers: 4) }
        let share = WorkShare(ahead)
        #expect(abs(ahead.reduce(0) { $0 + share.work(in: $1.seconds) } - 0.4) < 0.001, "\(share)")
        // What took long did not wait for more than a moment.
        #expect(share.work(in: 100) == 99.7)
    }

    @Test func `Work that did not wait counts in full`() {
        let busy = (0..<40).map { recent($0, from: Double($0), to: Double($0) + 3.5, workers: 4) }
        #expect(WorkShare(busy).share == 1)
        #expect(
            WorkShare(
                busy.map { attempt in
                    var attempt = attempt
                    attempt.workers = nil
                    return attempt
                }
            ).share == 1)
        #expect(WorkShare([]).work(in: 5) == 5)
    }
}
