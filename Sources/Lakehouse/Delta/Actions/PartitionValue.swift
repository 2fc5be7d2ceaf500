internal import Partitions

/// A partition value with its type: two spellings of one date are one value.
///
/// The spellings are those of the protocol's "Partition Value Serialization".
enum PartitionValue: Hashable {
    case null
    case boolean(Bool)
    case integer(Int64)
    /// Days since 1970-01-01.
    case date(Int)
    /// Microseconds since 1970-01-01 00:00 without a time zone, or in UTC where the text says so.
    case timestamp(Int64)
    /// A timestamp in the unknown zone of whoever wrote it.
    case zonelessInstant(Int64)
    case text(String)
    /// The log does not give the column's value at all.
    case missing
    /// Text that is no value of the column's type.
    case malformed(String)

    /// Reads a value of a column of a type; an empty text is null.
    init(_ text: String?, type: DeltaType) {
        guard let text, !text.isEmpty else {
            self = .null
            return
        }
        guard case .primitive(let name) = type else {
            self = .malformed(text)
            return
        }
        self = PartitionValue.parse(text, name) ?? .malformed(text)
    }

    /// Whether the value is none that the column's type has.
    var isUnusable: Bool {
        switch self {
        case .missing, .malformed: true
        default: false
        }
    }

    private static func parse(_ text: String, _ type: String) -> PartitionValue? {
        switch type {
        case "byte", "short", "integer", "long": Int64(text).map { .integer($0) }
        case "boolean":
            switch text.lowercased() {
            case "true": .boolean(true)
            case "false": .boolean(false)
            default: nil
            }
        case "date": days(text).map { .date($0) }
        case "timestamp_ntz": CivilInstant(text).map { .timestamp($0.microseconds) }
        case "timestamp":
            CivilInstant(text).map { $0.isUTC ? .timestamp($0.microseconds) : .zonelessInstant($0.microseconds) }
        // Of the other types no two spellings are compared: one writer spells a value one way.
        default: .text(text)
        }
    }

    private static func days(_ text: String) -> Int? {
        (try? PartitionKey(parsing: text, as: .day))?.ordinal
    }
}

/// A date and a time of day, as partition values spell them: `2024-01-31 23:59:59.5` or `2024-01-31T23:59:59.5Z`.
struct CivilInstant: Hashable {
    let microseconds: Int64
    let isUTC: Bool

    init?(_ text: String) {
        var rest = Substring(text)
        isUTC = rest.hasSuffix("Z")
        if isUTC { rest.removeLast() }
        guard let separator = rest.firstIndex(where: { $0 == " " || $0 == "T" }) else { return nil }
        guard let day = try? PartitionKey(parsing: String(rest[..<separator]), as: .day),
            let time = CivilInstant.microsecondsOfDay(rest[rest.index(after: separator)...])
        else { return nil }
        microseconds = Int64(day.ordinal) * 86_400_000_000 + time
    }

    private static func microsecondsOfDay(_ text: Substring) -> Int64? {
        let halves = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fields = halves[0].split(separator: ":", omittingEmptySubsequences: false)
        let numbers = fields.compactMap { $0.count == 2 && $0.allSatisfy(\.isASCII) ? Int64($0) : nil }
        guard numbers.count == 3, fields.count == 3, (0..<24).contains(numbers[0]), (0..<60).contains(numbers[1]),
            (0..<60).contains(numbers[2])
        else { return nil }
        let seconds = numbers[0] * 3600 + numbers[1] * 60 + numbers[2]
        guard halves.count == 2 else { return seconds * 1_000_000 }
        let digits = halves[1]
        guard (1...9).contains(digits.count), digits.allSatisfy({ $0.isASCII && $0.isNumber }),
            let fraction = Int64((digits + "000000").prefix(6))
        else { return nil }
        return seconds * 1_000_000 + fraction
    }
}
