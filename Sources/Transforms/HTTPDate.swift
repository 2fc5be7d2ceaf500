internal import Partitions

/// A moment as HTTP writes it, in one of the three forms that a recipient must accept (RFC 9110, 5.6.7):
/// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
struct HTTPDate: Sendable, Hashable {
    let secondsSince1970: Int

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

    /// Reads a moment; nil where the text is none.
    ///
    /// - Parameters:
    ///   - text: The value of a field.
    ///   - now: The seconds since 1970, by which two digits of a year are understood.
    init?(_ text: String, now: Int) {
        let words = text.split(whereSeparator: { $0 == " " })
        guard let weekday = words.first else { return nil }
        let name = weekday.last == "," ? weekday.dropLast() : weekday
        switch (words.count, weekday.last == ",") {
        case (6, true) where HTTPDate.isShort(name) && words[5] == "GMT":
            self.init(year: Int(words[3]), month: words[2], day: words[1], time: words[4])
        case (4, true) where HTTPDate.days.contains(String(name)) && words[3] == "GMT":
            let date = words[1].split(separator: "-", omittingEmptySubsequences: false)
            guard date.count == 3, date[2].count == 2, let year = Int(date[2]) else { return nil }
            self.init(year: HTTPDate.century(of: year, now: now), month: date[1], day: date[0], time: words[2])
        case (5, false) where HTTPDate.isShort(name):
            self.init(year: Int(words[4]), month: words[1], day: words[2], time: words[3])
        default: return nil
        }
    }

    private init?(year: Int?, month: Substring, day: Substring, time: Substring) {
        guard let year, let month = HTTPDate.months.firstIndex(of: String(month)), let day = Int(day),
            let date = CivilDate(year: year, month: month + 1, day: day)
        else { return nil }
        let clock = time.split(separator: ":", omittingEmptySubsequences: false).compactMap { Int($0) }
        // A leap second is written, and is the first of the next minute for whoever counts without them.
        guard clock.count == 3, (0...23).contains(clock[0]), (0...59).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        secondsSince1970 = date.daysSinceEpoch * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
    }

    private static func isShort(_ name: Substring) -> Bool { days.contains { $0.prefix(3) == name } }

    /// A year of two digits, which is never more than fifty years ahead.
    private static func century(of year: Int, now: Int) -> Int {
        let current = CivilDate(daysSinceEpoch: now / 86_400).year
        let guess = current - current % 100 + year
        if guess > current + 50 { return guess - 100 }
        return guess <= current - 50 ? guess + 100 : guess
    }
}
