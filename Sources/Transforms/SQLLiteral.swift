/// Text as SQL writes it.
///
/// Everything that is put into a statement goes through here.
enum SQLLiteral {
    /// A string: quotes doubled.
    ///
    /// DuckDB knows no other escape in plain strings.
    static func text(_ value: String) -> String {
        "'" + value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }

    /// A name: quotes doubled.
    static func name(_ value: String) -> String {
        "\"" + value.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// A list of strings.
    static func list(_ values: [String]) -> String {
        "[" + values.map(text).joined(separator: ", ") + "]"
    }

    /// A value of a reader's option.
    static func option(_ value: Source.Literal) -> String {
        switch value {
        case .bool(let value): return value ? "true" : "false"
        case .integer(let value): return String(value)
        case .double(let value): return value.isFinite ? "\(value)::DOUBLE" : text("\(value)") + "::DOUBLE"
        case .text(let value): return text(value)
        case .list(let values): return "[" + values.map(option).joined(separator: ", ") + "]"
        case .map(let values):
            let pairs = values.sorted { $0.key < $1.key }.map { text($0.key) + ": " + option($0.value) }
            return "{" + pairs.joined(separator: ", ") + "}"
        }
    }
}
