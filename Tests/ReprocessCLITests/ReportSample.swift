import Foundation
import PartitionBackfill
import Partitions
import ProgressStore

@testable import ReprocessCLI

/// Runs and attempts of which reports are made.
enum ReportSample {
    static let now = Date(timeIntervalSince1970: 1_719_835_203)
    static let start = now.addingTimeInterval(-75)

    static func key(_ day: Int) -> PartitionKey { PartitionKey(granularity: .day, ordinal: 19_787 + day) }

    static func run(
        outcome: String? = "FINISHED", planned: Int64 = 9, reason: String? = "new rates", last: PartitionKey = key(9),
        options: String = "--only unfinished", job: String = "orders"
    ) -> RunRow {
        RunRow(
            id: 7, job: job, firstKey: key(0), lastKey: last, planned: planned, tableIdentity: "hive:/lake/orders",
            transformVersion: "4f2a", options: options, reason: reason, worker: "alpha:41:1f", databaseUser: "etl",
            control: "RUN", startedAt: start, endedAt: outcome == nil ? nil : now.addingTimeInterval(-3),
            outcome: outcome, complete: outcome == nil ? nil : 5, failed: outcome == nil ? nil : 1,
            skipped: outcome == nil ? nil : 1)
    }

    /// An attempt that began and ended so many seconds after the run began.
    static func attempt(
        _ day: Int, _ outcome: String = "COMPLETE", from began: Double = 0, to ended: Double? = 4, fence: Int64? = nil,
        kind: AttemptKind = .run, wasUnchanged: Bool = false, worker: String = "alpha:41:1f", error: String? = nil,
        rows: Int64? = 540, engine: Double? = 1.5, hasReplaced: Bool = true, oldRows: Int64? = 612, waits: Bool = false
    ) -> RunAttempt {
        RunAttempt(
            key: key(day), fence: fence ?? Int64(31 + day), kind: kind, outcome: outcome, wasUnchanged: wasUnchanged,
            worker: worker, host: String(worker.prefix { $0 != ":" }), startedAt: start.addingTimeInterval(began),
            endedAt: ended.map { start.addingTimeInterval($0) }, errorMessage: error, rowsWritten: rows,
            bytesWritten: rows.map { $0 * 37 },
            cost: AttemptCost(bytesRead: 60_000, rowsRead: rows, engineSeconds: engine),
            transformVersion: "4f2a", tableVersion: outcome == "COMPLETE" ? "\(31 + day)-a" : nil,
            sourceVersions: ["/lake/bronze": Int64(100 + day)], hasReplaced: hasReplaced,
            replacedRows: hasReplaced ? oldRows : nil, replacedBytes: hasReplaced ? 23_400 : nil, waits: waits)
    }

    static func event(
        _ control: RunControl?, at seconds: Double, settings: [String: String] = [:], isBreaker: Bool = false,
        reason: String? = nil
    ) -> ControlEvent {
        ControlEvent(
            control: control, settings: settings, isBreaker: isBreaker, askedBy: "ann", databaseUser: "ann_db",
            askedAt: start.addingTimeInterval(seconds), reason: reason)
    }

    static func report(
        _ run: RunRow, _ attempts: [RunAttempt], isLive: Bool = false, events: [ControlEvent] = []
    ) -> RunReport {
        var builder = RunReportBuilder(run, isLive: isLive, events: events, now: now)
        for attempt in attempts { builder.add(attempt) }
        return builder.finish()
    }

    /// A run in which everything happened that can.
    static let full = report(
        run(),
        [
            attempt(0, to: 2), attempt(1, from: 2, to: 9, oldRows: nil),
            attempt(2, "RETRY", from: 3, to: 5, fence: 33, error: "Connection to 10.0.0.7 was reset.", rows: nil),
            attempt(2, from: 20, to: 22, fence: 43, worker: "beta:7:aa", hasReplaced: false),
            attempt(3, from: 4, to: 30, wasUnchanged: true), attempt(4, from: 5, to: 31, wasUnchanged: true),
            attempt(5, "HELD", to: 40, error: "row_count_drop: 72 of 612 rows are gone\nMore.", waits: true),
            attempt(
                6, "FAILED", from: 40, to: 41, error: "No file '/data/2024-03-11.csv'.", rows: nil, hasReplaced: false),
            attempt(7, "HELD", from: 41, to: 50, error: "row_count_drop: all is gone"),
            // Approved after the run: it counts, but is no part of its course.
            attempt(8, "HELD", from: 42, to: 60, fence: 39, worker: "beta:7:aa", error: "new columns"),
            attempt(
                8, "COMPLETE", from: 900, to: 901, fence: 50, kind: .approve, worker: "beta:9:cc", engine: nil),
        ],
        events: [
            event(.pause, at: 10, reason: "month-end closing"), event(.run, at: 18),
            event(nil, at: 30, settings: ["workers": "8", "rate": "30/min"]),
            event(.pause, at: 50, isBreaker: true, reason: "5 partitions in a row failed"),
        ])
}
