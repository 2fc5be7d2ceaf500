/// How long a partition will probably take, by those that this process has finished.
struct Forecast: Sendable {
    private static let memory = 50
    private var durations: [Duration] = []

    /// Takes note of how long a partition took.
    mutating func observe(_ duration: Duration) {
        durations.append(duration)
        if durations.count > Forecast.memory { durations.removeFirst() }
    }

    /// The time that nine of ten of the latest partitions did not exceed; nil before the first.
    var expected: Duration? {
        guard !durations.isEmpty else { return nil }
        let sorted = durations.sorted()
        return sorted[min(sorted.count - 1, sorted.count * 9 / 10)]
    }
}
