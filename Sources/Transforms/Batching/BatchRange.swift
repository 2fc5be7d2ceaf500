/// The rows of a source that one batch reads: from a key on, and up to another one exclusive.
public struct BatchRange: Sendable, Hashable {
    /// The key of the first row; nil where the source has no rows.
    public var from: BatchKey?
    /// The key of the next batch's first row; nil for the last batch.
    public var to: BatchKey?
    /// The greatest key of the source, where this is the last batch.
    var greatest: BatchKey?

    /// Creates a range.
    init(from: BatchKey?, to: BatchKey?, greatest: BatchKey? = nil) {
        self.from = from
        self.to = to
        self.greatest = greatest
    }

    /// Whether nothing comes after it.
    public var isLast: Bool { to == nil }
}

/// A source of which a statement is to see one batch.
public struct BatchSlice: Sendable, Hashable {
    /// The name of the source.
    var source: String
    /// The rows of it.
    var range: BatchRange

    /// A condition on the rows of the source; nil where it has none.
    ///
    /// Written out column by column: the bounds of the first column alone let the reader skip what lies outside of them.
    var condition: String? {
        var conditions: [String] = []
        if let from = range.from {
            if from.parts.count > 1 { conditions.append("\(Self.name(from.parts[0])) >= \(from.parts[0].literal)") }
            conditions.append(Self.reaches(from.parts[...]))
        }
        if let to = range.to {
            if to.parts.count > 1 { conditions.append("\(Self.name(to.parts[0])) <= \(to.parts[0].literal)") }
            conditions.append(Self.precedes(to.parts[...]))
        }
        return conditions.isEmpty ? nil : conditions.joined(separator: " AND ")
    }

    /// The literals that take the place of `$batch_from` and `$batch_to`: a value, or a row of several.
    var literals: [String: String] {
        var upper = "NULL"
        if let to = range.to {
            upper = Self.row(to.parts.map(\.literal))
        } else if let parts = range.greatest?.parts, let last = parts.last {
            upper = Self.row(parts.dropLast().map(\.literal) + [last.greater])
        }
        return [
            BatchParameter.from: range.from.map { Self.row($0.parts.map(\.literal)) } ?? "NULL",
            BatchParameter.to: upper,
        ]
    }

    /// One value as it is, or a row of several.
    ///
    /// The row is a subquery: of two comparisons with constant rows DuckDB 1.5 makes a BETWEEN, which it cannot carry out.
    private static func row(_ values: [String]) -> String {
        values.count == 1 ? values[0] : "(SELECT row(\(values.joined(separator: ", "))))"
    }

    private static func name(_ part: BatchKey.Part) -> String { SQLLiteral.name(part.column) }

    private static func reaches(_ parts: ArraySlice<BatchKey.Part>) -> String {
        guard let first = parts.first else { return "true" }
        guard parts.count > 1 else { return "\(name(first)) >= \(first.literal)" }
        return
            "(\(name(first)) > \(first.literal) OR (\(name(first)) = \(first.literal) AND \(reaches(parts.dropFirst()))))"
    }

    private static func precedes(_ parts: ArraySlice<BatchKey.Part>) -> String {
        guard let first = parts.first else { return "false" }
        guard parts.count > 1 else { return "\(name(first)) < \(first.literal)" }
        return
            "(\(name(first)) < \(first.literal) OR (\(name(first)) = \(first.literal) AND \(precedes(parts.dropFirst()))))"
    }
}
