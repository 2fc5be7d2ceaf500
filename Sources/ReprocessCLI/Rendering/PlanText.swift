internal import PartitionBackfill
internal import Partitions

/// A plan for people.
struct PlanText {
    /// More ranges than these are summed up by reason.
    private static let greatestSegmentCount = 24

    let plan: BackfillPlan
    var style = Style.plain

    /// The plan: the range, the decisions as ranges, and the counts.
    var text: String { header + "\n" + decisions + summary }

    /// The first line: job and range, both ends inclusive.
    var header: String {
        let total = plan.segments.reduce(0) { $0 + $1.range.count }
        let gaps = total == plan.range.count ? "" : ", with gaps"
        return "\(style.bold(plan.job)): \(NumberText.counted(total, "partition")), \(plan.range.inclusiveText)\(gaps)"
    }

    /// The decisions, a line for each range, or for each reason where there are too many ranges.
    var decisions: String {
        let lines = plan.segments.count <= Self.greatestSegmentCount ? segmentLines : reasonLines
        return lines.map { "  \($0)\n" }.joined()
    }

    /// The last line: how many run and how many do not.
    var summary: String {
        let skipped = plan.counts.filter { !$0.key.isRun }.sorted { $0.key.rawValue < $1.key.rawValue }
        let reasons = skipped.map { "\(NumberText.grouped($0.value)) \($0.key.rawValue)" }.joined(separator: ", ")
        let run = "\(NumberText.grouped(plan.runCount)) to run"
        guard !skipped.isEmpty else { return run + ".\n" }
        let skip = "\(NumberText.grouped(skipped.reduce(0) { $0 + $1.value })) to skip (\(reasons))"
        return "\(run), \(skip).\n" + adviceOnRecent
    }

    private var adviceOnRecent: String {
        guard plan.counts[.tooRecent, default: 0] > 0 else { return "" }
        return "The newest are left out, since a daily job may be at work on them: --settle 0s takes them in.\n"
    }

    /// Writes a line for each partition.
    func writePartitions(to output: (String) throws -> Void) throws {
        for segment in plan.segments {
            let end = "  \(action(segment.reason))  \(segment.reason.rawValue)\n"
            for key in segment.range { try output(key.description + end) }
        }
    }

    private var segmentLines: [String] {
        let names = plan.segments.map { "\($0.range) (\(NumberText.grouped($0.range.count)))" }
        let width = names.map(\.count).max() ?? 0
        return zip(plan.segments, names).map { segment, name in
            "\(action(segment.reason))  \(name.padded(to: width))  \(segment.reason.rawValue)"
        }
    }

    private var reasonLines: [String] {
        BackfillPlan.Reason.allCases.compactMap { reason in
            let ranges = plan.segments.filter { $0.reason == reason }.map(\.range)
            guard let first = ranges.first?.first, let last = ranges.last?.last else { return nil }
            let count = NumberText.grouped(ranges.reduce(0) { $0 + $1.count })
            let pieces = ranges.count == 1 ? "" : " in \(NumberText.grouped(ranges.count)) ranges"
            return "\(action(reason))  \(count)\(pieces), \(first) to \(last)  \(reason.rawValue)"
        }
    }

    private func action(_ reason: BackfillPlan.Reason) -> String {
        reason.isRun ? style.green("run ") : style.dim("skip")
    }
}

extension PartitionRange {
    /// The range with the words that say that its last partition belongs to it.
    var inclusiveText: String { count > 1 ? "\(self) inclusive" : description }
}
