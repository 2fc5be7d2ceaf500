/// Error texts as they may be stored and shown.
enum ErrorText {
    /// The most that the ledger keeps of an error, in bytes.
    static let limit = 8192

    /// The text without control characters, cut at a limit of bytes between two characters.
    ///
    /// Line feeds and tabs stay: SQL errors point at a column with them. NUL, which PostgreSQL cannot store, and escape
    /// sequences, which a terminal would obey, become a space.
    static func cleaned(_ text: String, limit: Int = ErrorText.limit) -> String {
        var scalars = String.UnicodeScalarView()
        var bytes = 0
        let mark = "…"
        for scalar in text.unicodeScalars {
            let shown = isControl(scalar) ? " " : scalar
            let width = UTF8.width(shown)
            guard bytes + width <= limit else {
                while bytes + mark.utf8.count > limit, let last = scalars.popLast() { bytes -= UTF8.width(last) }
                return String(scalars) + mark
            }
            scalars.append(shown)
            bytes += width
        }
        return String(scalars)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        case 0..<0x20, 0x7F..<0xA0: true
        // Marks that change the direction of the text around them.
        case 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
