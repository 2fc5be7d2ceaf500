import Partitions
import Testing

@testable import PartitionBackfill

/// In which order a process claims, simulated with workers that take one partition after another.
@Suite struct ClaimOrderTests {
    private func key(_ ordinal: Int) -> PartitionKey { PartitionKey(granularity: .day, ordinal: ordinal) }

    private func plan(_ ranges: Range<Int>...) -> BackfillPlan {
        BackfillPlan(
            job: "j", range: PartitionRange(granularity: .day, ordinals: 0..<1_000_000),
            segments: ranges.map { .init(range: PartitionRange(granularity: .day, ordinals: $0), reason: .missing) },
            fence: 0)
    }

    /// The order in which a work list hands out everything, one after another, where seconds are known of each partition.
    private func order(
        _ plan: BackfillPlan, _ order: BackfillRequest.Order, workers: Int, seconds: (Int) -> Double?,
        bytes: (Int) -> Int64? = { _ in nil }
    ) -> [Int] {
        var list = Worklist(plan: plan, order: order, selection: .unfinished, maxPartitions: nil)
        var claimed: [Int] = []
        while true {
            let keys = list.unpriced(of: 16, workers: workers)
            if !keys.isEmpty {
                var prices: [PartitionKey: PartitionPrice] = [:]
                for key in keys {
                    prices[key] = PartitionPrice(bytes: bytes(key.ordinal), seconds: seconds(key.ordinal))
                }
                list.price(keys, prices, workers: workers)
                continue
            }
            let window = list.window(of: 16)
            guard let first = window.first else { return claimed }
            list.apply(granted: [first], of: window, limit: 1)
            list.finish(first)
            claimed.append(first.ordinal)
        }
    }

    @Test func `The last partitions are claimed longest first`() {
        let claimed = order(plan(0..<20), .oldest, workers: 2) { [13: 9, 15: 30, 19: 60][$0] ?? 3 }
        #expect(claimed == Array(0..<12) + [19, 15, 13, 12, 14, 16, 17, 18])
        let backwards = order(plan(0..<20), .newest, workers: 2) { $0 == 2 ? 60 : 3 }
        #expect(backwards == Array((8..<20).reversed()) + [2, 7, 6, 5, 4, 3, 1, 0])
    }

    @Test func `What takes about as long, or a moment, or is unknown, stays in its order`() {
        #expect(order(plan(0..<8), .oldest, workers: 2) { 10 + Double($0) * 0.05 } == Array(0..<8))
        #expect(order(plan(0..<8), .oldest, workers: 2) { $0 == 7 ? 0.09 : 0.001 } == Array(0..<8))
        #expect(order(plan(0..<8), .oldest, workers: 2) { _ in nil } == Array(0..<8))
    }

    @Test func `One worker alone goes by time`() {
        #expect(order(plan(0..<4), .oldest, workers: 1) { Double($0 * $0) } == Array(0..<4))
    }

    @Test func `A limited process does those that come first, not those that take longest`() {
        var list = Worklist(plan: plan(0..<8), order: .oldest, selection: .unfinished, maxPartitions: 2)
        #expect(list.unpriced(of: 16, workers: 2).isEmpty)
        #expect(list.window(of: 16).map(\.ordinal) == Array(0..<8))
    }

    @Test func `The largest come first, by seconds or else by bytes, the oldest of equals`() {
        let bySeconds = order(plan(0..<3, 5..<9), .largest, workers: 2) { $0 == 6 ? 50 : $0 == 1 ? 80 : 7 }
        #expect(bySeconds == [1, 6, 0, 2, 5, 7, 8])
        let byBytes = order(plan(0..<5), .largest, workers: 2, seconds: { _ in nil }, bytes: { Int64($0) })
        #expect(byBytes == [4, 3, 2, 1, 0])
        // Half of what is known stands for what is not.
        let mixed = order(plan(0..<4), .largest, workers: 2) { [0: 1, 1: nil, 2: 3, 3: 5][$0] ?? nil }
        #expect(mixed == [3, 1, 2, 0])
    }

    @Test func `Of very many partitions each one that was looked at stands for those behind it`() {
        var list = Worklist(plan: plan(0..<100_000), order: .largest, selection: .unfinished, maxPartitions: nil)
        let keys = list.unpriced(of: 16, workers: 2)
        #expect(keys.count == 4096 && keys.first == key(0) && keys.last == key(99_999))
        let prices = Dictionary(uniqueKeysWithValues: keys.map { ($0, PartitionPrice(bytes: Int64($0.ordinal))) })
        list.price(keys, prices, workers: 2)
        #expect(list.unpriced(of: 16, workers: 2).isEmpty)
        var seen: Set<Int> = []
        var last = 100_000
        var unexpected: [Int] = []
        while let first = list.window(of: 16).first {
            list.apply(granted: [first], of: list.window(of: 16), limit: 1)
            list.finish(first)
            // Within a stretch the order is that of time.
            if !seen.insert(first.ordinal).inserted || first.ordinal >= last + 25 { unexpected.append(first.ordinal) }
            last = min(last, first.ordinal)
        }
        #expect(unexpected.isEmpty)
        #expect(seen.count == 100_000)
    }

    @Test func `Another order while it runs takes what is left`() {
        var list = Worklist(plan: plan(0..<40), order: .oldest, selection: .unfinished, maxPartitions: nil)
        let window = list.window(of: 16)
        list.apply(granted: Array(window.prefix(3)), of: window, limit: 3)
        list.setOrder(.largest)
        let keys = list.unpriced(of: 16, workers: 2)
        #expect(keys.map(\.ordinal) == Array(3..<40))
        list.price(
            keys,
            Dictionary(uniqueKeysWithValues: keys.map { ($0, PartitionPrice(seconds: $0.ordinal == 30 ? 9 : 1)) }),
            workers: 2)
        #expect(list.window(of: 3).map(\.ordinal) == [30, 3, 4])
        list.setOrder(.newest)
        #expect(list.window(of: 2).map(\.ordinal) == [39, 38])
    }

    /// Random plans: one of many small partitions and a few large ones, as a lakehouse has them.
    @Test func `Workers finish no later for it, and mostly sooner`() {
        var random = SplitMix(state: 7)
        var (plain, ordered, later) = (0.0, 0.0, 0)
        for _ in 0..<300 {
            let workers = 2 + Int(random.next() % 7)
            let seconds = (0..<(workers * 2 + Int(random.next() % 60))).map { _ -> Double in
                let small = 1 + Double(random.next() % 1_000) / 500
                return random.next() % 12 == 0 ? small * 20 : small
            }
            let claimed = order(plan(0..<seconds.count), .oldest, workers: workers) { seconds[$0] }
            #expect(Set(claimed).count == seconds.count)
            let before = Makespan.seconds(seconds, workers: workers)
            let after = Makespan.seconds(claimed.map { seconds[$0] }, workers: workers)
            plain += before
            ordered += after
            if after > before * 1.02 { later += 1 }
        }
        #expect(ordered < plain * 0.97, "\(plain) and \(ordered)")
        // What is longest first is no worse than by chance; a rare plan may be luckier as it was.
        #expect(later < 15, "\(later) of 300 are later")
    }

    @Test func `A makespan is that of workers who take the next one when they are free`() {
        #expect(Makespan.seconds([3, 3, 3, 9], workers: 2) == 12)
        #expect(Makespan.seconds([9, 3, 3, 3], workers: 2) == 9)
        #expect(Makespan.seconds([5], workers: 8, before: 16) == 7)
        #expect(Makespan.seconds([], workers: 4) == 0)
    }
}

/// A small generator with a state that is given (Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
