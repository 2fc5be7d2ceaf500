/// A date and an hour of the calendar, without time zone: where a partition starts or ends.
public struct CivilTime: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The date.
    public let date: CivilDate
    /// The hour, 0 to 23.
    public let hour: Int

    /// Hours since 1970-01-01T00; negative before it.
    public var hoursSinceEpoch: Int { date.daysSinceEpoch * 24 + hour }

    init(date: CivilDate, hour: Int) {
        self.date = date
        self.hour = hour
    }

    init(hoursSinceEpoch hours: Int) {
        let days = floorDivide(hours, 24)
        self.init(date: CivilDate(daysSinceEpoch: days), hour: hours - days * 24)
    }

    /// The time as PostgreSQL and DuckDB read a timestamp: `2024-01-31 05:00:00`.
    public var description: String { "\(date) \(zeroPadded(hour, to: 2)):00:00" }

    /// Orders by time.
    public static func < (left: CivilTime, right: CivilTime) -> Bool {
        left.hoursSinceEpoch < right.hoursSinceEpoch
    }
}
