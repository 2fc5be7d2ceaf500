internal import Foundation

/// The values of the columns by which a source is cut into batches, of one of its rows.
public struct BatchKey: Sendable, Hashable {
    /// One value, as text with its type.
    struct Part: Sendable, Hashable, Codable {
        /// The column.
        let column: String
        /// The type, as the engine spells it.
        let type: String
        /// The value, as the engine casts it to text.
        let value: String
    }

    let parts: [Part]

    init(parts: [Part]) {
        self.parts = parts
    }

    /// Reads what `json` has written.
    ///
    /// - Returns: Nil where the text is something else.
    public init?(json: String) {
        guard let parts = try? JSONDecoder().decode([Part].self, from: Data(json.utf8)), !parts.isEmpty,
            parts.allSatisfy({ BatchKeyType($0.type) != nil })
        else { return nil }
        self.parts = parts
    }

    /// The key as JSON: `[{"column":"id","type":"BIGINT","value":"7"}]`.
    public var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(parts), as: UTF8.self)
        }
    }

    /// The columns.
    public var columns: [String] { parts.map(\.column) }
}

/// A type by which batches can be ordered: every two values have an order, and text stands for each of them exactly.
struct BatchKeyType: Sendable, Hashable {
    private enum Kind { case integer, decimal, text, date, timestamp }

    let name: String
    private let kind: Kind

    /// Takes a type as the engine spells it; nil where it is none by which batches can be ordered.
    init?(_ name: String) {
        switch name {
        case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT":
            kind = .integer
        case "VARCHAR": kind = .text
        case "DATE": kind = .date
        case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS": kind = .timestamp
        default:
            guard name.hasPrefix("DECIMAL("), name.hasSuffix(")"),
                name.dropFirst(8).dropLast().allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ",") })
            else { return nil }
            kind = .decimal
        }
        self.name = name
    }

    /// A value as a typed SQL literal.
    func literal(_ value: String) -> String { "CAST(\(SQLLiteral.text(value)) AS \(name))" }

    /// A value that is greater than a given one.
    func greater(than value: String) -> String {
        switch kind {
        case .integer: "(CAST(\(SQLLiteral.text(value)) AS HUGEINT) + 1)"
        case .decimal, .date: "(\(literal(value)) + 1)"
        case .text: "(\(literal(value)) || '~')"
        case .timestamp: "(\(literal(value)) + INTERVAL 1 SECOND)"
        }
    }
}

extension BatchKey.Part {
    /// The value as a typed SQL literal.
    var literal: String { BatchKeyType(type)?.literal(value) ?? "NULL" }
    /// A greater value.
    var greater: String { BatchKeyType(type)?.greater(than: value) ?? "NULL" }
}
