/// What of a statement's text matters for putting it into another statement: its parameters, and where it ends.
///
/// The scanner knows strings, quoted names, dollar quotes and comments as DuckDB's lexer does (it is PostgreSQL's:
/// documentation, "SQL Syntax", section 4.1), so that nothing inside of them is taken for a parameter.
struct SQLScanner {
    /// A named parameter, `$partition`, and where it stands in the text's UTF-8.
    struct Parameter: Hashable {
        let name: String
        let range: Range<Int>
    }

    /// The parameters, in the order of the text.
    private(set) var parameters: [Parameter] = []
    /// The end of the last token that is neither a comment nor a semicolon; 0 where there is none.
    private(set) var end = 0
    /// The names that the statement calls as functions, in lower case.
    private(set) var calledNames: Set<String> = []

    private let bytes: [UInt8]
    private var position = 0
    private var lastWord: Range<Int>?

    init(_ text: String) {
        bytes = Array(text.utf8)
        while position < bytes.count { scanToken() }
    }

    private mutating func scanToken() {
        let start = position
        let word = lastWord
        switch bytes[position] {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"), 0x0B, 0x0C:
            position += 1
            return
        case UInt8(ascii: "-") where next(is: "-"):
            skip { $0 != UInt8(ascii: "\n") }
            return
        case UInt8(ascii: "/") where next(is: "*"):
            skipBlockComment()
            return
        case UInt8(ascii: ";"):
            position += 1
            return
        case UInt8(ascii: "'"):
            skipQuoted(UInt8(ascii: "'"), escapes: word.map { isEscapePrefix($0) && $0.upperBound == start } ?? false)
        case UInt8(ascii: "\""):
            skipQuoted(UInt8(ascii: "\""), escapes: false)
        case UInt8(ascii: "$"):
            scanDollar()
        case UInt8(ascii: "("):
            position += 1
            if let word { calledNames.insert(text(word).lowercased()) }
        case let byte where SQLScanner.isNameByte(byte):
            skip(while: SQLScanner.isNameByte)
            lastWord = start..<position
            end = position
            return
        default:
            position += 1
        }
        lastWord = nil
        end = position
    }

    private mutating func scanDollar() {
        let start = position
        position += 1
        skip { SQLScanner.isNameByte($0) && $0 != UInt8(ascii: "$") }
        guard position < bytes.count, bytes[position] == UInt8(ascii: "$") else {
            parameters.append(Parameter(name: text(start + 1..<position), range: start..<position))
            return
        }
        position += 1
        let tag = bytes[start..<position]
        while position < bytes.count, !bytes[position...].starts(with: tag) { position += 1 }
        position = min(position + tag.count, bytes.count)
    }

    private mutating func skipQuoted(_ quote: UInt8, escapes: Bool) {
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if escapes, byte == UInt8(ascii: "\\") { position += 1 }
            guard byte == quote else { continue }
            // A doubled quote is a quote within the string.
            guard position < bytes.count, bytes[position] == quote else { break }
            position += 1
        }
        position = min(position, bytes.count)
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if bytes[position] == UInt8(ascii: "/"), next(is: "*") {
                depth += 1
                position += 2
            } else if bytes[position] == UInt8(ascii: "*"), next(is: "/") {
                depth -= 1
                position += 2
            } else {
                position += 1
            }
        } while depth > 0 && position < bytes.count
    }

    private mutating func skip(while condition: (UInt8) -> Bool) {
        while position < bytes.count, condition(bytes[position]) { position += 1 }
    }

    private func next(is character: Unicode.Scalar) -> Bool {
        position + 1 < bytes.count && bytes[position + 1] == UInt8(ascii: character)
    }

    private func isEscapePrefix(_ word: Range<Int>) -> Bool {
        word.count == 1 && bytes[word.lowerBound] | 0x20 == UInt8(ascii: "e")
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...: true
        default: false
        }
    }
}
