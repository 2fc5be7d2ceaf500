internal import DuckDBEngine

/// Takes row data out of DuckDB's messages.
///
/// Errors that come up while rows are read quote the values that they could not use. What is left of such a message is
/// what DuckDB says of its own: names of columns, files and types, line numbers, and what the user's statement says.
struct Redaction {
    /// What stands in for a value.
    static let mask = "…"

    /// Text that a user wrote or names: the statement, and the paths of files.
    let known: [String]
    /// The statement raises errors of its own with `error(…)`, whose text may be anything.
    let hasOwnErrors: Bool

    /// The message of an error, without row data.
    func message(of error: DuckDBError) -> String {
        switch error.kind {
        case .parser, .binder, .catalog, .io, .http, .permission, .outOfMemory, .missingExtension, .interrupted,
            .libraryMissing, .libraryUnsuitable:
            return RedactedURL.removingSecrets(from: error.message)
        case .conversion, .outOfRange, .invalidInput, .other:
            if let report = CSVErrorReport(error.message) { return report.message }
            return RedactedURL.removingSecrets(from: masked(error.message))
        }
    }

    private func masked(_ message: String) -> String {
        // Later lines repeat the value, or are advice for the SQL prompt.
        let withoutQuotes = maskingQuotes(in: message)
        let firstLine = String(withoutQuotes.prefix { !$0.isNewline })
        let words = firstLine.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        var result: [String] = []
        for (index, word) in words.enumerated() {
            let previous = index > 0 ? words[index - 1] : ""
            result.append(masked(word, after: previous))
        }
        return result.joined(separator: " ")
    }

    /// Masks from the first quoted value to the last quote of its kind, since a value may hold quotes itself.
    private func maskingQuotes(in message: String) -> String {
        var result = ""
        var rest = message[...]
        while let open = rest.firstIndex(where: { $0 == "'" || $0 == "\"" }) {
            let quote = rest[open]
            let before = rest[..<open]
            let inner = rest[rest.index(after: open)...]
            // The apostrophe of "can't" quotes nothing.
            if quote == "'", before.last?.isLetter == true {
                result += rest[...open]
                rest = inner
                continue
            }
            result += before
            if let close = inner.firstIndex(of: quote), isName(inner[..<close], after: result) {
                result += rest[open...close]
                rest = inner[inner.index(after: close)...]
                continue
            }
            result += String(quote) + Redaction.mask
            guard let last = lastQuote(quote, in: inner) else { return result }
            rest = inner[last...].dropFirst()
            result.append(quote)
        }
        return result + rest
    }

    /// The last quote in a text that is no apostrophe within a word.
    private func lastQuote(_ quote: Character, in text: Substring) -> Substring.Index? {
        text.indices.last { text[$0] == quote && text[text.index(after: $0)...].first?.isLetter != true }
    }

    /// Whether quoted text is a name rather than a value: of a file, or of something that the statement names too.
    private func isName(_ text: Substring, after before: String) -> Bool {
        let word = before.split(whereSeparator: { !$0.isLetter }).last.map { $0.lowercased() }
        switch word {
        case "file": return true
        case "column", "specifier", "type", "function", "option": return known.contains { $0.contains(text) }
        default: return false
        }
    }

    private func masked(_ word: String, after previous: String) -> String {
        let bare = word.trimmingPrefix { Redaction.brackets.contains($0) }.prefix { !Redaction.brackets.contains($0) }
        if hasOwnErrors, !known.contains(where: { $0.contains(bare) }) { return Redaction.mask }
        // "Invalid input for hex digit: g"
        if previous == "digit:" { return Redaction.mask }
        let isNumber = bare.drop { "+-.".contains($0) }.first?.isNumber == true
        guard isNumber, !["line", "Line:", "byte"].contains(previous) else { return word }
        return known.contains { $0.contains(bare) } ? word : maskingNumbers(in: word)
    }

    private static let brackets = "('\"[]),!;"

    private func maskingNumbers(in word: String) -> String {
        let head = word.prefix { Redaction.brackets.contains($0) }
        let tail = word.reversed().prefix { Redaction.brackets.contains($0) }.reversed()
        return head + Redaction.mask + String(tail)
    }
}
