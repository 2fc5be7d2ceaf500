internal import PartitionBackfill

/// How long partitions that are left will take: from how many are done in a second, and from how much their times differ.
struct RemainingTime: Sendable, Hashable {
    /// Times that are needed to tell how much they differ.
    private static let fewest = 3
    /// The part of a normal distribution within so many standard deviations is nine of ten.
    private static let deviations = 1.645
    /// A range whose ends are nearer than this is one number.
    private static let leastSpread = 1.1

    /// What is expected, in seconds.
    let expected: Double
    /// The range in which nine of ten such ends lie, if those to come are like those that were.
    let range: ClosedRange<Double>

    /// Foretells the end; nil where nothing can be told.
    ///
    /// - Parameters:
    ///   - count: Partitions that are left.
    ///   - perSecond: Partitions that are done in a second.
    ///   - durations: The seconds that some of them took.
    init?(count: Int, perSecond: Double, durations: [Double]) {
        guard count > 0, perSecond > 0, case let expected = Double(count) / perSecond, expected < 1e9 else {
            return nil
        }
        self.expected = max(1, expected)
        var spread = 0.0
        let mean = durations.reduce(0, +) / Double(max(1, durations.count))
        if durations.count >= Self.fewest, mean > 0 {
            let squares = durations.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let deviation = (squares / Double(durations.count - 1)).squareRoot() / mean
            // The sum of those to come varies, and the mean of those that were is itself not exact.
            spread = Self.deviations * deviation * (1 / Double(count) + 1 / Double(durations.count)).squareRoot()
        }
        let shortest = self.expected * max(0.2, 1 - spread)
        range = max(1, shortest)...max(1, self.expected * (1 + spread))
    }

    /// Foretells the end of work of which it is known what each partition takes; nil where it is too far away to mean anything.
    init?(_ end: WorkEnd) {
        guard end.seconds < 1e9 else { return nil }
        expected = max(1, end.seconds)
        let shortest = end.seconds(deviations: -Self.deviations)
        range = max(1, min(shortest, expected))...max(expected, end.seconds(deviations: Self.deviations))
    }

    /// Whether the two ends are told apart.
    var isRange: Bool { range.upperBound > range.lowerBound * Self.leastSpread }

    /// `about 4m 00s to go`, or `done in 3m 20s to 4m 40s`.
    var text: String {
        guard isRange else { return "about \(Self.describe(expected)) to go" }
        return "done in \(Self.describe(range.lowerBound)) to \(Self.describe(range.upperBound))"
    }

    private static func describe(_ seconds: Double) -> String {
        DurationText.describe(.seconds(Int64(seconds.rounded())))
    }
}
