/// Text as roff reads it back (groff(7)).
enum Roff {
    /// The text with everything escaped that roff would read something into.
    static func text(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(line).joined(separator: "\n")
    }

    /// The text as one argument of a macro.
    static func argument(_ text: String) -> String { "\"" + Roff.text(text) + "\"" }

    private static func line(_ line: Substring) -> String {
        // A dot or an apostrophe at the beginning would be a request.
        var result = line.first == "." || line.first == "'" ? "\\&" : ""
        for scalar in line.unicodeScalars {
            switch scalar {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'": result += "\\(aq"
            case "\"": result += "\\(dq"
            case "`": result += "\\(ga"
            case "^": result += "\\(ha"
            case "~": result += "\\(ti"
            case _ where scalar.isASCII: result.unicodeScalars.append(scalar)
            default: result += "\\[u" + String(scalar.value, radix: 16, uppercase: true).leftPadded(to: 4) + "]"
            }
        }
        return result
    }
}

extension String {
    fileprivate func leftPadded(to width: Int) -> String { String(repeating: "0", count: max(0, width - count)) + self }
}
