internal import Foundation
internal import PartitionBackfill
internal import Partitions
internal import ProgressStore

/// The report for people at a terminal.
struct RunReportText {
    let report: RunReport
    var style = Style.plain
    /// How paths are shown.
    var paths = MessagePaths.unchanged

    private var words: ReportWords { ReportWords(report: report, paths: paths) }

    var text: String {
        let parts =
            [headline, course, request] + counts + work + timeline + slowest + workers + events + failures + held
        return parts.map { $0 + "\n" }.joined()
    }

    private var headline: String {
        "\(style.bold("\(report.run.job), run \(report.run.id)")): \(words.range)"
            + (report.run.reason.map { ", \"\($0.visible)\"" } ?? "")
    }

    private var course: String {
        let end = report.course.isFinished ? words.course : style.yellow(words.course)
        return "  began \(TimeText.describe(report.run.startedAt)) by \(report.run.worker) "
            + "(database user \(report.run.databaseUser)), \(end)"
    }

    private var request: String {
        let options = report.run.options.isEmpty ? "" : ", \(report.run.options)"
        let table = report.run.tableIdentity.map { ", into \(paths.shortened($0))" } ?? ""
        return "  transform \(report.run.transformVersion)\(options)\(table)"
    }

    /// Of those that changed, whatever depends on them must be made anew.
    private var counts: [String] {
        let rows = words.counts
        let nameWidth = rows.map { $0.name.count }.max() ?? 0
        let width = rows.map { NumberText.grouped($0.count).count }.max() ?? 0
        return rows.map { name, count, ranges in
            "  \(name.padded(to: nameWidth))  \(NumberText.grouped(count).rightAligned(to: width))  \(ranges)"
                .trimmedAtEnd
        }
    }

    private var work: [String] {
        [
            words.totals.map { "  published: \($0)" }, "  cost: \(words.cost)",
            words.durations.map { "  each took: \($0)" },
        ].compactMap { $0 } + words.versions.map { "  \($0.name): \($0.text)" }
    }

    private var timeline: [String] {
        guard report.timeline.peak > 0 else { return [] }
        let peak = "at most \(NumberText.grouped(report.timeline.peak))"
        return ["  ended \(report.timeline.sparkline)", "  each column \(report.timeline.sliceText), \(peak)"]
    }

    private var slowest: [String] {
        guard report.slowest.count > 1 else { return [] }
        return [
            "  slowest: "
                + report.slowest.map { "\($0.key) \(ReportWords.time($0.seconds))" }.joined(separator: ", ")
        ]
    }

    /// Worth telling where more than one did the work.
    private var workers: [String] {
        guard report.workers.count > 1 else { return [] }
        let (shown, rest) = ReportLimits.cut(report.workers, to: ReportLimits.workers)
        return shown.map { part in
            "  \(part.worker): \(NumberText.counted(part.attempts, "attempt")), "
                + "\(NumberText.grouped(part.complete)) complete, \(NumberText.grouped(part.failed)) failed, "
                + "\(NumberText.grouped(part.rows)) rows"
        } + (rest.map { ["  \($0) workers"] } ?? [])
    }

    private var events: [String] {
        let (shown, rest) = ReportLimits.cut(words.events, to: ReportLimits.events)
        return shown.map { "  \(TimeText.describe($0.moment)) \($0.text.indentedLines)" }
            + (rest.map { ["  \($0) events"] } ?? [])
    }

    private var failures: [String] {
        let (shown, rest) = ReportLimits.cut(report.failures.all, to: ReportLimits.groups)
        var lines = shown.map { group -> String in
            let word = group.failed.isEmpty ? style.yellow("RETRIED") : style.red("FAILED")
            let count = group.attempts > 1 ? " (\(NumberText.counted(group.attempts, "attempt")))" : ""
            return "  \(word) \(words.scope(of: group))\(count): \(paths.shortened(group.error).indentedLines)"
        }
        if let rest { lines.append("  \(rest) errors") }
        if report.failures.others > 0 {
            lines.append("  and \(NumberText.counted(report.failures.others, "attempt")) with yet other errors")
        }
        return lines
    }

    private var held: [String] {
        let (shown, rest) = ReportLimits.cut(report.held, to: ReportLimits.held)
        return shown.map { entry in
            "  \(style.yellow("HELD")) \(entry.key): \(words.text(of: entry, else: "no reason").indentedLines)"
        } + (rest.map { ["  \($0) held"] } ?? [])
    }
}
