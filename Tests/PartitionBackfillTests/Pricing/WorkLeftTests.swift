import Foundation
import Partitions
import ProgressStore
import Testing

@testable import PartitionBackfill

/// When the rest will be done, by what each partition was foretold to take.
@Suite struct WorkLeftTests {
    private static let now = Date(timeIntervalSince1970: 1_719_835_203)

    private func key(_ ordinal: Int) -> PartitionKey { PartitionKey(granularity: .day, ordinal: ordinal) }

    private func left(_ ordinal: Int, _ seconds: Double?, bytes: Int64? = nil) -> ForetoldPartition {
        ForetoldPartition(key: key(ordinal), bytes: bytes, seconds: seconds)
    }

    private func running(_ ordinal: Int, _ seconds: Double?, since: Double) -> ForetoldPartition {
        ForetoldPartition(key: key(ordinal), seconds: seconds, standing: .running(seconds: since))
    }

    private func ended(
        _ ordinal: Int, _ seconds: Double?, took: Double, bytes: Int64? = nil, isTest: Bool = true
    ) -> ForetoldPartition {
        let at = Self.now.addingTimeInterval(Double(ordinal) - 1_000)
        return ForetoldPartition(
            key: key(ordinal), bytes: bytes, seconds: seconds,
            standing: .ended(took: .init(seconds: took, at: at, isTest: isTest)))
    }

    private func forecast(_ partitions: [ForetoldPartition], planned: Int? = nil, run: Int64 = 1) -> RunForecast {
        RunForecast(
            run: run, first: key(0), last: key(9_999), planned: planned ?? partitions.count,
            lookedAt: partitions.count, partitions: partitions)
    }

    private func work(_ partitions: [ForetoldPartition], planned: Int? = nil) throws -> WorkLeft {
        try #require(WorkLeft([forecast(partitions, planned: planned)], recent: []))
    }

    @Test func `Heavy partitions that are left count for what they take`() throws {
        // Ninety of a second are done, and ten of ten minutes are left: by their number it would be a few seconds.
        let work = try work((0..<90).map { ended($0, 1, took: 1) } + (90..<100).map { left($0, 600) })
        let end = try #require(work.end(running: 4))
        #expect(work.count == 10 && end.work == 6_000 && end.seconds == 1_500)
        #expect(work.isExact && work.heaviest(3).map(\.key.ordinal) == [90, 91, 92])
        #expect(work.end(running: 0) == nil)
    }

    @Test func `The longest one is a lower bound, whatever the number of workers`() throws {
        let work = try work([left(0, 600), left(1, 10), left(2, 10)])
        #expect(work.end(running: 8)?.seconds == 600)
    }

    @Test func `What took longer than was foretold makes the rest longer`() throws {
        let work = try work((0..<5).map { ended($0, 10, took: 20) } + [left(5, 10), left(6, 30)])
        #expect(work.end(running: 1)?.work == 80)
        #expect(work.expected(of: key(6)) == 60)
        // Two say nothing yet, nor does what ended before it was foretold.
        let few = try self.work([ended(0, 10, took: 20), ended(1, 10, took: 20), left(5, 10)])
        #expect(few.end(running: 1)?.work == 10)
        let before = try self.work((0..<5).map { ended($0, 10, took: 20, isTest: false) } + [left(5, 10)])
        #expect(before.end(running: 1)?.work == 10)
    }

    @Test func `Only the latest fifty are compared`() throws {
        let early = (0..<100).map { ended($0, 10, took: 100) }
        let work = try work(early + (100..<150).map { ended($0, 10, took: 10) } + [left(200, 10)])
        #expect(work.end(running: 1)?.work == 10)
    }

    @Test func `What runs needs the rest of its time, and what should be over a tenth more`() throws {
        let work = try work([running(0, 100, since: 30), running(1, 100, since: 400)])
        #expect(work.end(running: 2)?.work == 110.0)
        #expect(work.heaviest(5).isEmpty, "neither is to come")
    }

    @Test func `Where nothing was known the first partitions of the run tell, by their sizes`() throws {
        let first = (0..<5).map { ended($0, nil, took: Double($0 + 1), bytes: Int64($0 + 1) * 1_000, isTest: false) }
        let work = try work(first + [left(10, nil, bytes: 100_000)])
        let end = try #require(work.end(running: 1))
        #expect(abs(end.work - 100) < 0.001, "\(end)")
        // Without sizes it is the median of them.
        let unsized = try self.work((0..<5).map { ended($0, nil, took: 7) } + [left(10, nil), left(11, nil)])
        #expect(unsized.end(running: 1)?.work == 14)
    }

