internal import PartitionBackfill
internal import Partitions

/// The last words of a run.
struct RunSummary {
    /// More distinct errors than these are counted only.
    private static let greatestErrorCount = 10
    /// An error that was told in full while the run ran is cut to this many characters.
    private static let reminderWidth = 90

    let report: BackfillReport
    let job: String
    /// The command line that runs the failed partitions again.
    let retryCommand: String
    /// The command line that goes on where the run was stopped.
    let resumeCommand: String
    /// The command lines that show what is held, and decide about it.
    var decisionCommands: [String] = []
    /// Everything was to be held, and is shown and decided about next.
    var isCanary = false
    /// That command also runs again what this run has completed.
    var resumptionRepeats = false
    var style = Style.plain
    /// How paths are shown in errors.
    var paths = MessagePaths.unchanged
    /// The failures that were told in full while the run ran.
    var told: Set<FailureSignature> = []

    /// All of it.
    var text: String { ([headline, work] + end + failures + holds + advice).map { $0 + "\n" }.joined() }

    /// Why it ended before it was through.
    private var end: [String] { steered + limited }

    private var limited: [String] {
        report.byteLimit.map { ["  " + style.yellow(PriceText.sentence(for: $0))] } ?? []
    }

    private var steered: [String] {
        report.earlyEnd.map { ["  " + style.yellow(paths.shortened(SteeringText.sentence(for: $0)).indentedLines)] }
            ?? []
    }

    /// What has failed or is held, for those who want to read nothing else.
    var failureText: String { (end + failures + holds).map { $0 + "\n" }.joined() }

    private var headline: String {
        var parts = [counted(report.complete, "complete", style.green)]
        let notes = [(report.completedElsewhere, "by other processes"), (report.unchanged, "unchanged")]
            .filter { $0.0 > 0 }.map { "\(NumberText.grouped($0.0)) \($0.1)" }
        if !notes.isEmpty { parts[0] += " (\(notes.joined(separator: ", ")))" }
        if !report.failed.isEmpty { parts.append(counted(report.failed.count, "failed", style.red)) }
        if report.held > 0 { parts.append(counted(report.held, "held", style.yellow)) }
        if report.cancelled > 0 { parts.append(counted(report.cancelled, "cancelled", style.yellow)) }
        if report.remaining > 0 { parts.append(counted(report.remaining, "left", style.yellow)) }
        if report.skipped > 0 { parts.append(counted(report.skipped, "skipped", style.dim)) }
        return "\(style.bold(job)): " + parts.joined(separator: ", ")
            + (report.earlyEnd.map { "; \(SteeringText.word(for: $0))" } ?? (report.wasStopped ? "; stopped" : ""))
    }

    private var work: String {
        let here = report.complete - report.completedElsewhere
        let seconds = report.duration.seconds
        let rate = here > 0 && seconds > 0 ? " (\(RateText.describe(perSecond: Double(here) / seconds)))" : ""
        return "  \(NumberText.grouped(report.rows)) rows, \(ByteCountText.describe(report.bytes)) in "
            + DurationText.describe(report.duration) + rate
    }

    private var failures: [String] { lines(style.red("FAILED"), of: report.failed, "error") }

    private var holds: [String] {
        guard !isCanary else { return [] }
        let before = report.held - report.heldPartitions.count
        let others = before > 0 ? ["  \(style.yellow("HELD")) since before: \(NumberText.grouped(before))"] : []
        return lines(style.yellow("HELD"), of: report.heldPartitions, "reason") + others
    }

    /// Each distinct error once, with the partitions that have it; the most frequent first.
    private func lines(_ word: String, of errors: [PartitionKey: String], _ noun: String) -> [String] {
        let groups = Dictionary(grouping: errors.keys.sorted()) {
            FailureSignature(of: paths.shortened(errors[$0] ?? ""), on: $0)
        }
        let sorted = groups.sorted { ($1.value.count, $0.value[0]) < ($0.value.count, $1.value[0]) }
        var lines = sorted.prefix(Self.greatestErrorCount).map { signature, keys -> String in
            let error = paths.shortened(errors[keys[0]] ?? "")
            let reminder = error.firstLine.truncated(to: Self.reminderWidth)
            let shown = told.contains(signature) ? reminder : error.indentedLines
            return "  \(word) \(ranges(of: keys)): \(shown)"
        }
        if sorted.count > Self.greatestErrorCount {
            let more = NumberText.counted(sorted.count - Self.greatestErrorCount, "more \(noun)")
            lines.append("  and \(more), which 'status' lists")
        }
        return lines
    }

    private var advice: [String] {
        var lines: [String] = []
        if !report.failed.isEmpty { lines += ["When the cause is repaired:", "  \(retryCommand)"] }
        if report.held > 0, !isCanary, !decisionCommands.isEmpty {
            lines += ["To look at what is held, and to decide:"] + decisionCommands.map { "  \($0)" }
        }
        // The same limit would let nothing start again.
        let canGoOn = report.byteLimit.map { $0.started > 0 } ?? true
        if canGoOn, report.remaining > 0 || report.cancelled > 0 {
            let warning = resumptionRepeats ? " (this begins again with all of them)" : ""
            lines += ["To go on\(warning):", "  \(resumeCommand)"]
        }
        return lines
    }

    private func ranges(of keys: [PartitionKey]) -> String {
        guard let granularity = keys.first?.granularity else { return "" }
        let ranges = PartitionSet(granularity: granularity, keys: keys).ranges
        let shown = ranges.prefix(5).map(\.description).joined(separator: ", ")
        let count = keys.count > 1 ? " (\(NumberText.grouped(keys.count)))" : ""
        return shown + (ranges.count > 5 ? " and \(ranges.count - 5) more ranges" : "") + count
    }

    private func counted(_ number: Int, _ word: String, _ color: (String) -> String) -> String {
        number > 0 ? color("\(NumberText.grouped(number)) \(word)") : "0 \(word)"
    }
}
