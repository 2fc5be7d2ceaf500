import Partitions
import ProgressStore
import Testing

@testable import PartitionBackfill

/// How rows are known that the sources do not tell.
@Suite struct RowEstimateTests {
    private let key = PartitionKey(granularity: .day, ordinal: 1)

    private func attempt(_ rows: Int64, read: ReadAmount? = nil) -> PastAttempt {
        PastAttempt(key: key, seconds: 1, rows: rows, read: read)
    }

    private func expect(
        _ found: (rows: Int64, basis: PartitionPrice.RowsBasis)?, _ rows: Int64, _ basis: PartitionPrice.RowsBasis
    ) {
        #expect(found?.rows == rows && found?.basis == basis, "\(String(describing: found))")
    }

    @Test func `What was counted counts, and the others are of like density`() {
        let estimate = RowEstimate([(RowCount(rows: 100, isCounted: true), 1_000)], past: [.init(rows: 9, bytes: 1)])
        expect(estimate.rows(counted: .init(rows: 7, isCounted: true), bytes: 5, last: attempt(3)), 7, .counted)
        expect(estimate.rows(counted: .init(rows: 7, isCounted: false), bytes: 5, last: nil), 7, .estimated)
        expect(estimate.rows(counted: nil, bytes: 500, last: attempt(3)), 50, .estimated)
    }

    @Test func `A text has as many rows for a byte as attempts have read, first of all its own`() {
        let estimate = RowEstimate([], past: [.init(rows: 10, bytes: 100), .init(rows: 30, bytes: 100)])
        expect(estimate.rows(counted: nil, bytes: 1_000, last: nil), 200, .estimated)
        let own = attempt(3, read: ReadAmount(rows: 50, bytes: 100))
        expect(estimate.rows(counted: nil, bytes: 1_000, last: own), 500, .estimated)
    }

    @Test func `Otherwise it is what the last attempt wrote, or nothing`() {
        let estimate = RowEstimate([], past: [])
        expect(estimate.rows(counted: nil, bytes: 1_000, last: attempt(3)), 3, .lastAttempt)
        #expect(estimate.rows(counted: nil, bytes: 1_000, last: nil) == nil)
        // Files with rows of other partitions have been read as a whole.
        var shared = RowEstimate([], past: [.init(rows: 10, bytes: 100)])
        shared.goesBySize = false
        let all = attempt(3, read: ReadAmount(rows: 50, bytes: 100))
        expect(shared.rows(counted: nil, bytes: 1_000, last: all), 3, .lastAttempt)
        let dense = RowEstimate([], past: [.init(rows: 10, bytes: 0)])
        #expect(dense.rows(counted: nil, bytes: 1_000, last: nil) == nil)
    }

    @Test func `Rows that were read and rows that were written are not added up`() {
        let entry = { (ordinal: Int, rows: Int64?, basis: PartitionPrice.RowsBasis?) in
            PlanPrice.Entry(
                key: PartitionKey(granularity: .day, ordinal: ordinal),
                price: PartitionPrice(bytes: 10, rows: rows, rowsBasis: basis))
        }
        let price = { (sample: [PlanPrice.Entry]) in
            PlanPrice(partitions: sample.count, sample: sample, attempts: 0, workers: 1)
        }
        let mixed = price([entry(0, 100, .counted), entry(1, 5, .lastAttempt)])
        #expect(mixed.rows == PlanPrice.Total(sum: 200, known: 1) && mixed.rowsBasis == .estimated)
        #expect(mixed.heaviest.map(\.price.rows) == [100, nil])
        let all = price([entry(0, 100, .counted), entry(1, 50, .counted)])
        #expect(all.rows?.sum == 150 && all.rowsBasis == .counted)
        #expect(price([entry(0, 100, .counted), entry(1, 5, .estimated)]).rowsBasis == .estimated)
        #expect(price([entry(0, 100, .counted), entry(1, nil, nil)]).rowsBasis == .estimated)
        #expect(price([entry(0, 7, .lastAttempt)]).rowsBasis == .lastAttempt)
        #expect(price([entry(0, nil, nil)]).rowsBasis == nil)
        // Of more than are looked at the sum is not counted.
        let more = PlanPrice(partitions: 5, sample: [entry(0, 100, .counted)], attempts: 0, workers: 1)
        #expect(more.rowsBasis == .estimated)
    }
}
