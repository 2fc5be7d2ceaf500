/// The forms of a report.
enum ReportFormat: String, Sendable, Hashable, CaseIterable {
    case text, json, markdown, html

    /// The form that a file's name asks for; nil where its ending says nothing.
    init?(fileName: String) {
        let name = Path.name(of: fileName)
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
        switch name[name.index(after: dot)...].lowercased() {
        case "txt": self = .text
        case "json": self = .json
        case "md": self = .markdown
        case "html", "htm": self = .html
        default: return nil
        }
    }

    /// The endings that are understood, for messages.
    static let endings = ".html, .md, .json or .txt"

    /// A report in this form, without colours.
    func text(of report: RunReport) -> String {
        switch self {
        case .text: RunReportText(report: report).text
        case .json: RunReportJSON.line(for: report)
        case .markdown: RunReportMarkdown(report: report).text
        case .html: RunReportHTML(report: report).text
        }
    }
}
