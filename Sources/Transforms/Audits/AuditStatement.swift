internal import Partitions

/// The statements by which audits look at rows, as text, without I/O.
struct AuditStatement {
    /// The staged rows as a SELECT.
    let staged: String

    /// The number of offending rows or keys of each audit, in one pass over the rows.
    ///
    /// Where several questions are asked, the columns that they are about are read once and kept.
    func counts(of audits: [Audit]) -> String {
        var names: [String] = []
        for name in audits.flatMap(\.columns)
        where !names.contains(where: { $0.lowercased() == name.lowercased() }) { names.append(name) }
        let columns = names.map(SQLLiteral.name).joined(separator: ", ")
        let filters = audits.compactMap { audit in audit.violation.map { "count(*) FILTER (WHERE \($0))" } }
        let isRead = audits.count - filters.count + (filters.isEmpty ? 0 : 1)
        let kept = isRead > 1 ? "MATERIALIZED" : "NOT MATERIALIZED"
        var answers: [String] = []
        var filter = 0
        for audit in audits {
            if audit.violation != nil {
                answers.append("filtered.f\(filter)")
                filter += 1
            } else {
                answers.append("(\(duplicates(of: audit.columns)))")
            }
        }
        let aliases = filters.enumerated().map { "\($1) AS f\($0)" }.joined(separator: ", ")
        let filtered = filters.isEmpty ? "SELECT 1" : "SELECT \(aliases) FROM rows"
        return "WITH rows AS \(kept) (SELECT \(columns) FROM (\(staged))), filtered AS MATERIALIZED (\(filtered)) "
            + "SELECT \(answers.joined(separator: ", ")) FROM filtered"
    }

    private func duplicates(of columns: [String]) -> String {
        "SELECT count(*) FROM (SELECT 1 FROM rows GROUP BY \(AuditStatement.names(columns)) HAVING count(*) > 1)"
    }

    /// Some of the keys that offend.
    func keys(of audit: Audit, limit: Int) -> String {
        let names = AuditStatement.names(audit.columns)
        let condition = audit.violation.map { "WHERE \($0)" } ?? ""
        let duplicates = audit.violation == nil ? "HAVING count(*) > 1" : ""
        let texts = audit.columns.map { "CAST(\(SQLLiteral.name($0)) AS VARCHAR)" }.joined(separator: ", ")
        return "SELECT \(texts) FROM (SELECT \(names) FROM (\(staged)) \(condition) GROUP BY \(names) \(duplicates) "
            + "ORDER BY \(names) LIMIT \(limit))"
    }

    private static func names(_ columns: [String]) -> String {
        columns.map(SQLLiteral.name).joined(separator: ", ")
    }
}

extension Audit {
    /// The condition of a row that offends; nil where no single row does.
    fileprivate var violation: String? {
        switch rule {
        case .notNull(let columns): return columns.map { "\(SQLLiteral.name($0)) IS NULL" }.joined(separator: " OR ")
        case .acceptedValues(let column, let values):
            // A row without a value is neither in nor out, and a filter takes what is true.
            return "\(SQLLiteral.name(column)) NOT IN (\(values.map(Audit.literal).joined(separator: ", ")))"
        case .range(let column, let min, let max):
            let name = SQLLiteral.name(column)
            let bounds = [
                min.map { "\(name) < \(Audit.literal($0))" }, max.map { "\(name) > \(Audit.literal($0))" },
            ]
            return bounds.compactMap { $0 }.joined(separator: " OR ")
        case .notEmpty, .unique, .rowCount, .rowCountDrop, .rowCountChange, .noRows: return nil
        }
    }

    /// A value as SQL writes it: a number with a point is a decimal, which is compared with decimals digit by digit.
    private static func literal(_ value: Source.Literal) -> String {
        guard case .double(let number) = value, number.isFinite, !"\(number)".contains("e") else {
            return SQLLiteral.option(value)
        }
        return "\(number)"
    }

    /// A sentence about a violation, without any data.
    func message(count: Int64) -> String {
        let rows = count == 1 ? "1 row" : "\(count) rows"
        let has = count == 1 ? "has" : "have"
        switch rule {
        case .unique(let columns):
            let keys = count == 1 ? "1 key stands" : "\(count) keys stand"
            return "\(keys) in more than one row: \(columns.joined(separator: ", "))."
        case .notNull(let columns): return "\(rows) \(has) no value in \(columns.joined(separator: " or "))."
        case .acceptedValues(let column, _): return "\(rows) \(has) a value in \(column) that is not accepted."
        case .range(let column, _, _): return "\(rows) \(has) a value in \(column) that is out of range."
        case .noRows: return "The query returned \(rows)."
        case .notEmpty, .rowCount, .rowCountDrop, .rowCountChange: return ""
        }
    }
}
