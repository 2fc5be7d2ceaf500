internal import Transforms

/// The version of a transform that is written in SQL: a digest of all that decides what it makes.
enum TransformVersion {
    /// The digest: 16 hexadecimal digits (FNV-1a, 64 bits).
    ///
    /// The paths of sources are left out, so that a moved project is not stale as a whole.
    static func digest(of query: Query) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var parts = [query.text]
        for source in query.sources.sorted(by: { $0.name < $1.name }) {
            parts += [source.name, source.format.rawValue]
            for (name, value) in source.options.sorted(by: { $0.key < $1.key }) { parts += [name, describe(value)] }
        }
        for byte in parts.joined(separator: "\u{0}").utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func describe(_ literal: Source.Literal) -> String {
        switch literal {
        case .bool(let value): "b\(value)"
        case .integer(let value): "i\(value)"
        case .double(let value): "d\(value)"
        case .text(let value): "t\(value.utf8.count):\(value)"
        case .list(let values): "l" + values.map(describe).joined(separator: ",")
        case .map(let members):
            "m"
                + members.sorted { $0.key < $1.key }.map { "\($0.key.utf8.count):\($0.key)=\(describe($0.value))" }
                .joined(separator: ",")
        }
    }
}
