/// Takes the lines of an environment file apart: `NAME=value`, as shells and Docker read them where both agree.
///
/// Nothing in a value is expanded, and no message shows one: such files are where passwords are kept.
struct EnvironmentFileParser {
    /// One variable.
    struct Line: Hashable {
        let number: Int
        let name: String
        let value: String
    }

    private let file: String
    private let number: Int

    /// The variables of a text, in their order.
    static func parse(_ text: String, file: String) throws(ConfigurationError) -> [Line] {
        var lines: [Line] = []
        // Not by Character, for which a carriage return and a line feed are one.
        let texts = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, scalars) in texts.enumerated() {
            var line = Substring(scalars)
            if index == 0, line.hasPrefix("\u{FEFF}") { line.unicodeScalars.removeFirst() }
            if line.unicodeScalars.last == "\r" { line.unicodeScalars.removeLast() }
            let parser = EnvironmentFileParser(file: file, number: index + 1)
            if let line = try parser.parse(line) { lines.append(line) }
        }
        return lines
    }

    private func parse(_ text: Substring) throws(ConfigurationError) -> Line? {
        var rest = text.drop(while: Self.isBlank)
        guard let first = rest.first, first != "#" else { return nil }
        if rest.hasPrefix("export"), rest.dropFirst(6).first.map(Self.isBlank) == true {
            rest = rest.dropFirst(6).drop(while: Self.isBlank)
        }
        guard let equals = rest.firstIndex(of: "=") else {
            throw error("The line sets nothing: write NAME=value, or '#' before a comment.")
        }
        let name = rest[..<equals]
        guard Self.isName(name) else {
            throw error(
                "What stands before '=' cannot be the name of a variable: letters, digits and '_', and no space.")
        }
        return Line(number: number, name: String(name), value: try value(rest[rest.index(after: equals)...], of: name))
    }

    private func value(_ text: Substring, of name: Substring) throws(ConfigurationError) -> String {
        switch text.first {
        case "'": return try quoted(text, of: name, by: "'")
        case "\"": return try quoted(text, of: name, by: "\"")
        case .some(let first) where Self.isBlank(first):
            let value = text.drop(while: Self.isBlank)
            // Shells would run what follows the space as a command.
            guard value.isEmpty || value.first == "#" else {
                throw error(
                    "A space follows '\(name)=': write the value right after '=', in quotes where it needs them.")
            }
            return ""
        default: return plain(text)
        }
    }

    /// The text up to a comment, which needs a space before it, without the spaces at its end.
    private func plain(_ text: Substring) -> String {
        var end = text.startIndex
        var isAfterBlank = true
        for index in text.indices {
            let character = text[index]
            if character == "#", isAfterBlank { break }
            isAfterBlank = Self.isBlank(character)
            if !isAfterBlank { end = text.index(after: index) }
        }
        return String(text[..<end])
    }

    private func quoted(
        _ text: Substring, of name: Substring, by quote: Character
    ) throws(ConfigurationError) -> String {
        var value = ""
        var rest = text.dropFirst()
        while let character = rest.popFirst() {
            if character == quote {
                let after = rest.drop(while: Self.isBlank)
                guard after.isEmpty || after.first == "#" else {
                    throw error("Something follows the quotes of \(name): remove it, or quote the whole value.")
                }
                return value
            }
            guard character == "\\", quote == "\"" else {
                value.append(character)
                continue
            }
            guard let escaped = rest.popFirst(), let meant = Self.escapes[escaped] else {
                throw error(
                    "A backslash in the value of \(name) begins no escape: between double quotes there are \\n, \\r, \\t, "
                        + "\\\\, \\\", \\$ and \\`. Between single quotes a backslash is itself.")
            }
            value.append(meant)
        }
        throw error("The quotes of \(name) are not closed. A value ends in the line that it begins in.")
    }

    private static let escapes: [Character: Character] = [
        "n": "\n", "r": "\r", "t": "\t", "\\": "\\", "\"": "\"", "$": "$", "`": "`",
    ]

    private func error(_ message: String) -> ConfigurationError {
        ConfigurationError(message, file: file, at: SourcePosition(line: number, column: 1))
    }

    private static func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.first, !first.isNumber else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }
}
