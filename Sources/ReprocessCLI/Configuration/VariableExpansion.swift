/// Puts environment variables into a text: `${NAME}` and `${NAME:-default}`; `$${` is a literal `${`.
enum VariableExpansion {
    /// Expands a text.
    ///
    /// - Throws: `ValueError` that names the variable which is missing, and never shows a value.
    static func expand(_ text: String, environment: [String: String]) throws(ValueError) -> String {
        var result = ""
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                result += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                result += try variable(&rest, environment)
            } else {
                result += "$"
                rest = rest.dropFirst()
            }
        }
        return result + rest
    }

    private static func variable(
        _ rest: inout Substring, _ environment: [String: String]
    ) throws(ValueError) -> String {
        guard let end = rest.firstIndex(of: "}") else {
            throw ValueError(message: "A '${' has no '}'. Write '$${' where the text means a literal '${'.")
        }
        let inside = rest.dropFirst(2)[..<end]
        rest = rest[rest.index(after: end)...]
        let name = inside.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        let tail = inside.dropFirst(name.count)
        guard !name.isEmpty, tail.isEmpty || tail.hasPrefix(":-") else {
            throw ValueError(message: "A '${' is not followed by a variable: write ${NAME} or ${NAME:-default}.")
        }
        // As in a shell, an empty value counts as none where there is a default.
        if let value = environment[String(name)], !value.isEmpty || tail.isEmpty { return value }
        guard !tail.isEmpty else {
            throw ValueError(
                message: "The environment variable \(name) is not set. Set it, or write ${\(name):-default}.")
        }
        return String(tail.dropFirst(2))
    }
}
