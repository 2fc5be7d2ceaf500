/// One line of a user's statement with a caret below the place that is meant.
struct StatementExcerpt {
    /// The number of the line, from 1.
    let line: Int
    /// The line, and below it a line with the caret.
    let text: String

    private static let greatestWidth = 100

    /// Cuts out the line around a place, given as an offset in UTF-8.
    init(of statement: String, at offset: Int) {
        let bytes = statement.utf8
        let place = bytes.index(bytes.startIndex, offsetBy: min(max(offset, 0), bytes.count))
        let lineStart = statement[..<place].lastIndex(where: \.isNewline).map { statement.index(after: $0) }
        let start = lineStart ?? statement.startIndex
        line = statement[..<start].count(where: \.isNewline) + 1
        let column = statement[start..<place].count
        // Of a long line, show a window around the place.
        let hidden = max(0, column - StatementExcerpt.greatestWidth / 2)
        let shown = statement[start...].prefix { !$0.isNewline }.dropFirst(hidden).prefix(
            StatementExcerpt.greatestWidth)
        let padding = shown.prefix(column - hidden).map { $0 == "\t" ? "\t" : " " }.joined()
        text = "    \(shown)\n    \(padding)^"
    }
}
