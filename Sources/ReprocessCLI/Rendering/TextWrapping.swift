/// Breaks text into lines at spaces.
enum TextWrapping {
    /// Wraps each paragraph; empty lines and lines that begin with a space stay as they are.
    static func wrap(_ text: String, width: Int) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix(" ") ? String($0) : lines(String($0), width: width).joined(separator: "\n") }
            .joined(separator: "\n")
    }

    /// The lines of one paragraph; a word longer than the width stands alone.
    static func lines(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return line.isEmpty && !lines.isEmpty ? lines : lines + [line]
    }
}

extension String {
    /// The text with spaces after it up to a width.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    /// The text with spaces before it up to a width.
    func rightAligned(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }

    /// The text cut to a width, with an ellipsis where something is missing.
    func truncated(to width: Int) -> String { count <= width ? self : String(prefix(max(0, width - 1))) + "…" }

    /// The text without spaces at its end.
    var trimmedAtEnd: String { String(reversed().drop { $0 == " " }.reversed()) }

    /// The first line, for lists in which an error has one line.
    var firstLine: String { split(whereSeparator: \.isNewline).first.map(String.init) ?? "" }
}
