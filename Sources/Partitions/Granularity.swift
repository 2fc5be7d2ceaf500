/// The size of one partition of a table's calendar.
public enum Granularity: String, Sendable, Hashable, CaseIterable, Codable {
    case hour
    case day
    case month

    /// The form of a key, as a user types it.
    public var keyFormat: String {
        switch self {
        case .hour: "YYYY-MM-DDTHH"
        case .day: "YYYY-MM-DD"
        case .month: "YYYY-MM"
        }
    }

    /// A key of this granularity, for help texts and error messages.
    public var exampleKey: String {
        switch self {
        case .hour: "2024-01-31T05"
        case .day: "2024-01-31"
        case .month: "2024-01"
        }
    }
}
