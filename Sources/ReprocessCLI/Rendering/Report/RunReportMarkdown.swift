internal import ProgressStore

/// The report as Markdown (CommonMark with tables), for issues, wikis and mails.
struct RunReportMarkdown {
    let report: RunReport

    private var words: ReportWords { ReportWords(report: report) }

    var text: String {
        let tables = ReportTables(words)
        let blocks =
            [
                "# \(Self.escaped(report.run.job)), run \(report.run.id)",
                "\(Self.escaped(words.range)): \(Self.escaped(words.course)).",
                Self.block(tables.counts), Self.block(tables.facts), Self.block(tables.work),
            ] + chart + tables.details.map(Self.block)
        return blocks.joined(separator: "\n\n") + "\n"
    }

    private var chart: [String] {
        guard report.timeline.peak > 0 else { return [] }
        // A code span would lose the spaces at its ends.
        return [
            "## Ends over time",
            "```\n|\(report.timeline.sparkline)|\n```",
            "Each column is \(report.timeline.sliceText); at most \(NumberText.grouped(report.timeline.peak)) in one.",
        ]
    }

    private static func block(_ table: ReportTable) -> String {
        let heading = "| " + table.columns.map(\.name).joined(separator: " | ") + " |"
        let line = "|" + table.columns.map { $0.isNumber ? "---:|" : "---|" }.joined()
        let rows = table.rows.map { "| " + $0.map(escaped).joined(separator: " | ") + " |" }
        let rest = table.rest.map { ["", "\($0)"] } ?? []
        return (["## \(table.title)", "", heading, line] + rows + rest).joined(separator: "\n")
    }

    /// A text that stands for itself, on one line: no markup, no HTML, no end of a table's cell.
    static func escaped(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        let escaped = line.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\\", "`", "*", "_", "[", "]", "|", "~", "#", "!": result += "\\\(character)"
            case "@": result += "&#64;"
            default: result.append(character)
            }
        }
        // GitHub makes links of addresses that stand in a text, as of names of people.
        return escaped.replacing("://", with: "&#58;//").replacing("www.", with: "www&#46;")
    }
}
