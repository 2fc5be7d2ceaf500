/// How fast partitions come to an end: over the last minute where enough did, else since the start.
struct ProgressRate: Sendable {
    private static let window = Duration.seconds(60)
    /// Fewer ends than these say nothing about what comes.
    private static let fewest = 3

    private var total = 0
    /// How many had ended by the end of a second; one entry for each second in which any did.
    private var seconds: [(second: Int64, total: Int)] = []

    /// Counts an end.
    mutating func finish(at now: Duration) {
        total += 1
        let second = now.components.seconds
        if seconds.last?.second == second {
            seconds[seconds.count - 1].total = total
        } else {
            seconds.append((second, total))
            let oldest = second - ProgressRate.window.components.seconds
            // One entry from before the window stays: it says where the window's count begins.
            while seconds.count > 2, seconds[1].second <= oldest { seconds.removeFirst() }
        }
    }

    /// Ends a second; nil as long as too few ended to tell.
    func perSecond(at now: Duration) -> Double? {
        guard total >= ProgressRate.fewest, now > .zero else { return nil }
        let start = now - ProgressRate.window
        if start > .zero, let before = seconds.last(where: { $0.second < start.components.seconds }) {
            let recent = total - before.total
            if recent >= ProgressRate.fewest { return Double(recent) / ProgressRate.window.seconds }
        }
        return Double(total) / now.seconds
    }

    /// How long as many partitions will take at this rate; `durations` are the seconds that some took.
    func remaining(_ count: Int, at now: Duration, durations: [Double] = []) -> RemainingTime? {
        perSecond(at: now).flatMap { RemainingTime(count: count, perSecond: $0, durations: durations) }
    }
}

/// Rates for people.
enum RateText {
    /// A rate in the unit in which it is one or more: `12.3/s`, `4.0/min`, `2.5/h`.
    static func describe(perSecond: Double) -> String {
        if perSecond >= 100 { return "\(NumberText.grouped(Int(perSecond.rounded())))/s" }
        if perSecond >= 1 { return "\(NumberText.oneDecimal(perSecond))/s" }
        if perSecond * 60 >= 1 { return "\(NumberText.oneDecimal(perSecond * 60))/min" }
        return "\(NumberText.oneDecimal(perSecond * 3600))/h"
    }
}
