/// The label of one partition: an hour, a day or a month of the calendar.
///
/// Keys of one granularity sort as text as they sort by time: `2024-01-01T05`, `2024-01-01`, `2024-01`.
public struct PartitionKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The size of the partition.
    public let granularity: Granularity
    /// Hours, days or months since the start of 1970; consecutive partitions have consecutive ordinals.
    public let ordinal: Int

    /// Creates the key of the partition with the given ordinal.
    public init(granularity: Granularity, ordinal: Int) {
        self.granularity = granularity
        self.ordinal = ordinal
    }

    /// Creates the key of the partition in which a date and hour lie.
    public init(granularity: Granularity, containing date: CivilDate, hour: Int = 0) {
        let ordinal =
            switch granularity {
            case .hour: date.daysSinceEpoch * 24 + hour
            case .day: date.daysSinceEpoch
            case .month: (date.year - 1970) * 12 + date.month - 1
            }
        self.init(granularity: granularity, ordinal: ordinal)
    }

    /// Where the partition starts, inclusive.
    public var start: CivilTime { PartitionKey.start(of: ordinal, granularity) }

    /// Where the partition ends, exclusive.
    public var end: CivilTime { PartitionKey.start(of: ordinal + 1, granularity) }

    /// The first day that the partition covers.
    public var date: CivilDate { start.date }

    /// The partition that follows.
    public var next: PartitionKey { advanced(by: 1) }

    /// The key `distance` partitions later, or earlier where it is negative.
    public func advanced(by distance: Int) -> PartitionKey {
        PartitionKey(granularity: granularity, ordinal: ordinal + distance)
    }

    /// The key in its canonical form, as it stands in the ledger and in directory names.
    public var description: String {
        switch granularity {
        case .hour: "\(date)T\(zeroPadded(start.hour, to: 2))"
        case .day: date.description
        case .month: "\(zeroPadded(date.year, to: 4))-\(zeroPadded(date.month, to: 2))"
        }
    }

    /// Orders by time; keys of different granularities have no common order and compare by granularity first.
    public static func < (left: PartitionKey, right: PartitionKey) -> Bool {
        guard left.granularity == right.granularity else {
            return left.granularity.rawValue < right.granularity.rawValue
        }
        return left.ordinal < right.ordinal
    }

    private static func start(of ordinal: Int, _ granularity: Granularity) -> CivilTime {
        switch granularity {
        case .hour:
            return CivilTime(hoursSinceEpoch: ordinal)
        case .day:
            return CivilTime(date: CivilDate(daysSinceEpoch: ordinal), hour: 0)
        case .month:
            let yearsSinceEpoch = floorDivide(ordinal, 12)
            let firstDay = CivilDate(year: 1970 + yearsSinceEpoch, month: ordinal - yearsSinceEpoch * 12 + 1, day: 1)
            // Only the month after 9999-12 is no CivilDate: the exclusive end of the last partition there is.
            let date = firstDay ?? CivilDate(daysSinceEpoch: 2_932_897)
            return CivilTime(date: date, hour: 0)
        }
    }
}
