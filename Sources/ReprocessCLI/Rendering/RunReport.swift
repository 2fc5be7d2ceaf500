internal import Foundation
internal import PartitionBackfill
internal import Partitions

/// One run, as the ledger tells it afterwards: what `report` prints in whatever form.
struct RunReport: Sendable {
    let job: String
    let run: Int64
    /// The first and the last partition of the range asked for; nothing where it was empty.
    let range: [PartitionKey]
    let planned: Int
    let skipped: Int?
    let options: String
    let reason: String?
    let worker: String
    let transformVersion: String
    let startedAt: Date
    let endedAt: Date?
    /// How it ended; nil while it runs, or where its process died.
    let outcome: String?
    /// What it made of its partitions, by key.
    let judged: [Judged]
    let now: Date

    var duration: Duration { TimeText.elapsed(from: startedAt, to: endedAt ?? now) }

    func keys(_ states: JudgedState...) -> [PartitionKey] {
        judged.filter { states.contains($0.state) }.map(\.key)
    }

    func count(_ state: JudgedState) -> Int { judged.count { $0.state == state } }

    /// Rows that the run published.
    var rows: Int64 {
        judged.reduce(0) { $0 + ([.changed, .new].contains($1.state) ? $1.new?.rows ?? 0 : 0) }
    }
}

/// The report for people.
struct RunReportText {
    let report: RunReport
    var style = Style.plain
    /// How paths are shown in errors.
    var paths = MessagePaths.unchanged

    var text: String { ([headline, course, request] + counts + failures + held).map { $0 + "\n" }.joined() }

    private var headline: String {
        let ends = Set(report.range).sorted().map(\.description)
        let range =
            ends.isEmpty ? "no partition" : ends.joined(separator: " to ") + (ends.count > 1 ? " inclusive" : "")
        return "\(style.bold("\(report.job), run \(report.run)")): \(range)"
            + (report.reason.map { ", \"\($0)\"" } ?? "")
    }

    private var course: String {
        let duration = DurationText.describe(report.duration)
        let end =
            switch report.outcome {
            case nil: style.yellow("not ended, or its process died, after \(duration)")
            case "FINISHED"?: "finished after \(duration)"
            case let outcome?: style.yellow("\(outcome.lowercased()) after \(duration)")
            }
        return "  began \(TimeText.describe(report.startedAt)) by \(report.worker), \(end)"
    }

    private var request: String {
        "  transform \(report.transformVersion)" + (report.options.isEmpty ? "" : ", \(report.options)")
    }

    /// How many partitions became what, and which: of those that changed, whatever depends on them must be made anew.
    private var counts: [String] {
        var rows = JudgedState.allCases.map { ($0.rawValue, report.count($0), ranges(of: report.keys($0))) }
        // Other processes may have done them, or nobody yet.
        rows.append(("not by this run", report.planned - report.judged.count, ""))
        rows.append(("skipped", report.skipped ?? 0, ""))
        rows = rows.filter { $0.1 > 0 }
        let nameWidth = rows.map { $0.0.count }.max() ?? 0
        let width = rows.map { NumberText.grouped($0.1).count }.max() ?? 0
        return rows.map { name, count, ranges in
            "  \(name.padded(to: nameWidth))  \(NumberText.grouped(count).rightAligned(to: width))  \(ranges)"
                .trimmedAtEnd
        }
    }

    private func ranges(of keys: [PartitionKey]) -> String {
        guard let first = keys.first else { return "" }
        return PartitionSet(granularity: first.granularity, keys: keys).ranges.map(\.description).joined(
            separator: ", ")
    }

    private var failures: [String] {
        report.judged.filter { $0.state == .failed }.map { entry in
            let reason = paths.shortened(entry.reason ?? "no message").indentedLines
            return "  \(style.red("FAILED")) \(entry.key): \(reason)"
        }
    }

    private var held: [String] {
        report.judged.filter { $0.state == .held }.map { entry in
            "  \(style.yellow("HELD")) \(entry.key): \(paths.shortened(entry.reason ?? "no reason").indentedLines)"
        }
    }
}

/// The report for programs.
enum RunReportJSON {
    static func line(for report: RunReport) -> String {
        let counts = JudgedState.allCases.map { ($0.rawValue, JSONValue.integer(report.count($0))) }
        return JSONValue.object([
            "job": .text(report.job), "run": .integer(report.run), "from": .optional(report.range.first?.description),
            "to": .optional(report.range.last?.description), "planned": .integer(report.planned),
            "skipped": .optional(report.skipped.map(Int64.init)), "options": .text(report.options),
            "reason": .optional(report.reason), "worker": .text(report.worker),
            "transform_version": .text(report.transformVersion),
            "started_at": .text(TimeText.machineReadable(report.startedAt)),
            "ended_at": .optional(report.endedAt.map(TimeText.machineReadable)),
            "outcome": .optional(report.outcome), "seconds": .number(report.duration.seconds),
            "rows": .integer(report.rows), "counts": .object(Dictionary(uniqueKeysWithValues: counts)),
            "changed": keys(report.keys(.changed, .new)), "unchanged": keys(report.keys(.unchanged)),
            "held": reasons(.held, report), "failed": reasons(.failed, report),
        ]).text + "\n"
    }

    private static func keys(_ keys: [PartitionKey]) -> JSONValue { .array(keys.map { .text($0.description) }) }

    private static func reasons(_ state: JudgedState, _ report: RunReport) -> JSONValue {
        .array(
            report.judged.filter { $0.state == state }.map { entry in
                .object(["partition": .text(entry.key.description), "reason": .optional(entry.reason)])
            })
    }
}
