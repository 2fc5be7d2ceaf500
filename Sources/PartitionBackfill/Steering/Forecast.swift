/// How long a partition will probably take: by those that this process has finished, and before that by those that the ledger
/// knows of.
struct Forecast: Sendable {
    static let memory = 50
    private var durations: [Duration] = []
    private var earlier: [Duration] = []

    /// Takes note of how long partitions took before this process began.
    mutating func begin(with earlier: [Duration]) { self.earlier = Array(earlier.prefix(Forecast.memory)) }

    /// Takes note of how long a partition took.
    mutating func observe(_ duration: Duration) {
        durations.append(duration)
        if durations.count > Forecast.memory { durations.removeFirst() }
    }

    /// The time that nine of ten of the latest partitions did not exceed; nil where none is known.
    var expected: Duration? {
        let known = durations.isEmpty ? earlier : durations
        guard !known.isEmpty else { return nil }
        let sorted = known.sorted()
        return sorted[min(sorted.count - 1, sorted.count * 9 / 10)]
    }
}
