internal import Foundation
internal import ProgressStore

/// The report as one page that needs nothing else: no script, no font, no picture from anywhere.
struct RunReportHTML {
    let report: RunReport

    private var words: ReportWords { ReportWords(report: report) }

    var text: String {
        let tables = ReportTables(words)
        let name = "\(report.run.job), run \(report.run.id)"
        let body =
            [
                HTMLText.element("h1", HTMLText.escaped(name)),
                HTMLText.element("p", "class=\"course \(mood)\"", HTMLText.escaped("\(words.range): \(words.course)")),
                section(tables.counts), section(tables.facts), section(tables.work), chart,
            ] + tables.details.map(section)
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>\(HTMLText.escaped(name))</title>
            <style>
            \(ReportStyle.sheet)
            </style>
            </head>
            <body>
            <main>
            \(body.filter { !$0.isEmpty }.joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }

    private var mood: String {
        if report.course.isFinished { return report.failed.isEmpty && report.held.isEmpty ? "good" : "mixed" }
        return report.course == .running ? "mixed" : "bad"
    }

    private var chart: String {
        guard report.timeline.peak > 0 else { return "" }
        let legend = ["complete", "held", "failed"].map { "<span class=\"key \($0)\"></span>\($0)" }
        let marks = report.events.isEmpty ? "" : " A line stands where something was asked of the run."
        return HTMLText.element(
            "section", "",
            "<h2>Ends over time</h2>\n<figure>\(ThroughputChart(report: report).svg)\n<figcaption>"
                + legend.joined(separator: " ")
                + "<br>Each bar is \(report.timeline.sliceText).\(marks)</figcaption></figure>\n")
    }

    private func section(_ table: ReportTable) -> String {
        let head = table.columns.map { HTMLText.element("th", attributes(of: $0), HTMLText.escaped($0.name)) }.joined()
        let rows = table.rows.map { row in
            "<tr>"
                + zip(table.columns, row).map { column, cell in
                    HTMLText.element("td", column.isNumber ? "class=\"number\"" : "", Self.content(cell, of: column))
                }.joined() + "</tr>"
        }
        let rest = table.rest.map { HTMLText.element("p", HTMLText.escaped($0)) + "\n" } ?? ""
        return HTMLText.element(
            "section", "",
            "<h2>\(HTMLText.escaped(table.title))</h2>\n<div class=\"wide\"><table>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n"
                + rows.joined(separator: "\n") + "\n</tbody>\n</table></div>\n" + rest)
    }

    /// What a cell shows; the label of a partition stays on one line, also where the lines are short.
    private static func content(_ text: String, of column: (name: String, isNumber: Bool)) -> String {
        let escaped = HTMLText.escaped(text)
        guard !column.isNumber else { return escaped }
        return escaped.replacing(/\b\d{4}-\d{2}(-\d{2}(T\d{2})?)?\b/) { "<span class=\"label\">\($0.output.0)</span>" }
    }

    private func attributes(of column: (name: String, isNumber: Bool)) -> String {
        "scope=\"col\"" + (column.isNumber ? " class=\"number\"" : "")
    }
}

extension HTMLText {
    fileprivate static func element(_ name: String, _ inner: String) -> String { element(name, "", inner) }
}

/// How the page looks, by day and by night.
enum ReportStyle {
    static let sheet = """
        :root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --dim: #57606a; --line: #d0d7de;
          --good: #1a7f37; --held: #9a6700; --bad: #cf222e; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e6edf3; --paper: #0d1117; --dim: #9198a1; --line: #30363d;
            --good: #3fb950; --held: #d29922; --bad: #f85149; } }
        body { margin: 0; background: var(--paper); color: var(--ink);
          font: 15px/1.5 system-ui, sans-serif; }
        main { max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
        h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
        .course { font-size: 1.1rem; margin: .25rem 0 0; }
        .good { color: var(--good); } .mixed { color: var(--held); } .bad { color: var(--bad); }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
        th { color: var(--dim); font-weight: 600; }
        td { overflow-wrap: break-word; white-space: pre-wrap; }
        td:first-child, td:last-child { overflow-wrap: anywhere; }
        td:first-child { min-width: 6rem; } td:last-child:not(.number) { min-width: 13rem; }
        th:first-child, td:first-child { width: min(11rem, 30vw); }
        .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .label { white-space: nowrap; }
        figure { margin: 0; overflow-x: auto; } svg { width: 100%; min-width: 36rem; height: auto; } figcaption { color: var(--dim); }
        svg text { fill: var(--dim); font: 12px system-ui, sans-serif; } .end { text-anchor: end; }
        .grid, .axis { stroke: var(--line); } .mark { stroke: var(--ink); stroke-dasharray: 3 3; }
        rect.complete { fill: var(--good); } rect.held { fill: var(--held); } rect.failed { fill: var(--bad); }
        .key { display: inline-block; width: .8em; height: .8em; margin: 0 .3em 0 .6em; }
        .key.complete { background: var(--good); } .key.held { background: var(--held); }
        .key.failed { background: var(--bad); }
        @media print { main { max-width: none; } }
        """
}
