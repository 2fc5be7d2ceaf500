import Foundation
import Partitions
import ProgressStore
import Testing

@testable import PartitionBackfill
@testable import ReprocessCLI

/// What is said of costs, ends and limits.
@Suite struct PriceTextTests {
    private static let now = Date(timeIntervalSince1970: 1_704_110_400)

    private func day(_ text: String) throws -> PartitionKey { try PartitionKey(parsing: text, as: .day) }

    private func end(_ started: Int64) throws -> ByteLimit {
        ByteLimit(
            limit: 200_000_000_000, started: started, next: try day("2024-03-01"), nextBytes: 2_100_000_000)
    }

    private func report(_ end: ByteLimit?) -> BackfillReport {
        BackfillReport(
            run: 5, complete: end?.started == 0 ? 0 : 60, completedElsewhere: 0, failed: [:], held: 0, skipped: 0,
            cancelled: 0, remaining: end == nil ? 0 : 122, wasStopped: false, rows: 1, bytes: 1, duration: .seconds(75),
            byteLimit: end)
    }

    @Test func `A run that ended at its limit of bytes says so, and how to go on`() throws {
        let summary = RunSummary(
            report: report(try end(199_200_000_000)), job: "orders", retryCommand: "retry",
            resumeCommand: "reprocess run")
        #expect(
            summary.text.contains(
                "Ended at --max-bytes 200 GB: what was started has sources of 199 GB, and 2024-03-01, the next one, of "
                    + "2.1 GB."), "\(summary.text)")
        #expect(summary.text.hasSuffix("To go on:\n  reprocess run\n"))
        #expect(
            RunEventJSON.line(for: report(try end(5))).contains(
                #""byte_limit":{"limit":200000000000,"next":"2024-03-01""#))
        #expect(RunEventJSON.line(for: report(nil)).contains(#""byte_limit":null"#))
    }

    @Test func `A limit that lets nothing start names the partition and the way out`() throws {
        let text = PriceText.sentence(for: try end(0))
        #expect(text.contains("2024-03-01") && text.contains("2.1 GB") && text.contains("--exclude 2024-03-01"))
        let summary = RunSummary(
            report: report(try end(0)), job: "orders", retryCommand: "retry", resumeCommand: "reprocess run")
        #expect(!summary.text.contains("To go on"), "\(summary.text)")
    }

    @Test func `Whoever asks for so many bytes has got them, and who got none has not`() throws {
        #expect(RunExit.code(for: report(try end(5)), heldByPlan: 0, limit: nil) == .complete)
        #expect(RunExit.code(for: report(try end(0)), heldByPlan: 0, limit: nil) == .stopped)
        #expect(RunExit.code(for: report(try end(5)), heldByPlan: 1, limit: nil) == .incomplete)
    }

    private func price() throws -> PlanPrice {
        let first = try day("2024-01-01")
        let sample = (0..<12).map { number in
            PlanPrice.Entry(
                key: first.advanced(by: number),
                price: PartitionPrice(
                    bytes: Int64(number + 1) * 1_200_000, rows: number < 6 ? 12_345 : nil,
                    seconds: number == 11 ? 61.5 : 12.25))
        }
        return PlanPrice(
            partitions: 12, sample: sample, attempts: 40, workers: 3, unseen: 1, problem: "The file 'x' cannot be read."
        )
    }

    @Test func `A price tells sizes, time, ends and the heaviest`() throws {
        try GoldenFile.expect(PriceText(price: try price()).text, equals: "price.txt")
        let plan = BackfillPlan(
            job: "orders", range: PartitionRange(granularity: .day, ordinals: 0..<0), segments: [], fence: 0)
        var text = ""
        try PlanJSON(plan: plan, price: try price()).write { text += $0 }
        try GoldenFile.expect(text, equals: "price.json")
        #expect((try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])?["price"] != nil)
    }

