import Partitions
import Testing

@testable import PartitionBackfill

@Suite struct PlanPriceTests {
    private func entry(_ ordinal: Int, _ bytes: Int64?, _ seconds: Double?, rows: Int64? = nil) -> PlanPrice.Entry {
        PlanPrice.Entry(
            key: PartitionKey(granularity: .day, ordinal: ordinal),
            price: PartitionPrice(bytes: bytes, rows: rows, seconds: seconds))
    }

    @Test func `Sums, the end for several workers, and the heaviest`() {
        let sample = (0..<12).map { entry($0, 100, $0 == 11 ? 60 : 10, rows: 5) }
        let price = PlanPrice(partitions: 12, sample: sample, attempts: 12, workers: 3)
        #expect(price.bytes == PlanPrice.Total(sum: 1_200, known: 12))
        #expect(price.rows?.sum == 60)
        #expect(price.work == PlanPrice.Work(seconds: 170, attempts: 12))
        // The long one does not come last: all are among the last four for each of two, three and more.
        #expect(
            price.finish == [
                .init(workers: 1, seconds: 170), .init(workers: 2, seconds: 90), .init(workers: 3, seconds: 60),
                .init(workers: 4, seconds: 60), .init(workers: 8, seconds: 60),
            ])
        #expect(price.heaviest.count == 10)
        #expect(price.heaviest.first?.key.ordinal == 11)
    }

    @Test func `What was not looked at counts as the mean of what was`() {
        let price = PlanPrice(
            partitions: 1_000, sample: [entry(0, 10, 1), entry(500, nil, 3), entry(999, 30, nil)], attempts: 2,
            workers: 1)
        #expect(price.lookedAt == 3)
        #expect(price.bytes == PlanPrice.Total(sum: 20_000, known: 2))
        #expect(price.work?.seconds == 2_000)
        #expect(price.rows == nil)
        for end in price.finish { #expect(abs(end.seconds - 2_000 / Double(end.workers)) < 4) }
    }

    @Test func `Without times there is no end, and the largest are the heaviest`() {
        let price = PlanPrice(
            partitions: 3, sample: [entry(0, 10, nil), entry(1, 30, nil), entry(2, nil, nil)], attempts: 0, workers: 2)
        #expect(price.work == nil && price.finish.isEmpty)
        #expect(price.heaviest.map(\.key.ordinal) == [1, 0])
        // What has no file at all is no heavy one.
        #expect(PlanPrice(partitions: 1, sample: [entry(0, 0, nil)], attempts: 0, workers: 2).heaviest.isEmpty)
    }

    @Test func `A sample begins with the first partition and ends with the last`() {
        let ranges = [0..<3, 10..<15, 100..<100_000].map { PartitionRange(granularity: .hour, ordinals: $0) }
        let keys = EvenSample.keys(of: ranges, most: 100).map(\.ordinal)
        #expect(keys.count == 100 && Set(keys).count == 100)
        #expect(keys.first == 0 && keys.last == 99_999)
        #expect(keys == keys.sorted())
        #expect(EvenSample.keys(of: ranges, most: 200_000).count == 99_908)
        #expect(EvenSample.keys(of: [], most: 5).isEmpty)
    }
}
