internal import Partitions

/// A path with fields of the partition, in the notation of strftime(3): `%Y-%m-%d`.
struct PathPattern {
    private let text: String

    init(_ text: String) {
        self.text = text
    }

    /// The path for one partition, with the fields of its first moment.
    ///
    /// - Throws: `TransformError` where a field is none of those that are known.
    func path(for key: PartitionKey) throws(TransformError) -> String {
        var path = ""
        var rest = text[...]
        while let percent = rest.firstIndex(of: "%") {
            path += rest[..<percent]
            rest = rest[percent...].dropFirst()
            let isUnpadded = rest.first == "-"
            if isUnpadded { rest = rest.dropFirst() }
            guard let letter = rest.first, let field = PathPattern.field(letter, of: key.start) else {
                let found = "%" + (isUnpadded ? "-" : "") + rest.prefix(1)
                throw TransformError(
                    .misuse,
                    "'\(found)' in the path '\(text)' is no field of a partition. Known are %Y, %m, %d, %H, %j, %y, "
                        + "%b, %B and %F, with '-' after the % for numbers without leading zeros; %% is a percent sign."
                )
            }
            path += isUnpadded ? PathPattern.withoutLeadingZeros(field) : field
            rest = rest.dropFirst()
        }
        return path + rest
    }

    private static func field(_ letter: Character, of time: CivilTime) -> String? {
        let date = time.date
        switch letter {
        case "Y": return String(date.description.prefix(4))
        case "m": return twoDigits(date.month)
        case "d": return twoDigits(date.day)
        case "H": return twoDigits(time.hour)
        case "y": return twoDigits(date.year % 100)
        case "F": return date.description
        case "j": return dayOfYear(date)
        case "b": return String(months[date.month - 1].prefix(3))
        case "B": return months[date.month - 1]
        case "%": return "%"
        default: return nil
        }
    }

    private static func dayOfYear(_ date: CivilDate) -> String? {
        guard let firstDay = CivilDate(year: date.year, month: 1, day: 1) else { return nil }
        let number = date.daysSinceEpoch - firstDay.daysSinceEpoch + 1
        return (number < 100 ? "0" : "") + twoDigits(number)
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func withoutLeadingZeros(_ field: String) -> String {
        let trimmed = field.drop { $0 == "0" }
        return trimmed.isEmpty ? "0" : String(trimmed)
    }

    /// English, whatever the locale: a path does not change with the machine.
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
}