    @Test func `What is not known is not told, and what was not looked at is said`() throws {
        let key = try day("2024-01-01")
        let nothing = PlanPrice(
            partitions: 5_000, sample: [.init(key: key, price: PartitionPrice())], attempts: 0, workers: 2)
        #expect(
            PriceText(price: nothing).text == """
                Time: unknown yet, since no attempt at this job has come to a result.
                1 of 5,000 partitions were looked at, at equal distances; the rest is extrapolated.

                """)
    }

    @Test func `What the rows are is said with their number`() throws {
        let text = { (basis: PartitionPrice.RowsBasis, known: Int, read: Int) in
            let first = try day("2024-01-01")
            let sample = (0..<2).map { number in
                let rows: Int64? = number < known ? 1_500 : nil
                return PlanPrice.Entry(
                    key: first.advanced(by: number),
                    price: PartitionPrice(bytes: 1_000_000, rows: rows, rowsBasis: rows.map { _ in basis }))
            }
            let price = PlanPrice(
                partitions: 2, sample: sample, attempts: 0, workers: 1, footersRead: read, footers: 1_800)
            return PriceText(price: price).text
        }
        let counted = try text(.counted, 2, 1_800)
        #expect(counted.hasPrefix("Cost: 2.0 MB of source files, 3,000 rows in them, counted.\n"), "\(counted)")
        #expect(!counted.contains("looked into") && counted.contains(" 1,500\n"), "\(counted)")
        let part = try text(.counted, 1, 1_800)
        #expect(part.contains("about 3,000 rows in them, estimated (known of 1)."), "\(part)")
        let estimated = try text(.estimated, 2, 576)
        #expect(estimated.contains("about 3,000 rows in them, estimated.") && estimated.contains(" ~1,500\n"))
        #expect(
            estimated.contains(
                "576 of 1,800 Parquet files were looked into for their rows; those of the others are estimated by "
                    + "their size."), "\(estimated)")
        #expect(try text(.lastAttempt, 2, 1_800).contains("3,000 rows by what they had the last time."))
    }

    // MARK: The end of a run

    @Test func `Times that are alike foretell a moment, and those that differ a range`() throws {
        let alike = try #require(RemainingTime(count: 100, perSecond: 2, durations: [4, 4, 4, 4]))
        #expect(alike.expected == 50 && !alike.isRange && alike.text == "about 50s to go")
        let different = try #require(RemainingTime(count: 100, perSecond: 2, durations: [1, 2, 9, 4, 4, 1, 12, 3]))
        #expect(different.isRange && different.range.contains(50), "\(different)")
        #expect(different.text.hasPrefix("done in "))
        // The more have been seen, and the more are to come, the better it is known.
        let known = try #require(
            RemainingTime(
                count: 1_000, perSecond: 2,
                durations: Array(repeating: [1, 2, 9, 4, 4, 1, 12, 3], count: 10).flatMap { $0 }))
        #expect(
            known.range.upperBound / known.expected < different.range.upperBound / different.expected, "\(known)")
        #expect(RemainingTime(count: 0, perSecond: 1, durations: []) == nil)
        #expect(RemainingTime(count: 5, perSecond: 0, durations: [1, 2, 3]) == nil)
    }

    /// Ends that were foretold after ten partitions, over many runs with random times: the range holds most of them.
    @Test func `Nine of ten ends lie within the range, about`() throws {
        var random = SystemRandomNumberGenerator()
        var within = 0
        for _ in 0..<1_000 {
            let times = (0..<60).map { _ in Double.random(in: 1...9, using: &random) }
            let seen = Array(times.prefix(20))
            let mean = seen.reduce(0, +) / 20
            let remaining = try #require(RemainingTime(count: 40, perSecond: 1 / mean, durations: seen))
            if remaining.range.contains(times.dropFirst(20).reduce(0, +)) { within += 1 }
        }
        #expect((800...980).contains(within), "\(within) of 1000")
    }

    private func attempts(_ seconds: [Double]) throws -> [RecentAttempt] {
        try seconds.map {
            RecentAttempt(
                key: try day("2024-01-01"), startedAt: Self.now.addingTimeInterval(-$0), endedAt: Self.now, worker: "w",
                workers: 2)
        }
    }

    private func status(_ work: RunningWork?, _ advances: [RunAdvance], seconds: [Double]) throws -> StatusReport {
        StatusReport(
            job: "orders", range: nil, counts: [.complete: 120, .running: work?.count ?? 0, .pending: 4], perMinute: 6,
            running: [], failed: [], held: [], now: Self.now, work: work, recent: try attempts(seconds),
            advances: advances)
    }

    private func work() throws -> RunningWork {
        RunningWork(
            count: 4, oldest: try day("2024-05-01"), worker: "alpha:41:1f", since: Self.now.addingTimeInterval(-130))
    }

    private func advance(_ run: Int64, planned: Int, ended: Int?, from: String = "2024-01-01") throws -> RunAdvance {
        RunAdvance(run: run, first: try day(from), last: try day("2024-06-30"), planned: planned, ended: ended)
    }

    @Test func `A status foretells the end by what runs now, of what the runs have ahead`() throws {
        // Two processes of one command, the second one later: the first has more ahead, and it is the same.
        let advances = [try advance(1, planned: 182, ended: 82), try advance(2, planned: 130, ended: 31)]
        let report = try status(try work(), advances, seconds: [40, 40, 40])
        #expect(report.ahead == 100)
        // A hundred partitions of 40 seconds, four at a time.
        #expect(report.remaining?.expected == 1_000)
        let text = StatusText(report: report).text
        #expect(text.contains("  6.0 a minute, about 16m 40s to go\n"), "\(text)")
        #expect(text.contains("  4 running, the longest 2024-05-01 for 2m 10s, by alpha:41:1f\n"), "\(text)")
        let json = StatusJSON.line(for: report)
        #expect(json.contains(#""ahead":100"#) && json.contains(#""seconds_left":1000.0"#), "\(json)")
        #expect(json.contains(#""oldest_running":{"expected_seconds":null,"partition":"2024-05-01""#), "\(json)")
        let spread = StatusText(report: try status(try work(), advances, seconds: [10, 60, 50])).text
        #expect(spread.contains("done in "), "\(spread)")
    }

    @Test func `Different ranges are added, and what cannot be counted is left to the ledger's counts`() throws {
        let two = [try advance(1, planned: 10, ended: 2), try advance(2, planned: 7, ended: 1, from: "2024-02-01")]
        #expect(try status(try work(), two, seconds: []).ahead == 14)
        let many = [try advance(1, planned: 1_000_000, ended: nil)]
        #expect(try status(try work(), many, seconds: []).ahead == 8)
        #expect(try status(try work(), [], seconds: []).ahead == 8)
    }

    @Test func `Where nothing runs there is no end`() throws {
        let report = try status(nil, [], seconds: [40, 40, 40])
        #expect(report.remaining == nil)
        let text = StatusText(report: report).text
        #expect(text.contains("nothing runs at the moment") && !text.contains("to go"), "\(text)")
        #expect(StatusJSON.line(for: report).contains(#""seconds_left":null,"seconds_left_range":null"#))
    }

    @Test func `A display tells a range where times differ`() throws {
        var display = ProgressDisplay(job: "orders", total: 100)
        for (number, seconds) in [1, 8, 2, 9, 1, 7].enumerated() {
            let key = try day("2024-01-01").advanced(by: number)
            _ = display.apply(
                .completed(key, rows: 1, bytes: 1, duration: .seconds(seconds), wasAdopted: false, tableVersion: nil),
                at: .seconds(number + 1))
        }
        #expect(display.line(at: .seconds(6)).contains("done in "))
    }
}
