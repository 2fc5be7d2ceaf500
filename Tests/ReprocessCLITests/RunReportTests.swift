import Foundation
import Partitions
import ProgressStore
import Testing

@testable import ReprocessCLI

@Suite struct RunReportTests {
    @Test func `A report counts and names what a run did`() throws {
        let going = ReportSample.report(ReportSample.run(outcome: nil), [], isLive: true)
        let gone = ReportSample.report(ReportSample.run(outcome: nil), [])
        let text = [ReportSample.full, going, gone].map { RunReportText(report: $0).text }.joined(separator: "\n")
        try GoldenFile.expect(text, equals: "report.txt")
        try GoldenFile.expect(RunReportJSON.line(for: ReportSample.full), equals: "report.json")
        try GoldenFile.expect(RunReportMarkdown(report: ReportSample.full).text, equals: "report.md")
        try GoldenFile.expect(RunReportHTML(report: ReportSample.full).text, equals: "report.html")
    }

    @Test func `What was published counts, and nothing of what was held, failed or equal`() {
        let report = ReportSample.full
        #expect(report.keys(.changed) == [0, 1, 8].map(ReportSample.key))
        #expect(report.keys(.new) == [ReportSample.key(2)])
        #expect(report.keys(.unchanged) == [3, 4].map(ReportSample.key))
        #expect(report.held.map(\.key) == [ReportSample.key(5)])
        // What was held and is no more, although nobody approved it.
        #expect(report.keys(.dropped) == [ReportSample.key(7)])
        #expect(report.totals.newRows == 4 * 540)
        #expect(report.totals.oldRows == 2 * 612)
        #expect(report.totals.uncounted == 1)
        #expect(report.notByThisRun == 0)
    }

    @Test func `What all attempts took is added up, also of those that failed`() {
        let cost = ReportSample.full.cost
        #expect(cost.attempts == 11)
        #expect(cost.bytesRead == 660_000)
        #expect(cost.engineSeconds == 15)
        #expect(cost.unmeasured == 1)
        #expect(cost.rowsRead == 4_860)
        // Of the approval nobody has measured anything; of the two that failed it is not known what they read.
        #expect(cost.uncountedSources == 2)
        #expect(ReportSample.full.workers.map(\.worker) == ["alpha:41:1f", "beta:7:aa", "beta:9:cc"])
        #expect(ReportSample.full.workers.map(\.attempts) == [8, 2, 1])
    }

    @Test func `What runs, is to come, was given back or left is told for what it is`() {
        let attempts = [
            ReportSample.attempt(0), ReportSample.attempt(1, "RUNNING", to: nil, rows: nil, engine: nil),
            ReportSample.attempt(2, "RELEASED", rows: nil, engine: nil),
            ReportSample.attempt(3, "LOST", rows: nil, engine: nil),
        ]
        func counts(_ report: RunReport) -> [String] {
            ReportWords(report: report).counts.map { "\($0.count) \($0.name)" }
        }
        let live = ReportSample.report(ReportSample.run(outcome: nil), attempts, isLive: true)
        #expect(counts(live) == ["1 changed", "1 running", "7 to come"])
        let gone = ReportSample.report(ReportSample.run(outcome: nil), attempts)
        #expect(counts(gone) == ["1 changed", "1 left running", "7 not by this run"])
        #expect(
            ReportWords(report: gone).cost.hasPrefix(
                "4 attempts, 1 of them given back, 1 of them lost with their worker, "))
        #expect(RunReportJSON.line(for: gone).contains("\"lost\":1") && gone.cost.released == 1)
    }

    @Test func `Failures are one group where only names and numbers differ`() {
        let groups = ReportSample.report(
            ReportSample.run(),
            (0..<40).map { day in
                ReportSample.attempt(
                    day, day % 2 == 0 ? "FAILED" : "RETRY", error: "No file '/data/\(day).csv' with \(day) rows.")
            } + [ReportSample.attempt(50, "FAILED", error: "Out of disk.")]
        ).failures
        #expect(groups.all.count == 2)
        #expect(groups.all.map(\.attempts) == [40, 1])
        #expect(groups.all[0].failed.count == 20)
        #expect(groups.all[0].keys.count == 40)
    }

    @Test func `Durations are told by their ranks`() {
        #expect(DurationSpread([]) == nil)
        let one = DurationSpread([3])
        #expect(one?.least == 3 && one?.median == 3 && one?.ninth == 3 && one?.greatest == 3)
        let hundred = DurationSpread((1...100).map(Double.init).shuffled())
        #expect(hundred?.median == 50 && hundred?.ninth == 90 && hundred?.greatest == 100 && hundred?.least == 1)
        // An approval, hours later, is none of the run's durations.
        #expect(ReportSample.full.durations?.greatest == 40)
        #expect(ReportSample.full.slowest.map(\.seconds) == [40, 26, 26, 18, 9, 7, 2, 2, 1])
    }

    @Test func `Each end is in the slice of its moment, and none that came after the run`() {
        let timeline = ReportSample.full.timeline
        #expect(timeline.complete.reduce(0, +) == 5)
        #expect(timeline.held.reduce(0, +) == 3)
        #expect(timeline.failed.reduce(0, +) == 2)
        #expect(timeline.place(of: timeline.end) == ReportTimeline.sliceCount - 1)
        #expect(timeline.place(of: timeline.end.addingTimeInterval(1)) == nil)
        #expect(timeline.sparkline.count == ReportTimeline.sliceCount)
    }

    @Test func `A run without attempts, and one of no time, have a report in every form`() {
        var row = ReportSample.run(planned: 0)
        row.endedAt = row.startedAt
        row.firstKey = nil
        row.lastKey = nil
        let report = ReportSample.report(row, [])
        for format in ReportFormat.allCases { #expect(!format.text(of: report).isEmpty) }
        #expect(!RunReportHTML(report: report).text.contains("<svg"))
    }
}
