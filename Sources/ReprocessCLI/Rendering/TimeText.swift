internal import Foundation
internal import Partitions

/// Moments as people and programs read them, always in UTC.
enum TimeText {
    /// A moment for people: `2024-07-01 12:00:03 UTC`.
    static func describe(_ moment: Date) -> String {
        let (date, time) = parts(of: moment)
        return "\(date) \(time) UTC"
    }

    /// A moment for programs (RFC 3339): `2024-07-01T12:00:03Z`.
    static func machineReadable(_ moment: Date) -> String {
        let (date, time) = parts(of: moment)
        return "\(date)T\(time)Z"
    }

    /// A moment for programs, to the millisecond: `2024-07-01T12:00:03.250Z`.
    static func precise(_ moment: Date) -> String {
        let (date, time) = parts(of: moment)
        let seconds = moment.timeIntervalSince1970
        let milliseconds = min(999, Int((seconds - seconds.rounded(.down)) * 1000))
        let padding = String(repeating: "0", count: milliseconds < 10 ? 2 : milliseconds < 100 ? 1 : 0)
        return "\(date)T\(time).\(padding)\(milliseconds)Z"
    }

    /// The time from one moment to another, never negative: two machines' clocks may differ.
    static func elapsed(from start: Date, to end: Date) -> Duration {
        .milliseconds(Int64(max(0, end.timeIntervalSince(start)) * 1000))
    }

    private static func parts(of moment: Date) -> (date: CivilDate, time: String) {
        let seconds = Int(moment.timeIntervalSince1970.rounded(.down))
        let days = Int((Double(seconds) / 86_400).rounded(.down))
        let rest = seconds - days * 86_400
        let fields = [rest / 3600, rest % 3600 / 60, rest % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return (CivilDate(daysSinceEpoch: days), fields.joined(separator: ":"))
    }
}
