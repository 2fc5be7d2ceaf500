/// What a person sees of a terminal after a program has written to it: text, line breaks and the few control sequences
/// of ECMA-48 that this project uses.
struct TerminalScreen {
    private(set) var lines: [[Character]] = [[]]
    private(set) var isCursorVisible = true
    private var row = 0
    private var column = 0
    private let columns: Int

    init(_ text: String, columns: Int = 100) {
        self.columns = columns
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\u{1B}": control(&rest)
            case "\r": column = 0
            case "\n": move(to: row + 1)
            default: put(Character(scalar))
            }
        }
    }

    /// The lines that are not empty.
    var text: [String] { lines.map { String($0) }.filter { !$0.isEmpty } }

    private mutating func put(_ character: Character) {
        if column == columns {
            move(to: row + 1)
            column = 0
        }
        while lines[row].count <= column { lines[row].append(" ") }
        lines[row][column] = character
        column += 1
    }

    private mutating func move(to newRow: Int) {
        row = max(0, newRow)
        while lines.count <= row { lines.append([]) }
    }

    private mutating func control(_ rest: inout Substring.UnicodeScalarView) {
        guard rest.popFirst() == "[" else { return }
        var parameter = ""
        while let scalar = rest.popFirst() {
            guard scalar.properties.isAlphabetic else {
                parameter.unicodeScalars.append(scalar)
                continue
            }
            return obey(scalar, parameter)
        }
    }

    private mutating func obey(_ command: Unicode.Scalar, _ parameter: String) {
        switch (command, parameter) {
        case ("A", _): move(to: row - (Int(parameter) ?? 1))
        case ("J", "2"): lines = Array(repeating: [], count: row + 1)
        case ("J", _):
            lines.removeSubrange((row + 1)...)
            lines[row].removeSubrange(min(column, lines[row].count)...)
        case ("H", _): (row, column) = (0, 0)
        case ("h", "?25"): isCursorVisible = true
        case ("l", "?25"): isCursorVisible = false
        default: break
        }
    }
}
