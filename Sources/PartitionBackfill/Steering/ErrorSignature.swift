/// What the same error has in common on many partitions: its text without numbers, paths and quoted names.
package struct ErrorSignature: Sendable, Hashable, CustomStringConvertible {
    /// The text.
    package let description: String

    /// Takes out of an error what differs from partition to partition.
    package init(of error: String) {
        var text = ""
        var rest = error[...]
        var last: Character = " "
        while let first = rest.first, text.utf8.count < 500 {
            let skipped: Int
            if let length = ErrorSignature.quoted(rest, after: last) {
                text += "'…'"
                skipped = length
            } else if let length = ErrorSignature.path(rest, after: last) {
                text += "/…"
                skipped = length
            } else if first.isHexDigit, let length = ErrorSignature.number(rest, after: last) {
                text += "#"
                skipped = length
            } else {
                text.append(first)
                skipped = 1
            }
            last = rest[rest.index(rest.startIndex, offsetBy: skipped - 1)]
            rest = rest.dropFirst(skipped)
        }
        description = text
    }

    /// The length of a quoted name at the start of a text; an apostrophe within a word quotes nothing.
    private static func quoted(_ text: Substring, after last: Character) -> Int? {
        guard let quote = text.first, "'\"`".contains(quote), !last.isLetter, !last.isNumber else { return nil }
        let inner = text.dropFirst().prefix { $0 != quote }
        guard inner.count + 1 < text.count else { return nil }
        return inner.count + 2
    }

    /// The length of a path or an address at the start of a text.
    private static func path(_ text: Substring, after last: Character) -> Int? {
        let end = text.prefix { !$0.isWhitespace && !"'\",;()".contains($0) }
        guard end.count > 1, !last.isLetter, !last.isNumber else { return nil }
        return end.first == "/" || end.contains("://") ? end.count : nil
    }

    /// The length of a number at the start of a text, which may be a date, or have letters as ids in hexadecimal do.
    private static func number(_ text: Substring, after last: Character) -> Int? {
        if text.first?.isNumber == true {
            return text.prefix { $0.isHexDigit || $0 == "-" || $0 == "." || $0 == ":" }.count
        }
        guard !last.isLetter, !last.isNumber else { return nil }
        let word = text.prefix { $0.isLetter || $0.isNumber || $0 == "-" }
        let isID = word.count >= 8 && word.contains(where: \.isNumber) && word.allSatisfy { $0.isHexDigit || $0 == "-" }
        return isID ? word.count : nil
    }
}
