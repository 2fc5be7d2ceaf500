import Foundation
import PartitionBackfill
import Partitions
import ProgressStore
import TestSupport
import Testing
import Transforms

@testable import ReprocessCLI

/// A status that foretells by what each partition was foretold to take, of a real ledger that several processes share.
@Suite(.timeLimit(.minutes(3))) struct PricedStatusTests {
    /// Days of January that take ten seconds; those behind take an hour each.
    private static let light = 16
    private static let heavy = 4

    /// Two processes of one command, and somebody at a third machine who asks for the status.
    private struct Fixture {
        let cluster: TestCluster
        let schema: String
        let first: Ledger
        let second: Ledger
        let folder: TemporaryDirectory

        init() async throws {
            cluster = try await TestCluster.shared()
            schema = cluster.freshSchema()
            folder = try TemporaryDirectory()
            let location = LedgerLocation.server(conninfo: cluster.conninfo)
            first = try await Ledger.open(location, options: LedgerOptions(schema: schema, worker: "alpha:1:a"))
            second = try await Ledger.open(location, options: LedgerOptions(schema: schema, worker: "beta:2:b"))
        }

        func execute(_ sql: String) async throws {
            try await cluster.execute(sql.replacing("reprocess.", with: "\(schema)."))
        }

        func status(from: Int? = nil, through: Int? = nil) async throws -> StatusReport {
            let ledger = try await Ledger.open(
                .server(conninfo: cluster.conninfo), options: LedgerOptions(schema: schema, worker: "gamma:3:c"))
            let job = Job("orders", version: "2", target: .hive(folder.appending("orders"), partitionedBy: "day")) {
                _ in
            }
            var range: PartitionRange?
            if let from, let through { range = days(from, through) }
            return try await StatusReader(ledger: ledger, job: job, range: range).read(limit: 20)
        }

        /// Opens a run over days of January, and records what they are foretold to take.
        func open(_ ledger: Ledger, _ range: PartitionRange, foretells: Bool = true) async throws -> Int64 {
            let run = try await ledger.openRun(
                RunRequest(
                    job: "orders", range: range, planned: PartitionSet(range), tableIdentity: "lake/orders",
                    options: "--workers 1", reason: nil, transformVersion: "2"))
            guard foretells else { return run }
            let partitions = range.map { key in
                ForetoldPartition(key: key, seconds: key.ordinal - days(1, 1).ordinals.lowerBound < light ? 10 : 3_600)
            }
            try await ledger.recordForecast(run: run, planned: partitions.count, partitions)
            return run
        }

        func claim(_ ledger: Ledger, _ run: Int64, _ from: Int, _ through: Int) async throws -> [Claim] {
            let claims = try await ledger.claim(
                ClaimRequest(
                    job: "orders", tableIdentity: "lake/orders", run: run, transformVersion: "2",
                    candidates: Array(days(from, through)), limit: 64, planFence: 0, lease: .seconds(900)))
            guard claims.count == through - from + 1 else { throw TestSupportError("not all of \(from) to \(through)") }
            return claims
        }

        /// Completes days, each of which took so many seconds.
        func complete(_ ledger: Ledger, _ claims: [Claim], seconds: Int) async throws {
            _ = try await ledger.complete(
                job: "orders",
                claims.map {
                    Completion(token: $0.token, facts: CompletionFacts(rowsWritten: 1, transformVersion: "2"))
                })
            let keys = claims.map { "'\($0.key)'" }.joined(separator: ", ")
            try await execute(
                """
                ALTER TABLE reprocess.attempt DISABLE TRIGGER guard_ended;
                UPDATE reprocess.attempt SET started_at = ended_at - interval '\(seconds) s'
                WHERE partition_key IN (\(keys));
                ALTER TABLE reprocess.attempt ENABLE TRIGGER guard_ended
                """)
        }
    }

    private static func days(_ from: Int, _ through: Int) -> PartitionRange {
        // 2024-01-01 is day 19,723 since 1970.
        PartitionRange(granularity: .day, ordinals: (19_722 + from)..<(19_723 + through))
    }

    /// Fourteen light days are done, and one runs in each process; all heavy ones are left.
    private func begun(seconds: Int = 10, foretells: Bool = true) async throws -> (fixture: Fixture, runs: [Int64]) {
        let fixture = try await Fixture()
        let all = Self.days(1, Self.light + Self.heavy)
        let runs = [
            try await fixture.open(fixture.first, all, foretells: foretells),
            // The second one began later, and the first one's plan has all of its partitions.
            try await fixture.open(fixture.second, all, foretells: false),
        ]
        try await fixture.complete(
            fixture.first, try await fixture.claim(fixture.first, runs[0], 1, 7), seconds: seconds)
        try await fixture.complete(
            fixture.second, try await fixture.claim(fixture.second, runs[1], 8, 14), seconds: seconds)
        _ = try await fixture.claim(fixture.first, runs[0], 15, 15)
        _ = try await fixture.claim(fixture.second, runs[1], 16, 16)
        return (fixture, runs)
    }

    @Test func `Where the heavy partitions are left the end is theirs, and not that of as many others`() async throws {
        let (fixture, _) = try await begun()
        let report = try await fixture.status()
        #expect(report.ahead == 6)
        // Four hours of work and what is left of two light days, two at a time.
        let remaining = try #require(report.remaining)
        #expect(abs(remaining.expected - 7_210) < 60, "\(remaining)")
        #expect(!remaining.isRange, "everything took what it was foretold to take: \(remaining)")
        let text = StatusText(report: report).text
        #expect(text.contains("about 2h 00m to go"), "\(text)")
        #expect(text.contains("2 running, the longest 2024-01-15 for "), "\(text)")
        #expect(text.contains(" of about 10s, by "), "\(text)")
        let json = try object(StatusJSON.line(for: report))
        #expect(json["foretold_by"] as? String == "price")
        let heaviest = try #require(json["heaviest_left"] as? [[String: Any]])
        #expect(heaviest.count == 4 && heaviest[0]["partition"] as? String == "2024-01-17", "\(heaviest)")
        #expect(heaviest[0]["seconds"] as? Double == 3_600)
        #expect((json["oldest_running"] as? [String: Any])?["expected_seconds"] as? Double == 10)
        #expect(abs((json["work_seconds_left"] as? Double ?? 0) - 14_420) < 60)
        // A range has what lies in it.
        let part = try await fixture.status(from: 1, through: 17)
        #expect(abs((part.remaining?.expected ?? 0) - 3_600) < 60, "the longest is a bound")
        #expect(part.ahead == 3)
    }

    @Test func `Without a forecast it is told by their number, which is far off`() async throws {
        let (fixture, _) = try await begun(foretells: false)
        let report = try await fixture.status()
        #expect(report.ahead == 6)
        #expect(abs((report.remaining?.expected ?? 0) - 30) < 10, "\(String(describing: report.remaining))")
        let json = try object(StatusJSON.line(for: report))
        #expect(json["foretold_by"] as? String == "count")
        #expect((json["heaviest_left"] as? [Any])?.isEmpty == true && json["work_seconds_left"] is NSNull)
    }

    @Test func `Partitions that take twice what was foretold make the rest take twice as long`() async throws {
        let (fixture, _) = try await begun(seconds: 20)
        let remaining = try #require(try await fixture.status().remaining)
        #expect(abs(remaining.expected - 14_420) < 120, "\(remaining)")
    }

    @Test func `A run that goes on later, and one that adds partitions, are foretold together`() async throws {
        let (fixture, runs) = try await begun()
        for (ledger, run) in [(fixture.first, runs[0]), (fixture.second, runs[1])] {
            try await ledger.closeRun(run, RunResult(complete: 7, failed: 0, skipped: 0, outcome: "STOPPED"))
        }
        // The rest of it is taken up by one process, and another run has three more heavy days, one of which is in both.
        _ = try await fixture.open(fixture.first, Self.days(15, 20))
        _ = try await fixture.open(fixture.second, Self.days(20, 22))
        let report = try await fixture.status()
        #expect(report.ahead == 8, "a day of two runs is made once")
        #expect(abs((report.remaining?.expected ?? 0) - 10_810) < 60, "\(String(describing: report.remaining))")
    }

    @Test func `Heavy partitions that are to come among light ones are named`() async throws {
        let fixture = try await Fixture()
        let run = try await fixture.open(fixture.first, Self.days(1, Self.light + 1))
        _ = try await fixture.claim(fixture.first, run, 1, 1)
        let text = StatusText(report: try await fixture.status()).text
        #expect(text.contains("  heaviest to come: 2024-01-17 1h 00m\n"), "\(text)")
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
}
