internal import Foundation

/// A number that was written as text, and how it differs from another.
///
/// Sums may have more digits than a machine's integer or floating-point number holds.
struct Quantity: Sendable, Hashable {
    private let value: Decimal

    init(_ number: some BinaryInteger) { value = Decimal(string: String(number)) ?? 0 }

    /// Reads a number; nil where the text is something else, such as a date, a word or `nan`.
    init?(_ text: String) {
        guard text.wholeMatch(of: /-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?/) != nil,
            let value = Decimal(string: text, locale: Locale(identifier: "en_US_POSIX")), value.isFinite
        else { return nil }
        self.value = value
    }

    /// The number for people: six digits after the point at most, since the rest is what adding binary fractions leaves.
    static func text(_ text: String) -> String {
        // A whole number may have more digits than this type keeps.
        guard text.contains("."), let quantity = Quantity(text) else { return NumberText.groupedDigits(text) }
        return self.text(of: quantity.value)
    }

    private static func text(of value: Decimal) -> String {
        var (value, rounded) = (value, Decimal())
        NSDecimalRound(&rounded, &value, 6, .plain)
        // What is that small is told as it is.
        return NumberText.groupedDigits((rounded.isZero ? value : rounded).description)
    }

    /// What was added or taken away: `+12`, `-1,111.11`; empty where nothing was.
    static func difference(from old: Quantity, to new: Quantity) -> String {
        let difference = new.value - old.value
        guard !difference.isZero else { return "" }
        return (difference > 0 ? "+" : "") + Quantity.text(of: difference)
    }

    /// The difference as a part of the old number: `+3.2%`; empty where there is none, or nothing that it is a part of.
    ///
    /// Small is not nothing, and nearly all is not all: they are never rounded to 0 or 100.
    static func percentage(from old: Quantity, to new: Quantity) -> String {
        guard !old.value.isZero, old.value != new.value else { return "" }
        let part = NSDecimalNumber(decimal: (new.value - old.value) / old.value.magnitude * 100).doubleValue
        let sign = part > 0 ? "+" : "-"
        let size = abs(part)
        if size < 0.1 { return "<0.1%" }
        if part < 0, size < 100, size > 99.9 { return "-99.9%" }
        if size >= 1e9 { return "" }
        return sign + (size >= 100 ? NumberText.grouped(Int64(size.rounded())) : NumberText.oneDecimal(size)) + "%"
    }

    /// Both: `-72 (-11.8%)`; empty where nothing changed.
    static func change(from old: Quantity, to new: Quantity) -> String {
        let percentage = percentage(from: old, to: new)
        return difference(from: old, to: new) + (percentage.isEmpty ? "" : " (\(percentage))")
    }
}
