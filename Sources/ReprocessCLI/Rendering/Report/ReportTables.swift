internal import Foundation
internal import PartitionBackfill
internal import Partitions
internal import ProgressStore

/// A table of a report, before anything is escaped.
struct ReportTable {
    let title: String
    /// The names of the columns; those that are numbers are set to the right.
    let columns: [(name: String, isNumber: Bool)]
    let rows: [[String]]
    /// What is missing, such as `and 9,000 more`.
    var rest: String?
}

/// The tables of a report, the same in Markdown and in HTML; those without rows are left out.
struct ReportTables {
    let words: ReportWords
    private var report: RunReport { words.report }

    init(_ words: ReportWords) { self.words = words }

    var facts: ReportTable {
        ReportTable(
            title: "The run", columns: [("what", false), ("is", false)],
            rows: words.facts.map { [$0.name, $0.text] } + words.versions.map { [$0.name, $0.text] })
    }

    var counts: ReportTable {
        ReportTable(
            title: "Partitions", columns: [("state", false), ("count", true), ("which", false)],
            rows: words.counts.map { [$0.name, NumberText.grouped($0.count), $0.ranges] })
    }

    var work: ReportTable {
        let rows = [("published", words.totals), ("cost", words.cost), ("each took", words.durations)]
        return ReportTable(
            title: "Work", columns: [("what", false), ("is", false)],
            rows: rows.compactMap { name, text in text.map { [name, $0] } })
    }

    /// Everything that comes after the chart.
    var details: [ReportTable] {
        ([ReportCalendar(report)?.table, failures, held, slowest, workers, events] as [ReportTable?])
            .compactMap { $0 }.filter { !$0.rows.isEmpty }
    }

    private var failures: ReportTable {
        let (shown, rest) = ReportLimits.cut(report.failures.all, to: ReportLimits.groups)
        return ReportTable(
            title: "Failures by error",
            columns: [("left", false), ("partitions", false), ("attempts", true), ("error", false)],
            rows: shown.map { group in
                [
                    group.failed.isEmpty ? "tried again" : "FAILED", words.scope(of: group),
                    NumberText.grouped(group.attempts), words.paths.shortened(group.error),
                ]
            }, rest: rest)
    }

    private var held: ReportTable {
        let (shown, rest) = ReportLimits.cut(report.held, to: ReportLimits.held)
        return ReportTable(
            title: "Held", columns: [("partition", false), ("reason", false)],
            rows: shown.map { [$0.key.description, words.text(of: $0, else: "no reason")] }, rest: rest)
    }

    private var slowest: ReportTable {
        ReportTable(
            title: "Slowest",
            columns: [("partition", false), ("took", true), ("rows", true), ("ended", false), ("worker", false)],
            rows: report.slowest.map { attempt in
                [
                    attempt.key.description, ReportWords.time(attempt.seconds),
                    attempt.rows.map { NumberText.grouped($0) } ?? "", attempt.outcome, attempt.worker,
                ]
            })
    }

    private var workers: ReportTable {
        let (shown, rest) = ReportLimits.cut(report.workers, to: ReportLimits.workers)
        return ReportTable(
            title: "Workers",
            columns: [
                ("worker", false), ("machine", false), ("attempts", true), ("complete", true), ("failed", true),
                ("rows", true), ("in the engine", true),
            ],
            rows: shown.map { part in
                [part.worker, part.host ?? ""]
                    + [part.attempts, part.complete, part.failed].map { NumberText.grouped($0) }
                    + [NumberText.grouped(part.rows), part.engineSeconds.map(ReportWords.time) ?? ""]
            }, rest: rest)
    }

    private var events: ReportTable {
        let (shown, rest) = ReportLimits.cut(words.events, to: ReportLimits.events)
        return ReportTable(
            title: "What was asked of it", columns: [("when", false), ("what", false)],
            rows: shown.map { [TimeText.describe($0.moment), $0.text] }, rest: rest)
    }
}
