/// Control sequences of terminals (ECMA-48, and DEC private mode 25 for the cursor).
enum Terminal {
    static let hideCursor = "\u{1B}[?25l"
    static let showCursor = "\u{1B}[?25h"
    static let eraseLine = "\r\u{1B}[2K"
    static let eraseBelow = "\r\u{1B}[J"
    static let clearScreen = "\u{1B}[H\u{1B}[2J"

    static func up(_ lines: Int) -> String { lines > 0 ? "\u{1B}[\(lines)A" : "" }

    /// The number of characters of a text that are seen: without the sequences that set colours.
    static func visibleCount(_ text: String) -> Int {
        text.split(separator: "\u{1B}[", omittingEmptySubsequences: false).enumerated().reduce(0) { count, part in
            count + (part.offset == 0 ? part.element.count : part.element.drop { $0 != "m" }.dropFirst().count)
        }
    }

    /// Makes the cursor visible again.
    static func restoreCursor(on output: FileOutput) {
        guard output.isTerminal else { return }
        do {
            try output.write(showCursor + "\n")
            try output.flush()
        } catch {
            // The terminal is gone, and its cursor with it.
        }
    }
}
