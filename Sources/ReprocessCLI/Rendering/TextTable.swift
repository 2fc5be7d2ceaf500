/// Rows of cells under headings, no wider than the screen.
struct TextTable {
    enum Alignment { case left, right }

    struct Column {
        let title: String
        var alignment = Alignment.left
        /// The column may be cut to this width where the whole is too wide; nil where it never is.
        var narrowest: Int?
    }

    private static let gap = 2

    let columns: [Column]
    /// As many cells a row as there are columns.
    let rows: [[String]]
    /// The width of the screen.
    let width: Int
    var indent = 2
    var style = Style.plain

    var lines: [String] {
        let widths = fittingWidths
        let margin = String(repeating: " ", count: indent)
        let heading = margin + style.dim(line(columns.map(\.title), widths))
        return [heading] + rows.map { margin + line($0, widths) }
    }

    /// The widths that the cells want, taken from the widest that can give until the line fits.
    private var fittingWidths: [Int] {
        var widths = columns.indices.map { place in
            max(columns[place].title.count, rows.map { $0[place].count }.max() ?? 0)
        }
        var excess = widths.reduce(indent + Self.gap * (columns.count - 1), +) - width
        while excess > 0 {
            let givers = columns.indices.filter { widths[$0] > (columns[$0].narrowest ?? .max) }
            guard let widest = givers.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let texts = columns.indices.map { place in
            let cell = cells[place].truncated(to: widths[place])
            return columns[place].alignment == .right
                ? cell.rightAligned(to: widths[place]) : cell.padded(to: widths[place])
        }
        return texts.joined(separator: String(repeating: " ", count: Self.gap)).trimmedAtEnd
    }
}
