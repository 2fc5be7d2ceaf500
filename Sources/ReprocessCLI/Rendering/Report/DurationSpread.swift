internal import Partitions

/// How long partitions took, in a few numbers, all in seconds.
struct DurationSpread: Sendable, Hashable {
    let count: Int
    let least: Double
    let median: Double
    /// Nine of ten took no longer.
    let ninth: Double
    let greatest: Double

    /// Measures durations; nil where there are none.
    init?(_ seconds: [Double]) {
        let sorted = seconds.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        // The nearest rank: a value that occurred.
        func quantile(_ part: Double) -> Double {
            sorted[min(sorted.count, max(1, Int((part * Double(sorted.count)).rounded(.up)))) - 1]
        }
        count = sorted.count
        least = first
        median = quantile(0.5)
        ninth = quantile(0.9)
        greatest = last
    }
}

/// An attempt that took long.
struct SlowAttempt: Sendable, Hashable {
    let key: PartitionKey
    let seconds: Double
    let outcome: String
    let rows: Int64?
    let worker: String
}
