/// A partition key or range that cannot be.
public enum PartitionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text has not the form of a key.
    case malformedKey(String, granularity: Granularity, suggestion: String?)
    /// The text is a key, but of another granularity than the job's.
    case wrongGranularity(String, found: Granularity, expected: Granularity)
    /// The calendar has no such date.
    case noSuchDate(String)
    /// The day has no such hour.
    case noSuchHour(String)
    /// The first partition of a range lies after its last.
    case emptyRange(from: String, to: String)

    /// A sentence for the user that names the offending value.
    public var description: String {
        switch self {
        case .malformedKey(let text, let granularity, let suggestion):
            let guess = suggestion.map { " Did you mean '\($0)'?" } ?? ""
            let article = granularity == .hour ? "an" : "a"
            return "'\(text)' is not \(article) \(granularity) of the form \(granularity.keyFormat).\(guess)"
        case .wrongGranularity(let text, let found, let expected):
            return "'\(text)' is a \(found), but the job is partitioned by \(expected): write it as "
                + "\(expected.keyFormat), for example \(expected.exampleKey)."
        case .noSuchDate(let text):
            return "'\(text)' is not a date of the calendar."
        case .noSuchHour(let text):
            return "'\(text)' is not an hour: the last of a day is 23."
        case .emptyRange(let from, let to):
            return "The range is empty: from '\(from)' lies after to '\(to)'. Both ends are inclusive."
        }
    }
}
