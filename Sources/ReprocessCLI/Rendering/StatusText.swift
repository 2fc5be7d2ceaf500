internal import PartitionBackfill
internal import Partitions
internal import ProgressStore

/// A status for people.
struct StatusText {
    let report: StatusReport
    var style = Style.plain
    /// How paths are shown in errors.
    var paths = MessagePaths.unchanged
    /// The command lines that show what is held, and decide about it.
    var decisionCommands: [String] = []

    var text: String {
        guard report.total > 0 else {
            return "\(style.bold(report.job)): the ledger knows no partition of it yet; the first 'run' plans them.\n"
        }
        return ([heading] + counts + pace + steered + lists).compactMap { $0 }.map { $0 + "\n" }.joined()
    }

    private var heading: String {
        let range = report.range.map { ", \($0.inclusiveText)" } ?? ""
        let complete = report.counts[.complete] ?? 0
        let percent = NumberText.percent(complete, of: report.total)
        return
            "\(style.bold(report.job)): \(NumberText.counted(report.total, "partition"))\(range), \(percent)% complete"
    }

    private var counts: [String] {
        var rows: [(String, Int)] = Status.allCases.compactMap { status in
            guard let count = report.counts[status], count > 0 else { return nil }
            return (status.rawValue, count)
        }
        if report.unplanned > 0 { rows.append(("not planned", report.unplanned)) }
        let width = rows.map { NumberText.grouped($0.1).count }.max() ?? 0
        return rows.map { name, count in
            "  \(color(name.padded(to: 11), for: name))  \(NumberText.grouped(count).rightAligned(to: width))"
        }
    }

    /// How fast it goes, when it will be done, and what has run longest.
    private var pace: [String] {
        guard report.isGoingOn else { return [] }
        guard report.work != nil || !report.running.isEmpty else { return ["  nothing runs at the moment"] }
        let rate = report.perMinute.flatMap { $0 > 0 ? "\(NumberText.oneDecimal($0)) a minute" : nil }
        let parts = [rate, report.remaining?.text].compactMap { $0 }
        return (parts.isEmpty ? [] : ["  " + parts.joined(separator: ", ")]) + oldest + heaviest
    }

    private var oldest: [String] {
        guard let work = report.work else { return [] }
        let since = work.since.map { " for \(DurationText.describe(TimeText.elapsed(from: $0, to: report.now)))" } ?? ""
        let expected = report.workLeft?.expected(of: work.oldest).map {
            " of about \(DurationText.describe(seconds: $0))"
        }
        let worker = work.worker.map { ", by \($0)" } ?? ""
        let longest = "the longest \(work.oldest)\(since)\(since.isEmpty ? "" : expected ?? "")\(worker)"
        return ["  \(NumberText.grouped(work.count)) running, \(longest)"]
    }

    /// What is still to be begun and takes at least twice as long as the others.
    private var heaviest: [String] {
        guard let left = report.workLeft, let mean = left.meanToCome else { return [] }
        let heavy = left.heaviest(StatusReport.heaviestCount).filter { ($0.expected ?? 0) >= 2 * mean }
        guard !heavy.isEmpty else { return [] }
        let shown = heavy.prefix(Self.heaviestShown).map {
            "\($0.key) \(DurationText.describe(seconds: $0.expected ?? 0))"
        }
        let more = heavy.count > shown.count ? ["\(heavy.count - shown.count) more"] : []
        return ["  heaviest to come: " + (shown + more).joined(separator: ", ")]
    }

    /// Partitions that fit on the line of the heaviest.
    private static let heaviestShown = 3

    /// What was asked of the runs that are at work, where anything was.
    private var steered: [String] {
        report.runs.compactMap { SteeringText.line(for: $0, at: report.now) }.map { style.yellow("  \($0)") }
    }

    private var lists: [String] {
        list("Running", report.running, of: .running) { row in
            let since = row.startedAt.map { "for \(DurationText.describe(TimeText.elapsed(from: $0, to: report.now)))" }
            let lost = row.isLeaseExpired ? style.yellow("its worker is lost; the next run takes it over") : nil
            let batches = row.batches > 0 ? BatchText.finished(row.batches, row.batchRows) : nil
            return [since, batches, row.worker.map { "by \($0)" }, lost].compactMap { $0 }.joined(separator: ", ")
        }
            + list("Failed", report.failed, of: .failed) { row in
                "attempt \(row.attempt): \(error(of: row) ?? "no message")"
            }
            + list("Held", report.held, of: .held) { error(of: $0) ?? "" }
            + (report.held.isEmpty || decisionCommands.isEmpty
                ? [] : ["To look at what is held, and to decide:"] + decisionCommands.map { "  \($0)" })
    }

    private func error(of row: ProgressRow) -> String? { row.errorMessage.map { paths.shortened($0.firstLine) } }

    private func list(
        _ title: String, _ rows: [ProgressRow], of status: Status, _ describe: (ProgressRow) -> String
    ) -> [String] {
        guard !rows.isEmpty else { return [] }
        let hidden = (report.counts[status] ?? 0) - rows.count
        let more = hidden > 0 ? ["  and \(NumberText.grouped(hidden)) more; --json lists them"] : []
        return [color(title, for: status.rawValue)] + rows.map { "  \($0.key)  \(describe($0))" } + more
    }

    private func color(_ text: String, for status: String) -> String {
        switch status {
        case Status.complete.rawValue: style.green(text)
        case Status.failed.rawValue: style.red(text)
        case Status.held.rawValue, Status.cancelled.rawValue: style.yellow(text)
        default: text
        }
    }
}
