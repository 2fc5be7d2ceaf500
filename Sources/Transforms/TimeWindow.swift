public import Foundation

/// Hours of the day within which partitions may be started, on the wall clock of a time zone.
public struct TimeWindow: Sendable, Hashable, CustomStringConvertible {
    /// A time of the day, in minutes since midnight.
    public typealias Minutes = Int

    /// How the window stands at a moment.
    public enum Standing: Sendable, Hashable {
        /// Partitions may be started: between these moments.
        case open(since: Date, until: Date)
        /// They may not, until then.
        case closed(until: Date)
    }

    /// When it opens.
    public let start: Minutes
    /// When it closes; earlier than the start where it goes over midnight.
    public let end: Minutes
    private let wall: WallClock

    /// Reads `22:00-06:00 Europe/Berlin`; nil where the text is no window.
    ///
    /// Without a zone it is UTC.
    public init?(parsing text: String) {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard (1...2).contains(words.count) else { return nil }
        let times = words[0].split(separator: "-", omittingEmptySubsequences: false)
        guard times.count == 2, let start = Self.minutes(times[0]), let end = Self.minutes(times[1]), start != end,
            start < 1440, let zone = TimeZone(identifier: words.count == 2 ? words[1] : "UTC")
        else { return nil }
        self.start = start
        self.end = end % 1440
        wall = WallClock(zone: zone)
    }

    /// The window as it is written.
    public var description: String { "\(Self.text(start))-\(Self.text(end)) \(wall.zone.identifier)" }

    /// How the window stands at a moment.
    ///
    /// The wall clock decides: on the night in which clocks go forward the window is an hour shorter, on the one in which
    /// they go back an hour longer. A time that the clock leaps over is the moment of the leap; of one that it shows twice,
    /// a window opens at the first and closes at the second.
    public func standing(at moment: Date) -> Standing {
        let today = wall.day(of: moment)
        var next: Date?
        for day in (today - 1)...(today + 3) {
            let opens = wall.earliest(minutes: start, of: day)
            let closes = wall.latest(minutes: end, of: end > start ? day : day + 1)
            if opens <= moment, moment < closes { return .open(since: opens, until: closes) }
            // A night in which the clocks leap over all of it has no window.
            if opens > moment, opens < closes, next == nil { next = opens }
        }
        // One of the days after a moment begins after it.
        return .closed(until: next ?? moment.addingTimeInterval(86_400))
    }

    /// Whether a partition may be started that will probably take some time.
    ///
    /// It may while it is done before the window closes; where it takes long, at least in the window's first half, so that
    /// it is not put off for ever.
    public func admits(_ moment: Date, expecting duration: Duration?) -> Bool {
        guard case .open(let since, let until) = standing(at: moment) else { return false }
        let half = until.timeIntervalSince(since) / 2
        let needed = duration.map { $0 / .seconds(1) } ?? 0
        return moment.addingTimeInterval(min(needed, half)) <= until
    }

    private static func minutes(_ text: Substring) -> Minutes? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].count == 2, (1...2).contains(parts[0].count), let hours = Int(parts[0]),
            let minutes = Int(parts[1]), (0...24).contains(hours), (0...59).contains(minutes),
            hours < 24 || minutes == 0
        else { return nil }
        return hours * 60 + minutes
    }

    private static func text(_ minutes: Minutes) -> String {
        let fields = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return fields.joined(separator: ":")
    }
}

/// What the clocks on the walls of a time zone show.
struct WallClock: Sendable, Hashable {
    let zone: TimeZone

    /// The day that a moment is on, counted from 1970-01-01.
    func day(of moment: Date) -> Int {
        let local = moment.timeIntervalSince1970 + Double(zone.secondsFromGMT(for: moment))
        return Int((local / 86_400).rounded(.down))
    }

    /// The first moment at which the clocks show a time of a day.
    func earliest(minutes: Int, of day: Int) -> Date { moments(minutes, day).min() ?? leap(minutes, day) }

    /// The last moment at which the clocks show a time of a day.
    func latest(minutes: Int, of day: Int) -> Date { moments(minutes, day).max() ?? leap(minutes, day) }

    /// The moments at which the clocks show a time: one, two where they are put back over it, none where they leap it.
    private func moments(_ minutes: Int, _ day: Int) -> [Date] {
        let local = Double(day) * 86_400 + Double(minutes) * 60
        let offsets = Set([-86_400.0, 86_400].map { offset(Date(timeIntervalSince1970: local + $0)) })
        return offsets.map { Date(timeIntervalSince1970: local - $0) }.filter {
            offset($0) == local - $0.timeIntervalSince1970
        }
    }

    /// The moment at which the clocks leap over a time.
    private func leap(_ minutes: Int, _ day: Int) -> Date {
        let local = Double(day) * 86_400 + Double(minutes) * 60
        var (before, after) = (local - 2 * 86_400, local + 2 * 86_400)
        let first = offset(Date(timeIntervalSince1970: before))
        while after - before > 1 {
            let middle = ((before + after) / 2).rounded(.down)
            if offset(Date(timeIntervalSince1970: middle)) == first { before = middle } else { after = middle }
        }
        return Date(timeIntervalSince1970: after)
    }

    private func offset(_ moment: Date) -> Double { Double(zone.secondsFromGMT(for: moment)) }
}