    @Test func `Before anything has ended the job's latest attempts tell, and without them nothing`() throws {
        let recent = (0..<3).map { _ in
            RecentAttempt(key: key(0), startedAt: Self.now.addingTimeInterval(-30), endedAt: Self.now, worker: "w")
        }
        let partitions = [left(0, nil), left(1, nil)]
        #expect(WorkLeft([forecast(partitions)], recent: recent)?.end(running: 1)?.work == 60)
        #expect(try work(partitions).end(running: 1) == nil)
        #expect(WorkLeft([], recent: recent) == nil)
    }

    @Test func `One that was looked at stands for others, and one that two runs have planned counts once`() throws {
        let sampled = try work([left(0, 10), running(50, 10, since: 4), ended(99, 10, took: 10)], planned: 30)
        #expect(sampled.count == 20 && !sampled.isExact)
        // Ten of ten seconds, nine like the one that runs, and what is left of that.
        #expect(sampled.end(running: 1)?.work == 196.0)
        let both = try #require(
            WorkLeft(
                [forecast([left(0, 10), left(1, 10)]), forecast([left(1, 99), left(2, 10)], run: 2)], recent: []))
        #expect(both.count == 3 && both.end(running: 1)?.work == 30)
    }

    @Test func `What nobody foretold counts as the mean of the others`() throws {
        let work = try work([left(0, 10), left(1, 30)])
        #expect(work.end(running: 1, others: 5)?.work == 140)
    }

    @Test func `What was claimed ahead and waits is no worker`() throws {
        // Forty in hand of a process with four workers: each took 100 ms from claim to end, of which 10 were work.
        let recent = (0..<40).map { number in
            RecentAttempt(
                key: key(number), startedAt: Self.now.addingTimeInterval(-0.1), endedAt: Self.now, worker: "w",
                workers: 4)
        }
        let work = try #require(WorkLeft([forecast([left(0, 60)])], recent: recent))
        #expect(try #require(work.end(running: 40)).workers.rounded() == 4)
        #expect(work.end(running: 40)?.seconds == 60)
    }

    @Test func `The worse the rest was foretold the wider is the range`() throws {
        let end = { (took: [Double]) in
            let done = took.enumerated().map { ended($0.offset, 10, took: $0.element) }
            return try #require(try work(done + (100..<120).map { left($0, 10) }).end(running: 2))
        }
        let good = try end([10, 10, 10, 10])
        #expect(good.seconds(deviations: 1.6) == good.seconds && good.error == 0)
        let bad = try end([5, 15, 2, 18])
        #expect(bad.seconds == good.seconds && bad.seconds(deviations: 1.6) > 1.3 * bad.seconds, "\(bad)")
        #expect(bad.seconds(deviations: -1.6) < 0.7 * bad.seconds)
        // Foretold exactly although they differ: by their number alone the range would be wide.
        let differing = [1.0, 60, 5, 30].enumerated().map { ended($0.offset, $0.element, took: $0.element) }
        #expect(try work(differing + [left(9, 40), left(10, 5)]).end(running: 1)?.error == 0)
    }

    /// Ends that were foretold after twenty of sixty partitions of very different sizes, over many runs with random errors.
    @Test func `Nine of ten ends lie within the range, about`() throws {
        var random = SystemRandomNumberGenerator()
        var within = 0
        for _ in 0..<500 {
            let foretold = (0..<60).map { _ in Double.random(in: 1...100, using: &random) }
            let took = foretold.map { $0 * Double.random(in: 0.5...2.5, using: &random) }
            let done = (0..<20).map { ended($0, foretold[$0], took: took[$0]) }
            let end = try #require(try work(done + (20..<60).map { left($0, foretold[$0]) }).end(running: 1))
            let range = end.seconds(deviations: -1.645)...end.seconds(deviations: 1.645)
            if range.contains(took.dropFirst(20).reduce(0, +)) { within += 1 }
        }
        #expect((390...495).contains(within), "\(within) of 500")
    }
}
