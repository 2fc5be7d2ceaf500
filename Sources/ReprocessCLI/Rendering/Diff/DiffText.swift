internal import PartitionBackfill
internal import Partitions
internal import ProgressStore
internal import Transforms

/// Old against new of one partition, for people.
struct DiffText {
    /// Names of columns that are the same are listed up to this many.
    private static let greatestNameCount = 8

    let job: String
    let judged: Judged
    /// Also columns, and numbers of a column, that are the same.
    var showsAllColumns = false
    var width = 100
    var style = Style.plain
    /// How paths are shown in reasons.
    var paths = MessagePaths.unchanged

    var text: String { lines.map { $0 + "\n" }.joined() }

    private var lines: [String] {
        ["\(style.bold("\(job) \(judged.key)")): \(fate)", "  \(attempt)", "  \(size)"]
            + columns + source + FindingText(style: style).lines(judged.findings)
    }

    private var fate: String {
        let because = judged.besideFindings(judged.reason).map { ": " + paths.shortened($0).indentedLines } ?? ""
        switch judged.state {
        case .held: return style.yellow("HELD") + ", not published" + because
        case .failed: return style.red("FAILED") + ", nothing published" + because
        case .dropped: return style.yellow("dropped") + ", nothing published" + because
        case .unchanged: return style.green("unchanged") + ", nothing published"
        case .changed, .new: return style.green(publication)
        }
    }

    private var publication: String {
        switch judged.kind {
        case .run: "published"
        case .approve: "published by approval"
        case .undo: "put back by undo"
        }
    }

    private var attempt: String {
        let run = judged.run.map { "run \($0), " } ?? ""
        let version = judged.transformVersion.map { ", transform \($0)" } ?? ""
        return "\(run)fence \(judged.fence)\(version)"
    }

    private var size: String {
        let size = SizeText.describe(old: judged.old, new: judged.new)
        return judged.old == nil && judged.new != nil ? "\(size); there was nothing before" : size
    }

    /// Whether nobody has read the old rows.
    private var isPartlyKnown: Bool { judged.old?.statistics.map { $0.digest == nil } ?? false }

    private var source: [String] {
        guard judged.isMeasured, isPartlyKnown else { return [] }
        return ["  Of the old rows this is what the footers of their files told: nobody has read them."]
    }

    private var columns: [String] {
        guard judged.isMeasured else {
            return judged.state == .unchanged || judged.new == nil
                ? [] : ["  The columns were not measured, so that they cannot be compared."]
        }
        // Of nothing there is nothing to compare.
        if judged.old == nil || judged.new?.knownRows == 0, !showsAllColumns { return [] }
        let all = judged.columns
        let shown = showsAllColumns ? all : all.filter(\.isDifferent)
        return table(of: shown) + remark(onSame: all.filter { !$0.isDifferent }, differing: shown.count)
    }

    private func table(of columns: [ColumnDifference]) -> [String] {
        let rows = columns.flatMap { column -> [[String]] in
            let measures = column.measures.filter { measure in
                showsAllColumns
                    ? measure.old ?? measure.new != nil
                    : measure.isDifferent && (!column.isGone || measure.name == "type")
            }
            return measures.enumerated().map { place, measure in
                [
                    place == 0 ? column.column : "", measure.name, measure.old ?? "-", measure.new ?? "-",
                    measure.change,
                ]
            }
        }
        guard !rows.isEmpty else { return [] }
        return TextTable(
            columns: [
                .init(title: "column", narrowest: 8), .init(title: "of it"),
                .init(title: "old", alignment: .right, narrowest: 8),
                .init(title: "new", alignment: .right, narrowest: 8), .init(title: "change", narrowest: 8),
            ], rows: rows, width: width, style: style
        ).lines
    }

    private func remark(onSame same: [ColumnDifference], differing: Int) -> [String] {
        guard !showsAllColumns, !same.isEmpty else { return [] }
        if differing == 0 {
            return judged.state == .unchanged
                ? [] : ["  No column differs in these numbers; 'diff --rows' compares the rows themselves."]
        }
        let names = same.prefix(Self.greatestNameCount).map(\.column).joined(separator: ", ")
        let more = same.count > Self.greatestNameCount ? ", …" : ""
        let verb = same.count == 1 ? "is" : "are"
        let extent = isPartlyKnown ? ", as far as that is known" : ""
        let line = "\(NumberText.counted(same.count, "column")) \(verb) the same\(extent): \(names)\(more)"
        return [("  " + line).truncated(to: width)]
    }
}
