internal import PartitionBackfill
internal import Partitions

/// The last words of a run.
struct RunSummary {
    /// More distinct errors than these are counted only.
    private static let greatestErrorCount = 10

    let report: BackfillReport
    let job: String
    /// The command line that runs the failed partitions again.
    let retryCommand: String
    /// The command line that goes on where the run was stopped.
    let resumeCommand: String
    var style = Style.plain

    var text: String {
        ([headline, work] + failures + advice).compactMap { $0 }.map { $0 + "\n" }.joined()
    }

    private var headline: String {
        var parts = [counted(report.complete, "complete", style.green)]
        if report.completedElsewhere > 0 {
            parts[0] += " (\(NumberText.grouped(report.completedElsewhere)) by other processes)"
        }
        if !report.failed.isEmpty { parts.append(counted(report.failed.count, "failed", style.red)) }
        if report.held > 0 { parts.append(counted(report.held, "held", style.yellow)) }
        if report.cancelled > 0 { parts.append(counted(report.cancelled, "cancelled", style.yellow)) }
        if report.remaining > 0 { parts.append(counted(report.remaining, "left", style.yellow)) }
        if report.skipped > 0 { parts.append(counted(report.skipped, "skipped", style.dim)) }
        return "\(style.bold(job)): " + parts.joined(separator: ", ") + (report.wasStopped ? "; stopped" : "")
    }

    private var work: String {
        let here = report.complete - report.completedElsewhere
        let seconds = report.duration.seconds
        let rate = here > 0 && seconds > 0 ? " (\(RateText.describe(perSecond: Double(here) / seconds)))" : ""
        return "  \(NumberText.grouped(report.rows)) rows, \(ByteCountText.describe(report.bytes)) in "
            + DurationText.describe(report.duration) + rate
    }

    /// Each distinct error once, with the partitions that have it; the most frequent first.
    private var failures: [String] {
        let groups = Dictionary(grouping: report.failed.keys.sorted()) { signature(of: report.failed[$0] ?? "", $0) }
        let sorted = groups.sorted { ($1.value.count, $0.value[0]) < ($0.value.count, $1.value[0]) }
        var lines = sorted.prefix(Self.greatestErrorCount).map { _, keys -> String in
            let error = report.failed[keys[0]] ?? ""
            return "  \(style.red("FAILED")) \(ranges(of: keys)): \(error.indentedLines)"
        }
        if sorted.count > Self.greatestErrorCount {
            lines.append("  and \(NumberText.counted(sorted.count - Self.greatestErrorCount, "more error")).")
        }
        return lines
    }

    private var advice: [String] {
        var lines: [String] = []
        if !report.failed.isEmpty { lines += ["When the cause is repaired:", "  \(retryCommand)"] }
        if report.remaining > 0 || report.cancelled > 0 { lines += ["To go on:", "  \(resumeCommand)"] }
        return lines
    }

    /// The error without the partition's own key, so that the same error on many days is one.
    private func signature(of error: String, _ key: PartitionKey) -> String {
        error.firstLine.replacing(key.description, with: "")
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
