/// Counts as people read them.
enum NumberText {
    /// A number with a comma between groups of three digits: `1,234,567`.
    static func grouped(_ number: some BinaryInteger) -> String {
        var digits = String(number.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits = String(digits.dropLast(3))
        }
        return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    /// A decimal number as text, with a comma between groups of three digits before the point: `-1,234.50`.
    ///
    /// Other text stays as it is.
    static func groupedDigits(_ text: String) -> String {
        let sign = text.prefix { $0 == "-" }
        let digits = text.dropFirst(sign.count).prefix { $0.isASCII && $0.isNumber }
        let rest = text.dropFirst(sign.count + digits.count)
        let isDecimal = rest.isEmpty || (rest.first == "." && rest.dropFirst().allSatisfy { $0.isASCII && $0.isNumber })
        guard isDecimal, sign.count < 2, digits.count > 3 else { return text }
        let head = digits.count % 3 == 0 ? 3 : digits.count % 3
        let groups = stride(from: head, to: digits.count, by: 3).map { digits.dropFirst($0).prefix(3) }
        return sign + ([digits.prefix(head)] + groups).joined(separator: ",") + rest
    }

    /// A count with its noun: `1 partition`, `182 partitions`.
    static func counted(_ number: Int, _ noun: String) -> String {
        "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    /// A number with one digit after the point.
    static func oneDecimal(_ number: Double) -> String {
        let tenths = Int64((number * 10).rounded())
        return "\(grouped(tenths / 10)).\(abs(tenths % 10))"
    }

    /// A part of a whole in percent, which is 100 only where nothing is left.
    static func percent(_ part: Int, of whole: Int) -> Int {
        whole == 0 ? 0 : part * 100 / whole
    }
}
