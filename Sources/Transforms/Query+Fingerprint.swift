extension Query {
    /// A short digest of everything that a query's result depends on besides the files: text, sources, reader options.
    ///
    /// Where the sources lie does not count, so that a project can be moved, and data copied, without becoming stale.
    ///
    /// - Returns: Sixteen hexadecimal digits.
    public func fingerprint() -> String {
        var digest = FowlerNollVoDigest()
        digest.add(text)
        for source in sources.sorted(by: { $0.name < $1.name }) {
            digest.add(source.name)
            digest.add(source.format.rawValue)
            for (name, value) in source.options.sorted(by: { $0.key < $1.key }) {
                digest.add(name)
                digest.add(SQLLiteral.option(value))
            }
            switch source.rows {
            // Nothing, so that what was made before there was a choice has the version that it had.
            case .ofPartition(column: nil): break
            case .ofPartition(column: let column?): digest.add("column \(column)")
            case .all: digest.add("all rows")
            }
        }
        return digest.description
    }
}

/// The 64-bit FNV-1a hash (draft-eastlake-fnv), which is the same in every process, as Swift's own hashes are not.
struct FowlerNollVoDigest: CustomStringConvertible {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    /// Adds a text and its end, so that "ab", "c" and "a", "bc" differ.
    mutating func add(_ text: String) {
        add(bytes: text.utf8)
        add(bytes: CollectionOfOne(0xFF))
    }

    /// Adds bytes as they are.
    mutating func add(bytes: some Sequence<UInt8>) {
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    }

    /// Sixteen hexadecimal digits.
    var description: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
