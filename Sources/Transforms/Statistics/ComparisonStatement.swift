internal import Partitions

/// The statements that compare two generations, as text, without I/O.
struct ComparisonStatement {
    /// A column of the comparison.
    struct ComparedColumn: Sendable, Hashable {
        let name: String
        /// The expression in each generation.
        let new: String
        let old: String
    }

    /// The columns of the key first, then the others.
    let columns: [ComparedColumn]
    let keyCount: Int
    /// The generations as SELECTs.
    let new: String
    let old: String

    /// A table of the session, which holds the rows that are not equal while the statements below ask about them.
    static let table = "temp.reprocess_difference"

    private static let greatestLength = 200

    private var names: [String] { columns.indices.map { "c\($0)" } }
    private var all: String { names.joined(separator: ", ") }
    private var keys: String { names.prefix(keyCount).joined(separator: ", ") }

    /// Both generations under the same names, each row with the side that it is on.
    private var sides: String {
        let newColumns = zip(columns, names).map { "\($0.new) AS \($1)" }.joined(separator: ", ")
        let oldColumns = zip(columns, names).map { "\($0.old) AS \($1)" }.joined(separator: ", ")
        return
            "SELECT \(newColumns), 1 AS is_new FROM (\(new)) UNION ALL SELECT \(oldColumns), 0 AS is_new FROM (\(old))"
    }

    /// Keeps the rows of which one generation has more than the other: groups take nulls for equal, joins do not.
    func prepare() -> String {
        "CREATE OR REPLACE TEMPORARY TABLE \(ComparisonStatement.table.dropFirst(5)) AS "
            + "SELECT \(all), greatest(n - o, 0) AS added, greatest(o - n, 0) AS removed FROM "
            + "(SELECT \(all), sum(is_new) AS n, count(*) - sum(is_new) AS o FROM (\(sides)) GROUP BY \(all)) WHERE n <> o"
    }

    func dropTable() -> String { "DROP TABLE IF EXISTS \(ComparisonStatement.table)" }

    /// Added, removed and changed rows: of a key with both, one row has become the other.
    func counts() -> String {
        "SELECT sum(a - least(a, r))::BIGINT, sum(r - least(a, r))::BIGINT, sum(least(a, r))::BIGINT, sum(a)::BIGINT "
            + "FROM (\(byKey))"
    }

    private var byKey: String {
        "SELECT \(keys), sum(added) AS a, sum(removed) AS r FROM \(ComparisonStatement.table) GROUP BY \(keys)"
    }

    func countNew() -> String { "SELECT count(*) FROM (\(new))" }

    func duplicateKeys() -> String {
        "SELECT count(*) FROM (SELECT 1 FROM (\(sides)) GROUP BY \(keys) "
            + "HAVING sum(is_new) > 1 OR count(*) - sum(is_new) > 1)"
    }

    /// Rows whose key only one of the generations has.
    func sample(_ isAdded: Bool, limit: Int) -> String {
        let texts = names.map(text).joined(separator: ", ")
        return "SELECT \(texts) FROM \(ComparisonStatement.table) SEMI JOIN (SELECT * FROM (\(byKey)) "
            + "WHERE \(isAdded ? "r" : "a") = 0) AS k ON \(joined("reprocess_difference", "k")) ORDER BY \(all) LIMIT \(limit)"
    }

    /// Rows of one key that have become others, with what they were: each column old, new, and whether that differs.
    func changedSample(limit: Int) -> String {
        let side = { (condition: String) in
            "SELECT *, row_number() OVER (PARTITION BY \(keys) ORDER BY \(all)) AS place "
                + "FROM \(ComparisonStatement.table) WHERE \(condition)"
        }
        let cells = names.map { name in
            "\(text("o." + name)), \(text("n." + name)), o.\(name) IS DISTINCT FROM n.\(name)"
        }
        let order = names.prefix(keyCount).map { "n." + $0 }.joined(separator: ", ")
        return
            "SELECT \(cells.joined(separator: ", ")) FROM (\(side("added > 0"))) AS n JOIN (\(side("removed > 0"))) AS o "
            + "ON \(joined("n", "o")) AND n.place = o.place ORDER BY \(order), n.place LIMIT \(limit)"
    }

    private func joined(_ left: String, _ right: String) -> String {
        names.prefix(keyCount).map { "\(left).\($0) IS NOT DISTINCT FROM \(right).\($0)" }.joined(separator: " AND ")
    }

    private func text(_ expression: String) -> String {
        "left(CAST(\(expression) AS VARCHAR), \(ComparisonStatement.greatestLength))"
    }
}
