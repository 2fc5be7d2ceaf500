/// Durations as people write and read them.
enum DurationText {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// Parses `90s`, `2d`, `1h30m`, `500ms`.
    ///
    /// - Throws: `ValueError` that names the text, also for a number without a unit.
    static func parse(_ text: String) throws(ValueError) -> Duration {
        var rest = Substring(text.filter { $0 != " " })
        var total: Int64 = 0
        var isEmpty = true
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard let count = Int64(digits), let unit = units.first(where: { $0.name == name }) else {
                throw malformed(text)
            }
            let (part, partOverflows) = count.multipliedReportingOverflow(by: unit.milliseconds)
            let (sum, sumOverflows) = total.addingReportingOverflow(part)
            guard !partOverflows, !sumOverflows else { throw malformed(text) }
            total = sum
            isEmpty = false
        }
        guard !isEmpty else { throw malformed(text) }
        return .milliseconds(total)
    }

    /// A duration in its two greatest units: `1h 05m`, `2m 30s`, `4.2s`, `35ms`.
    static func describe(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        if milliseconds < 1000, milliseconds != 0 { return "\(max(0, milliseconds))ms" }
        if milliseconds < 10_000, !milliseconds.isMultiple(of: 1000) {
            return "\(milliseconds / 1000).\(milliseconds % 1000 / 100)s"
        }
        let seconds = milliseconds / 1000
        if seconds < 60 { return "\(seconds)s" }
        if seconds < 3600 { return "\(seconds / 60)m \(twoDigits(seconds % 60))s" }
        if seconds < 86_400 { return "\(seconds / 3600)h \(twoDigits(seconds % 3600 / 60))m" }
        return "\(seconds / 86_400)d \(twoDigits(seconds % 86_400 / 3600))h"
    }

    /// A number of seconds likewise.
    static func describe(seconds: Double) -> String {
        describe(.milliseconds(Int64((min(seconds, 1e12) * 1000).rounded())))
    }

    /// A duration as `parse` reads it back: `90s`, `5m`, `500ms`.
    static func canonical(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        let unit = units.last { milliseconds.isMultiple(of: $0.milliseconds) && milliseconds >= $0.milliseconds }
        guard let unit else { return "0s" }
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }

    private static func malformed(_ text: String) -> ValueError {
        ValueError(message: "'\(text)' is not a duration: write a number with ms, s, m, h or d, such as 90s or 1h30m.")
    }

    private static func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }

    /// Seconds with their fraction.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
