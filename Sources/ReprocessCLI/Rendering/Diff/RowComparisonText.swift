internal import Transforms

/// Rows that were added, removed and changed, with samples of them.
///
/// This is data of the table; nothing else that is printed shows any.
struct RowComparisonText {
    let comparison: RowComparison
    /// The columns that tell rows apart; empty where whole rows are compared.
    let keyColumns: [String]
    var width = 100
    var style = Style.plain

    var text: String { ([counts] + samples).map { $0 + "\n" }.joined() }

    private var counts: String {
        let parts = [
            style.green("\(NumberText.grouped(comparison.added)) added"),
            style.red("\(NumberText.grouped(comparison.removed)) removed"),
            style.yellow("\(NumberText.grouped(comparison.changed)) changed"),
            "\(NumberText.grouped(comparison.unchanged)) equal",
        ]
        let by =
            keyColumns.isEmpty
            ? "whole rows; --key COLUMNS tells which rows are the same"
            : "rows by \(keyColumns.joined(separator: ", "))"
        return "  \(parts.joined(separator: ", ")) (\(by))"
    }

    private var samples: [String] {
        sample("added", style.green("+"), comparison.added, comparison.addedSample) { cell(of: $0.new) }
            + sample("removed", style.red("-"), comparison.removed, comparison.removedSample) { cell(of: $0.old) }
            + sample("changed", style.yellow("~"), comparison.changed, comparison.changedSample, describeChange)
    }

    private func sample(
        _ name: String, _ mark: String, _ count: Int64, _ rows: [[RowComparison.Cell]],
        _ describe: (RowComparison.Cell) -> String
    ) -> [String] {
        guard !rows.isEmpty else { return [] }
        let hidden = count - Int64(rows.count)
        let more = hidden > 0 ? ["  and \(NumberText.grouped(hidden)) more \(name)"] : []
        return rows.map { row in
            let cells = row.map { "\($0.column)=\(describe($0))" }.joined(separator: "  ")
            return "  \(mark) " + cells.truncated(to: max(20, width - 4))
        } + more
    }

    private func describeChange(_ cell: RowComparison.Cell) -> String {
        if keyColumns.contains(where: { $0.lowercased() == cell.column.lowercased() }) {
            return self.cell(of: cell.new ?? cell.old)
        }
        return "\(self.cell(of: cell.old)) → \(self.cell(of: cell.new))"
    }

    /// A value on one line; quotes tell an empty text and the word "null" from no value, and show spaces at the ends.
    private func cell(of value: String?) -> String {
        guard let text = value?.visible else { return "null" }
        let needsQuotes = text.isEmpty || text == "null" || text.hasPrefix(" ") || text.hasSuffix(" ")
        return needsQuotes ? "'\(text)'" : text
    }
}

/// The same for programs.
enum RowComparisonJSON {
    static func value(_ comparison: RowComparison) -> JSONValue {
        .object([
            "added": .integer(comparison.added), "removed": .integer(comparison.removed),
            "changed": .integer(comparison.changed), "equal": .integer(comparison.unchanged),
            "added_sample": rows(comparison.addedSample) { .optional($0.new) },
            "removed_sample": rows(comparison.removedSample) { .optional($0.old) },
            "changed_sample": rows(comparison.changedSample) {
                .object(["old": .optional($0.old), "new": .optional($0.new)])
            },
        ])
    }

    private static func rows(
        _ rows: [[RowComparison.Cell]], _ value: (RowComparison.Cell) -> JSONValue
    ) -> JSONValue {
        .array(
            rows.map { row in
                .object(Dictionary(row.map { ($0.column, value($0)) }, uniquingKeysWith: { first, _ in first }))
            })
    }
}
