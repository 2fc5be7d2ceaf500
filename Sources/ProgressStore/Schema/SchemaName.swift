/// The name of the schema that holds the ledger, checked and ready to stand in SQL.
struct SchemaName: Sendable, Hashable {
    /// The name as the user wrote it.
    let text: String

    /// The name as an SQL identifier.
    var quoted: String { "\"\(text)\"" }

    /// Checks a name: letters, digits and underscores alone, so that quoting it cannot go wrong.
    init(_ text: String) throws(LedgerError) {
        // PostgreSQL cuts identifiers at NAMEDATALEN - 1 = 63 bytes (docs, "Identifiers and Key Words").
        guard let first = text.utf8.first, text.utf8.count <= 63, text.utf8.allSatisfy(SchemaName.isWord),
            !SchemaName.isDigit(first)
        else {
            throw LedgerError(
                .refused,
                "'\(ErrorText.cleaned(text, limit: 100))' cannot name the ledger's schema: use letters, digits and "
                    + "underscores, starting with a letter, 63 at most.")
        }
        guard !text.hasPrefix("pg_"), text != "information_schema" else {
            throw LedgerError(
                .refused, "The schema '\(text)' belongs to PostgreSQL itself: choose another for the ledger.")
        }
        self.text = text
    }

    /// Whether a byte may stand in a name, and so would continue a word of an SQL text.
    static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
