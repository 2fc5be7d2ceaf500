/// Numbers of a column as DuckDB prints them.
enum MeasuredText {
    /// Of text, so many characters are told.
    static let greatestLength = 64

    static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        String(String.UnicodeScalarView(String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix(greatestLength)))
    }

    /// Swift and DuckDB both write the fewest digits that are read as the same number.
    static func double(_ value: Double) -> String { value.isNaN ? "nan" : value.description }

    static func float(_ value: Float) -> String { value.isNaN ? "nan" : value.description }

    static func decimal(_ value: Int128, scale: Int) -> String {
        guard scale > 0 else { return String(value) }
        let digits = String(value.magnitude)
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        return (value < 0 ? "-" : "") + padded.dropLast(scale) + "." + padded.suffix(scale)
    }

    static func date(_ days: Int64) -> String {
        if days == Int64(Int32.max) { return "infinity" }
        if days == -Int64(Int32.max) { return "-infinity" }
        let (date, era) = calendar(days)
        return date + era
    }

    static func time(_ micros: Int64) -> String {
        let seconds = micros / 1_000_000
        let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }.joined(separator: ":")
        return clock + fraction(micros % 1_000_000, digits: 6)
    }

    static func timestamp(_ count: Int64, unitsPerSecond: Int64, suffix: String) -> String {
        if count == .max { return "infinity" }
        if count == -.max { return "-infinity" }
        let perDay = unitsPerSecond * 86_400
        let days = count >= 0 ? count / perDay : -((perDay - 1 - count) / perDay)
        // Not a product, which might not fit at the ends of the range.
        let rest = count - days * perDay
        let (date, era) = calendar(days)
        let seconds = rest / unitsPerSecond
        let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }.joined(separator: ":")
        let digits = unitsPerSecond == 1_000_000_000 ? 9 : 6
        return date + " " + clock + fraction(rest % unitsPerSecond, digits: digits) + suffix + era
    }

    private static func fraction(_ value: Int64, digits: Int) -> String {
        guard value != 0 else { return "" }
        var text = padded(value, digits)
        while text.last == "0" { text.removeLast() }
        return "." + text
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// The civil date of a number of days since 1970-01-01, in the proleptic Gregorian calendar.
    ///
    /// Years are counted from March, so that a leap day is the last one of its year.
    private static func calendar(_ days: Int64) -> (date: String, era: String) {
        let shifted = days + 719_468
        let cycle = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfCycle = shifted - cycle * 146_097
        let yearOfCycle = (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0)
        let shown = year > 0 ? year : 1 - year
        return ("\(padded(shown, 4))-\(padded(month, 2))-\(padded(day, 2))", year > 0 ? "" : " (BC)")
    }
}
