internal import Foundation
internal import PartitionBackfill
internal import Partitions
internal import ProgressStore

/// The facts of a report in words, the same in every form for people.
struct ReportWords {
    let report: RunReport
    /// How paths are shown.
    var paths = MessagePaths.unchanged

    private var run: RunRow { report.run }

    var range: String {
        let ends = Set(report.range).sorted().map(\.description)
        return ends.isEmpty
            ? "no partition" : ends.joined(separator: " to ") + (ends.count > 1 ? " inclusive" : "")
    }

    var course: String { report.course.sentence(DurationText.describe(report.duration)) }

    /// What was asked for and by whom, as pairs of a name and a text; what is not known is left out.
    var facts: [(name: String, text: String)] {
        let machine = report.workers.first { $0.worker == run.worker }?.host
        return [
            ("began", TimeText.describe(run.startedAt)), ("ended", run.endedAt.map(TimeText.describe)),
            ("by", run.worker + (machine.map { " on \($0)" } ?? "")), ("database user", run.databaseUser),
            ("why", run.reason?.visible), ("options", run.options.isEmpty ? nil : run.options),
            ("transform", run.transformVersion), ("table", run.tableIdentity.map(paths.shortened)),
        ].compactMap { name, text in text.map { (name, $0) } }
    }

    /// How many partitions became what, and which.
    var counts: [(name: String, count: Int, ranges: String)] {
        var rows = JudgedState.allCases.map {
            ($0.rawValue, report.count($0), ReportLimits.ranges(of: report.keys($0)))
        }
        // Of a process that is gone nothing runs.
        rows.append((report.isLive ? "running" : "left running", report.running, ""))
        // Other processes may have done them, or nobody yet.
        rows.append((report.isLive ? "to come" : "not by this run", report.notByThisRun, ""))
        rows.append(("skipped", Int(run.skipped ?? 0), ""))
        return rows.filter { $0.1 > 0 }
    }

    /// What was published instead of what was there; nil where nothing was.
    var totals: String? {
        guard report.count(.changed) + report.count(.new) > 0 else { return nil }
        let totals = report.totals
        let (old, new) = (Quantity(totals.oldRows), Quantity(totals.newRows))
        // With some of the old rows missing the difference would tell of growth that there was not.
        let change = totals.uncounted == 0 ? Quantity.change(from: old, to: new) : ""
        let missing =
            totals.uncounted == 0
            ? "" : "; the old rows of \(NumberText.counted(totals.uncounted, "partition")) are not known"
        return "\(NumberText.grouped(totals.oldRows)) → \(NumberText.grouped(totals.newRows)) rows"
            + (change.isEmpty ? "" : ", \(change)")
            + "; \(ByteCountText.describe(totals.oldBytes)) → \(ByteCountText.describe(totals.newBytes))" + missing
    }

    /// What it took.
    var cost: String {
        let cost = report.cost
        var parts = [NumberText.counted(cost.attempts, "attempt")]
        if cost.released > 0 { parts.append("\(NumberText.grouped(cost.released)) of them given back") }
        if cost.lost > 0 { parts.append("\(NumberText.grouped(cost.lost)) of them lost with their worker") }
        if let bytes = cost.bytesRead { parts.append("\(ByteCountText.describe(bytes)) of sources") }
        if let rows = cost.rowsRead {
            let others = NumberText.counted(cost.uncountedSources, "attempt")
            parts.append(
                "\(NumberText.grouped(rows)) rows read" + (cost.uncountedSources > 0 ? " (not known of \(others))" : "")
            )
        }
        if let seconds = cost.engineSeconds { parts.append("\(Self.time(seconds)) in the engine") }
        if cost.unmeasured > 0, cost.engineSeconds != nil {
            parts.append("not known of \(NumberText.counted(cost.unmeasured, "attempt"))")
        }
        return parts.joined(separator: ", ")
    }

    /// How long partitions took; nil where none came to an end.
    var durations: String? {
        report.durations.map { spread in
            "least \(Self.time(spread.least)), median \(Self.time(spread.median)), nine of ten within "
                + "\(Self.time(spread.ninth)), greatest \(Self.time(spread.greatest))"
        }
    }

    /// The versions of the table and of the tables that were read.
    var versions: [(name: String, text: String)] {
        let table = report.tableVersions.map { [("table version", Self.span($0))] } ?? []
        return table
            + report.sourceVersions.sorted { $0.key < $1.key }.map {
                ("source \(paths.shortened($0.key))", "version " + Self.span($0.value))
            }
    }

    /// What was asked of the run while it ran, a sentence each.
    var events: [(moment: Date, text: String)] {
        report.events.map { event in
            let word: String? =
                switch event.control {
                case nil: nil
                case .run?: "resumed"
                case .pause?: "paused"
                case .drain?: "asked to end"
                case .cancel?: "called off"
                }
            let settings = event.settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            let set = settings.isEmpty ? nil : "set " + settings.joined(separator: " ")
            let user = event.isBreaker ? "by its breaker" : "by \(event.askedBy) (database user \(event.databaseUser))"
            let what = [word, set].compactMap { $0 }.joined(separator: ", ") + " \(user)"
            return (event.askedAt, what + (event.reason.map { ": \(paths.shortened($0))" } ?? ""))
        }
    }

    /// Whom a group of failures is about: the partitions that are FAILED, else those that were tried again.
    func scope(of group: FailureGroups.Group) -> String {
        guard group.failed.isEmpty else {
            let others = group.keys.count - group.failed.count
            return ReportLimits.ranges(of: group.failed, limit: 20)
                + (others > 0 ? " (and \(NumberText.grouped(others)) that were tried again)" : "")
        }
        return ReportLimits.ranges(of: group.keys, limit: 20)
    }

    func text(of reasoned: RunReport.Reasoned, else missing: String) -> String {
        paths.shortened(reasoned.reason ?? missing)
    }

    static func time(_ seconds: Double) -> String {
        DurationText.describe(.milliseconds(Int64((seconds * 1000).rounded())))
    }

    private static func span(_ versions: RunReport.Versions) -> String {
        versions.first == versions.last ? versions.first : "\(versions.first) to \(versions.last)"
    }
}
