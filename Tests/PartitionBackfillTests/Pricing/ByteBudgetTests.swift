import Partitions
import Testing

@testable import PartitionBackfill

@Suite struct ByteBudgetTests {
    private func key(_ ordinal: Int) -> PartitionKey { PartitionKey(granularity: .day, ordinal: ordinal) }

    private func list(_ count: Int, limit: Int64, known: [Int64] = [], maxPartitions: Int? = nil) -> Worklist {
        let range = PartitionRange(granularity: .day, ordinals: 0..<count)
        let plan = BackfillPlan(job: "j", range: range, segments: [.init(range: range, reason: .missing)], fence: 0)
        return Worklist(
            plan: plan, order: .oldest, selection: .unfinished, maxPartitions: maxPartitions,
            budget: ByteBudget(limit: limit, known: known))
    }

    /// Prices what is asked about, then asks for a window.
    private func window(_ list: inout Worklist, of size: Int, _ bytes: (Int) -> Int64?) -> [PartitionKey] {
        let keys = list.unpriced(of: size, workers: 2)
        list.price(
            keys, Dictionary(uniqueKeysWithValues: keys.map { ($0, PartitionPrice(bytes: bytes($0.ordinal))) }),
            workers: 2)
        #expect(list.unpriced(of: size, workers: 2).isEmpty)
        return list.window(of: size)
    }

    @Test func `Nothing is started that would exceed the limit, whatever is granted`() {
        var list = list(10, limit: 25)
        let first = window(&list, of: 4) { _ in 10 }
        // The third one would be too much: it is not even asked for.
        #expect(first.map(\.ordinal) == [0, 1])
        #expect(list.byteLimit == nil)
        // Another process has the first one.
        list.apply(granted: [key(1)], of: first, limit: 4)
        let second = window(&list, of: 4) { _ in 10 }
        #expect(second.map(\.ordinal) == [2])
        list.apply(granted: [key(2)], of: second, limit: 4)
        #expect(window(&list, of: 4) { _ in 10 }.isEmpty)
        #expect(list.byteLimit == ByteLimit(limit: 25, started: 20, next: key(3), nextBytes: 10))
        #expect(!list.isExhausted)
        list.finish(key(1))
        list.finish(key(2))
        // What another process has is not waited for.
        #expect(list.isExhausted)
        #expect(list.remainingCount == 8)
    }

    @Test func `A limit that is met exactly is not exceeded`() {
        var list = list(2, limit: 20)
        let keys = window(&list, of: 4) { _ in 10 }
        #expect(keys.count == 2)
        list.apply(granted: keys, of: keys, limit: 4)
        for key in keys { list.finish(key) }
        #expect(list.isExhausted && list.byteLimit == nil)
    }

    @Test func `A retry is no further partition`() {
        var list = list(3, limit: 10)
        let keys = window(&list, of: 4) { _ in 10 }
        list.apply(granted: keys, of: keys, limit: 4)
        #expect(window(&list, of: 4) { _ in 10 }.isEmpty)
        list.wait(for: key(0))
        #expect(!list.isExhausted)
        list.reconsider(key(0))
        #expect(window(&list, of: 4) { _ in 10 } == [key(0)])
        list.apply(granted: [key(0)], of: [key(0)], limit: 1)
        list.finish(key(0))
        #expect(list.isExhausted)
        #expect(list.byteLimit?.started == 10)
    }

    @Test func `A partition of unknown size counts as the mean of the others`() {
        var list = list(4, limit: 70, known: [20, 40])
        let keys = window(&list, of: 4) { _ in nil }
        #expect(keys.map(\.ordinal) == [0, 1])
    }

    @Test func `The first partition may be too large alone`() {
        var list = list(4, limit: 5)
        #expect(window(&list, of: 4) { _ in 10 }.isEmpty)
        #expect(list.isExhausted)
        #expect(list.byteLimit == ByteLimit(limit: 5, started: 0, next: key(0), nextBytes: 10))
    }

    @Test func `Both limits hold`() {
        var list = list(9, limit: 1_000, maxPartitions: 1)
        let keys = window(&list, of: 4) { _ in 10 }
        #expect(list.limit(4, of: keys) == 1)
        list.apply(granted: [key(0)], of: keys, limit: 1)
        list.finish(key(0))
        #expect(list.isExhausted && list.byteLimit == nil)
    }

    @Test func `Sizes that no number holds exceed every limit`() {
        var list = list(3, limit: .max)
        #expect(window(&list, of: 4) { _ in .max }.map(\.ordinal) == [0])
    }
}
