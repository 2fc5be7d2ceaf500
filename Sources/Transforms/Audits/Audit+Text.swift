extension Audit: CustomStringConvertible {
    /// The audit as it is written in a configuration, in one line, without its severity: `unique: [id, day]`.
    public var description: String { name ?? ruleText }

    private var ruleText: String {
        switch rule {
        case .notEmpty: "not_empty"
        case .unique(let columns): "unique: [\(columns.joined(separator: ", "))]"
        case .notNull(let columns): "not_null: [\(columns.joined(separator: ", "))]"
        case .acceptedValues(let column, let values):
            "accepted_values: { column: \(column), values: [\(values.map(Audit.written).joined(separator: ", "))] }"
        case .range(let column, let min, let max):
            "range: { \((["column: \(column)"] + Audit.bounds(min.map(Audit.written), max.map(Audit.written))).joined(separator: ", ")) }"
        case .rowCount(let min?, let max?) where min == max: "row_count: \(min)"
        case .rowCount(let min, let max):
            "row_count: { \(Audit.bounds(min.map(String.init), max.map(String.init)).joined(separator: ", ")) }"
        case .rowCountDrop(let limit): "row_count_drop: \(Audit.percent(limit))"
        case .rowCountChange(let limit): "row_count_change: \(Audit.percent(limit))"
        case .noRows(let query): "no_rows: \(query.file ?? Audit.shortened(query.text))"
        }
    }

    /// The columns that the audit names.
    var columns: [String] {
        switch rule {
        case .unique(let columns), .notNull(let columns): columns
        case .acceptedValues(let column, _), .range(let column, _, _): [column]
        case .notEmpty, .rowCount, .rowCountDrop, .rowCountChange, .noRows: []
        }
    }

    /// A fraction in per cent, without digits that say nothing: `10%`, `0.5%`.
    static func percent(_ fraction: Double) -> String {
        let rounded = (fraction * 100_000).rounded() / 1000
        let text = "\(rounded)"
        return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + "%"
    }

    private static func bounds(_ min: String?, _ max: String?) -> [String] {
        [min.map { "min: \($0)" }, max.map { "max: \($0)" }].compactMap { $0 }
    }

    private static func written(_ value: Source.Literal) -> String {
        switch value {
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .double(let value): "\(value)"
        case .text(let value): value
        case .list(let values): "[\(values.map(written).joined(separator: ", "))]"
        case .map: "{…}"
        }
    }

    private static func shortened(_ sql: String) -> String {
        let line = sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > 60 ? line.prefix(59) + "…" : line
    }
}
