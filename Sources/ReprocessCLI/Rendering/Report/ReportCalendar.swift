internal import PartitionBackfill
internal import Partitions

/// Many partitions by the month, or whatever else of the calendar makes a table that can be read.
struct ReportCalendar {
    /// Fewer partitions than these are told one by one elsewhere.
    private static let fewest = 40
    /// More rows than these are no table to be read, so that longer spans are taken.
    private static let greatestRows = 72

    /// A span of the calendar, and what became of its partitions.
    struct Row: Sendable, Hashable {
        let span: String
        var counts: [JudgedState: Int] = [:]
    }

    /// What a span is: `month`.
    let unit: String
    /// The spans that have partitions, in their order.
    let rows: [Row]
    /// The states that occur.
    let states: [JudgedState]

    /// Groups the partitions of a report; nil where they are few, or lie within one span.
    init?(_ report: RunReport) {
        let all = report.keys.values.reduce(0) { $0 + $1.count }
        guard all >= Self.fewest, let granularity = report.keys.values.first(where: { !$0.isEmpty })?.first?.granularity
        else { return nil }
        let spans = Self.units(above: granularity).lazy.map { unit, length in
            (unit, Self.rows(of: report, prefix: length))
        }
        // Years, be they ever so many, are the longest spans there are.
        guard let (unit, rows) = spans.first(where: { $0.1.count <= Self.greatestRows || $0.0 == "year" }),
            rows.count > 1
        else { return nil }
        (self.unit, self.rows) = (unit, rows)
        states = JudgedState.allCases.filter { report.count($0) > 0 }
    }

    /// The spans that are longer than a partition, shortest first, with the length of their part of a key.
    private static func units(above granularity: Granularity) -> [(name: String, length: Int)] {
        let all = [("day", 10), ("month", 7), ("year", 4)]
        switch granularity {
        case .hour: return all
        case .day: return Array(all.dropFirst())
        case .month: return Array(all.dropFirst(2))
        }
    }

    private static func rows(of report: RunReport, prefix: Int) -> [Row] {
        var rows: [String: Row] = [:]
        for (state, keys) in report.keys {
            for key in keys {
                let span = String(key.description.prefix(prefix))
                rows[span, default: Row(span: span)].counts[state, default: 0] += 1
            }
        }
        return rows.values.sorted { $0.span < $1.span }
    }

    /// As a table of a report.
    var table: ReportTable {
        ReportTable(
            title: "By \(unit)",
            columns: [(unit, false), ("partitions", true)] + states.map { ($0.rawValue, true) },
            rows: rows.map { row in
                [row.span, NumberText.grouped(row.counts.values.reduce(0, +))]
                    + states.map { state in row.counts[state].map { NumberText.grouped($0) } ?? "" }
            })
    }
}
