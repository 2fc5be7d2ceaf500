/// The least and the greatest value of a column, as JSON.
struct ColumnExtremes: Hashable {
    let minimum: String
    let maximum: String

    /// Spark cuts text here, too.
    private static let longestText = 32
    /// More than a reader can be trusted to keep that takes numbers for floating-point ones.
    private static let mostDigits = 15

    /// Takes the extremes of row groups that all say theirs; nil where the type has none that are certain.
    init?(chunks: [ColumnChunk], type: String) {
        let (low, high) = (chunks.compactMap(\.minimum), chunks.compactMap(\.maximum))
        guard !low.isEmpty, low.count == chunks.count, high.count == chunks.count else { return nil }
        let pair: (String, String)? =
            switch type {
            case "byte", "short", "integer", "long":
                ColumnExtremes.of(low, high) { Int64($0) }.map { ("\($0)", "\($1)") }
            case "boolean":
                ColumnExtremes.of(low, high) { ["false": 0, "true": 1][$0] }.map { ("\($0 == 1)", "\($1 == 1)") }
            case "date": ColumnExtremes.dates(low, high)
            case "string": ColumnExtremes.texts(low, high)
            case "double": ColumnExtremes.of(low, high, ColumnExtremes.finite).map { ("\($0)", "\($1)") }
            // The shortest text of a float is not its value: as a double it could be less.
            case "float":
                ColumnExtremes.of(low, high) { Float($0).map(Double.init).flatMap { $0.isFinite ? $0 : nil } }
                    .map { ("\($0)", "\($1)") }
            case "timestamp_ntz": ColumnExtremes.times(low, high, isUTC: false)
            case "timestamp": ColumnExtremes.times(low, high, isUTC: true)
            default: type.hasPrefix("decimal(") ? ColumnExtremes.decimals(low, high) : nil
            }
        guard let (minimum, maximum) = pair else { return nil }
        (self.minimum, self.maximum) = (minimum, maximum)
    }

    /// The extremes of values that can all be read.
    private static func of<Value: Comparable>(
        _ low: [String], _ high: [String], _ read: (String) -> Value?
    ) -> (Value, Value)? {
        let (lows, highs) = (low.compactMap(read), high.compactMap(read))
        guard lows.count == low.count, highs.count == high.count, let least = lows.min(), let greatest = highs.max()
        else { return nil }
        return (least, greatest)
    }

    private static func finite(_ text: String) -> Double? {
        Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    private static func dates(_ low: [String], _ high: [String]) -> (String, String)? {
        // Years of four digits sort as text; others are not read.
        func read(_ text: String) -> String? {
            PartitionValue(text, type: .primitive("date")).isUnusable ? nil : text
        }
        return of(low, high, read).map { (JSONText.quoted($0), JSONText.quoted($1)) }
    }

    private static func decimals(_ low: [String], _ high: [String]) -> (String, String)? {
        func read(_ text: String) -> Number? {
            guard text.count(where: \.isNumber) <= mostDigits, let value = finite(text) else { return nil }
            return Number(text: text, value: value)
        }
        return of(low, high, read).map { ($0.text, $1.text) }
    }

    /// Text is cut, and compared as bytes, which is how readers do it.
    private static func texts(_ low: [String], _ high: [String]) -> (String, String)? {
        let least = low.min { $0.utf8.lexicographicallyPrecedes($1.utf8) } ?? ""
        let greatest = high.max { $0.utf8.lexicographicallyPrecedes($1.utf8) } ?? ""
        // A prefix is not greater than the text, so it is a lower bound. An upper one needs a last character that no text
        // goes beyond.
        let minimum = String(String.UnicodeScalarView(least.unicodeScalars.prefix(longestText)))
        var kept = greatest.unicodeScalars.prefix(longestText)
        if kept.count < greatest.unicodeScalars.count {
            guard !greatest.unicodeScalars.contains("\u{10ffff}") else { return nil }
            kept.append("\u{10ffff}")
        }
        return (JSONText.quoted(minimum), JSONText.quoted(String(String.UnicodeScalarView(kept))))
    }

    /// Times are given in milliseconds: the least rounded down, the greatest up.
    private static func times(_ low: [String], _ high: [String], isUTC: Bool) -> (String, String)? {
        func read(_ text: String) -> Int64? {
            // DuckDB prints the zone of a file's timestamps, which is UTC.
            CivilInstant(text.hasSuffix("+00") ? String(text.dropLast(3)) : text)?.microseconds
        }
        guard let (least, greatest) = of(low, high, read) else { return nil }
        let down = least.flooredDivision(by: 1000)
        let up = -(-greatest).flooredDivision(by: 1000)
        return (
            JSONText.quoted(CivilInstant.text(milliseconds: down, isUTC: isUTC)),
            JSONText.quoted(CivilInstant.text(milliseconds: up, isUTC: isUTC))
        )
    }

    private struct Number: Comparable {
        let text: String
        let value: Double

        static func < (left: Number, right: Number) -> Bool { left.value < right.value }
    }
}
