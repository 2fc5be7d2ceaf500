internal import Partitions

/// How the keys of a job stand in a table's partition column.
struct PartitionColumn: Hashable {
    let field: DeltaField

    /// The column for keys of a granularity in a table that is about to be made.
    ///
    /// An hour or a month is text, as in folders: no other type has them without asking more of readers, or pretending a
    /// precision that the partition does not have.
    static func new(_ name: String, for granularity: Granularity) -> DeltaField {
        DeltaField(name: name, type: .primitive(granularity == .day ? "date" : "string"))
    }

    /// The value of a key; nil where the column's type cannot hold keys of this granularity.
    func value(of key: PartitionKey) -> PartitionValue? {
        switch (typeName, key.granularity) {
        case ("string", _): .text(key.description)
        case ("date", .day), ("date", .month): .date(key.date.daysSinceEpoch)
        case ("timestamp_ntz", .hour), ("timestamp_ntz", .day): .timestamp(PartitionColumn.microseconds(key.start))
        default: nil
        }
    }

    /// The value as a log spells it.
    func text(of key: PartitionKey) -> String {
        switch typeName {
        case "date": key.date.description
        case "timestamp_ntz": key.start.description
        default: key.description
        }
    }

    /// A predicate for those who read the table's history.
    func predicate(of key: PartitionKey) -> String { "\(field.name) = '\(text(of: key))'" }

    /// Values that lie within a key's time and are not its start: rows would lose them if the partition was replaced.
    func valuesWithin(_ key: PartitionKey, of values: some Collection<PartitionValue>) -> [PartitionValue] {
        guard typeName == "timestamp_ntz" || typeName == "date" && key.granularity == .month else { return [] }
        let days = key.date.daysSinceEpoch..<key.end.date.daysSinceEpoch
        let time = PartitionColumn.microseconds(key.start)..<PartitionColumn.microseconds(key.end)
        return values.filter { value in
            switch value {
            case .date(let day): days.contains(day) && day != days.lowerBound
            case .timestamp(let instant): time.contains(instant) && instant != time.lowerBound
            default: false
            }
        }
    }

    private var typeName: String { field.type.name }

    private static func microseconds(_ time: CivilTime) -> Int64 {
        Int64(time.hoursSinceEpoch) * 3_600_000_000
    }
}

/// Texts of keys.
enum PartitionKeyText {
    /// The date that lies so many days after 1970-01-01.
    static func day(_ ordinal: Int) -> String { PartitionKey(granularity: .day, ordinal: ordinal).description }
}
