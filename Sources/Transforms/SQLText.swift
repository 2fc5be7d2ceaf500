internal import DuckDBEngine

/// A statement put together from our own text and parts of a user's, which remembers what came from where.
///
/// DuckDB reports errors by their position in the whole statement; users want them in the file that they wrote.
struct SQLText {
    private struct Piece {
        /// Where the piece begins in the whole statement.
        let offset: Int
        let length: Int
        /// Where it begins in the user's text.
        let origin: Int
        /// Stands for something else in the user's text, so that only its beginning has a place there.
        let isReplacement: Bool
    }

    /// The whole statement.
    private(set) var text = ""
    private var pieces: [Piece] = []

    /// Adds text of our own.
    mutating func append(_ own: String) {
        text += own
    }

    /// Adds a user's statement without what follows its last token, parameters replaced by literals.
    ///
    /// The literals are those of `parameters`, which this program makes from a partition's key alone.
    mutating func append(statement: String, scan: SQLScanner, parameters: [String: String]) {
        let bytes = Array(statement.utf8)
        var origin = 0
        for parameter in scan.parameters where parameters[parameter.name] != nil {
            append(bytes[origin..<parameter.range.lowerBound], origin: origin)
            let literal = parameters[parameter.name] ?? ""
            append(Array(literal.utf8)[...], origin: parameter.range.lowerBound, isReplacement: true)
            origin = parameter.range.upperBound
        }
        append(bytes[origin..<max(origin, scan.end)], origin: origin)
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>, origin: Int, isReplacement: Bool = false) {
        pieces.append(
            Piece(offset: text.utf8.count, length: bytes.count, origin: origin, isReplacement: isReplacement))
        text += String(decoding: bytes, as: UTF8.self)
    }

    /// The place in the user's text, as an offset in UTF-8, for a place in the whole statement; nil where it is ours.
    func origin(of position: DuckDBError.Position) -> Int? {
        let offset =
            switch position {
            case .bytes(let count): count
            case .characters(let count): String(text.unicodeScalars.prefix(count)).utf8.count
            }
        guard let piece = pieces.last(where: { $0.offset <= offset }), offset <= piece.offset + piece.length else {
            return nil
        }
        return piece.isReplacement ? piece.origin : piece.origin + offset - piece.offset
    }
}
