/// How many partitions may be started in a time, by all processes together.
public struct Rate: Sendable, Hashable, CustomStringConvertible {
    /// The unit of time.
    public enum Unit: String, Sendable, Hashable, CaseIterable {
        case second = "s"
        case minute = "min"
        case hour = "h"
        case day = "d"

        /// How long it is.
        public var duration: Duration {
            switch self {
            case .second: .seconds(1)
            case .minute: .seconds(60)
            case .hour: .seconds(3600)
            case .day: .seconds(86_400)
            }
        }
    }

    /// How many.
    public let count: Int
    /// In what time.
    public let unit: Unit

    /// Creates a rate; nil where it is none.
    public init?(count: Int, per unit: Unit) {
        guard (1...1_000_000).contains(count) else { return nil }
        self.count = count
        self.unit = unit
    }

    /// Reads `30/min`; nil where the text is no rate.
    public init?(parsing text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int(parts[0]) else { return nil }
        let unit: Unit? =
            switch parts[1] {
            case "s", "sec", "second": .second
            case "m", "min", "minute": .minute
            case "h", "hour": .hour
            case "d", "day": .day
            default: nil
            }
        guard let unit else { return nil }
        self.init(count: count, per: unit)
    }

    /// The time from one start to the next.
    public var timeApart: Duration { unit.duration / count }

    /// The rate as it is written: `30/min`.
    public var description: String { "\(count)/\(unit.rawValue)" }
}
