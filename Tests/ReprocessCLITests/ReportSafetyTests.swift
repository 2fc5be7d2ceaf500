import Foundation
import Partitions
import ProgressStore
import Testing

@testable import ReprocessCLI

/// Reports of what somebody has put into names and errors.
@Suite struct ReportSafetyTests {
    private static let hostile = "</td><script>alert('x')</script>\"'&<img src=x onerror=y>|`*_[a](http://e.example)"

    private static let report = ReportSample.report(
        ReportSample.run(reason: hostile, options: hostile, job: hostile),
        [
            ReportSample.attempt(0, "FAILED", worker: hostile, error: hostile),
            ReportSample.attempt(1, "HELD", error: hostile + "\n" + hostile, waits: true), ReportSample.attempt(2),
        ],
        events: [ReportSample.event(.pause, at: 5, reason: hostile)])

    @Test func `Nothing of what was written by others is markup in a page`() throws {
        let html = RunReportHTML(report: Self.report).text
        #expect(!html.contains("<script"))
        #expect(!html.contains("<img"))
        #expect(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&#39;&amp;&lt;img"))
        // The tags of the page are its own few, each closed.
        let tags = html.matches(of: /<(\/?)([a-z0-9]+)/)
        let known: Set<Substring> = [
            "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "section", "div", "table",
            "thead",
            "tbody", "tr", "th", "td", "figure", "figcaption", "span", "svg", "desc", "line", "rect", "text", "br",
        ]
        #expect(Set(tags.map(\.output.2)).isSubset(of: known))
        for tag in known.subtracting(["meta", "line", "rect", "br"]) {
            let (open, closed) = (
                tags.count { $0.output.2 == tag && $0.output.1.isEmpty },
                tags.count { $0.output.2 == tag && !$0.output.1.isEmpty }
            )
            #expect(open == closed, "\(tag)")
        }
        // It needs nothing from anywhere: an address is text.
        #expect(!html.contains("src=\""))
        #expect(!html.contains("href"))
        #expect(!html.contains("url("))
    }

    @Test(.timeLimit(.minutes(3)))
    func `A parser finds every tag of a page closed, in its place and harmless`() async throws {
        for report in [Self.report, ReportSample.full, ReportSample.report(ReportSample.run(outcome: nil), [])] {
            #expect(try await PageChecker.problems(of: RunReportHTML(report: report).text) == "")
        }
        // What the parser would find.
        for broken in [
            "<p>a < b</p>", "<table><td>x</td></table>", "<p id=\"a\"><b id=\"a\"></b></p>", "<div>",
            "<p onclick=\"x\"></p>",
        ] {
            #expect(try await PageChecker.problems(of: broken) != "", "\(broken)")
        }
    }

    @Test func `Nothing of it is markup in Markdown, and each row stays a row`() {
        let markdown = RunReportMarkdown(report: Self.report).text
        #expect(!markdown.contains("<"))
        #expect(!markdown.contains(/[^\\]\]\(/))
        for line in markdown.split(separator: "\n")
        where line.hasPrefix("|") && !line.contains("▁") && !line.contains("█") {
            #expect(line.hasSuffix("|"), "\(line)")
        }
    }

    @Test func `A terminal is not steered by a reason`() {
        let report = ReportSample.report(ReportSample.run(reason: "\u{1B}[2Jgone"), [])
        #expect(!RunReportText(report: report).text.contains("\u{1B}"))
    }

    @Test func `A run of 10,000 partitions that fail one by one stays a moderate page`() {
        let attempts = (0..<10_000).map { day in
            day % 2 == 0
                ? ReportSample.attempt(day, "FAILED", error: String(repeating: "Error \(Self.word(day)). ", count: 60))
                : ReportSample.attempt(day, "HELD", error: "held \(day)", waits: true)
        }
        let report = ReportSample.report(
            ReportSample.run(planned: 10_000, last: ReportSample.key(9_999)), attempts,
            events: (0..<1_000).map { ReportSample.event(.pause, at: Double($0) / 100) })
        // More kinds of errors than anybody reads are counted, and not kept.
        #expect(report.failures.all.count == 1_000)
        #expect(report.failures.others == 4_000)
        for format in [ReportFormat.text, .markdown, .html] {
            let text = format.text(of: report)
            #expect(text.utf8.count < 400_000, "\(format): \(text.utf8.count)")
            #expect(text.contains("and 4,800 more"), "\(format)")
            #expect(text.contains("and 4,976 more ranges"), "\(format)")
        }
        let json = RunReportJSON.line(for: report)
        #expect(json.matches(of: /"partition":/).count == 10_000 + 10, "nothing is left out for programs")
    }

    /// A word without digits, another one for each number.
    private static func word(_ number: Int) -> String {
        String(String(number).unicodeScalars.compactMap { Unicode.Scalar($0.value + 56) }.map(Character.init))
    }
}
