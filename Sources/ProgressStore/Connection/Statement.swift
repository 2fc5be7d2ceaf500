internal import FaultPoints

/// One statement of `sql/`: its parameters go in, its rows come out.
protocol Statement: Sendable {
    /// What a row means.
    associatedtype Row: Sendable
    /// The SQL, as its file in `sql/` has it.
    static var source: [UInt8] { get }
    /// Whether a cancelled task interrupts it. One that marks or claims is short and runs to its end, so that its
    /// outcome is known.
    static var isInterruptible: Bool { get }
    /// The fault point at which it is on its way, where it has one.
    static var sent: FaultPoint? { get }
    /// How long the server may be silent over it, where it cannot wait as long as others.
    var answerLimit: Duration? { get }
    /// The values of `$1`, `$2` …, in text format.
    var parameters: [String?] { get }
    /// Decodes a row.
    static func row(_ row: RowReader) throws(LedgerError) -> Row
}

extension Statement {
    static var isInterruptible: Bool { false }
    static var sent: FaultPoint? { nil }

    var answerLimit: Duration? { nil }

    /// The name of the statement in messages.
    static var name: String { "\(Self.self)" }
}

/// Arrays as PostgreSQL reads them in text format (docs, "Array Input and Output Syntax").
enum ArrayText {
    /// An array of texts; nil is NULL.
    static func texts(_ values: some Sequence<String?>) -> String {
        // Byte by byte: judgements are thousands of them, and no byte of a longer character is a quote or a backslash.
        let (quote, backslash) = (UInt8(ascii: "\""), UInt8(ascii: "\\"))
        var text: [UInt8] = [UInt8(ascii: "{")]
        for value in values {
            if text.count > 1 { text.append(UInt8(ascii: ",")) }
            guard let value else {
                text.append(contentsOf: "NULL".utf8)
                continue
            }
            text.append(quote)
            for byte in value.utf8 {
                if byte == quote || byte == backslash { text.append(backslash) }
                text.append(byte)
            }
            text.append(quote)
        }
        text.append(UInt8(ascii: "}"))
        return String(decoding: text, as: UTF8.self)
    }

    /// An array of values whose text needs no quotes: numbers, ids, dates and truth values; nil is NULL.
    static func plain(_ values: some Sequence<(some CustomStringConvertible)?>) -> String {
        "{" + values.map { $0.map(\.description) ?? "NULL" }.joined(separator: ",") + "}"
    }
}
