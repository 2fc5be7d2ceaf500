import Foundation
import Partitions
import TestSupport
import Testing

@testable import ReprocessCLI

/// Reports of a run of 10,000 partitions in a ledger with a history of five such runs.
@Suite(.timeLimit(.minutes(10))) struct LargeReportTests {
    private static let partitions = 10_000
    private static let hostile = "No file ''/data/<script>alert(\"1\")</script>.csv'' & more"

    /// A ledger in a database of its own, with runs that were put there by SQL.
    private struct History {
        let program: CapturedProgram

        init() async throws {
            let cluster = try await TestCluster.shared()
            let database = try await cluster.freshDatabase()
            program = try CapturedProgram()
            program.environment = ["REPROCESS_DATABASE_URL": cluster.conninfo(database: database)]
            _ = try await program.run("init")
            _ = try await program.run("status")
            try await cluster.execute(LargeReportTests.history, database: database)
        }

        func report(_ format: String) async throws -> String {
            let result = try await program.run("report", "orders", "--run", "5", "--format", format)
            #expect(result.code == .complete, "\(result.messages)")
            return result.output
        }
    }

    /// Five runs over the same days; of the last one every hundredth day failed, 40 are held, a third was equal.
    private static let history = """
        INSERT INTO reprocess.run (
            request_id, job, first_key, last_key, planned, transform_version, options, worker, started_at, ended_at, outcome,
            complete, failed, skipped)
        SELECT gen_random_uuid(), 'orders', '1990-01-01', '2017-05-18', \(partitions), '4f2a', '', 'alpha:1:a',
            timestamptz '2024-07-01 00:00Z' + make_interval(days => r), timestamptz '2024-07-01 02:00Z' + make_interval(days => r),
            'FINISHED', 9860, 100, 0
        FROM generate_series(1, 5) r;
        INSERT INTO reprocess.attempt (
            fence, job, partition_key, claim_id, batch_id, run_id, attempt, worker, host, started_at, ended_at, outcome,
            error_message, rows_written, bytes_written, rows_read, bytes_read, engine_seconds, transform_version, table_version,
            was_unchanged)
        SELECT a.fence, 'orders', to_char(a.day, 'YYYY-MM-DD'), ('00000000-0000-4000-8000-' || lpad(to_hex(a.fence), 12, '0'))::uuid,
            gen_random_uuid(), a.r, 1, 'alpha:' || a.n % 4 || ':a', 'alpha', a.at, a.at + make_interval(secs => 1 + a.n % 50), a.outcome,
            CASE a.outcome WHEN 'FAILED' THEN '\(hostile)' WHEN 'HELD' THEN 'row_count_drop: 72 of 612 rows are gone' END,
            CASE WHEN a.outcome <> 'FAILED' THEN 600 END, CASE WHEN a.outcome <> 'FAILED' THEN 21000 END, 700, 30000, 0.5, '4f2a',
            CASE a.outcome WHEN 'COMPLETE' THEN a.fence || '-a' END, a.outcome = 'COMPLETE' AND a.n % 3 = 0
        FROM (
            SELECT r, n, r * \(partitions) + n + 1 AS fence, date '1990-01-01' + n AS day,
                timestamptz '2024-07-01 00:00Z' + make_interval(days => r, secs => n * 0.7) AS at,
                CASE WHEN r < 5 THEN 'COMPLETE' WHEN n % 100 = 7 THEN 'FAILED' WHEN n % 250 = 8 THEN 'HELD' ELSE 'COMPLETE' END
                    AS outcome
            FROM generate_series(1, 5) r, generate_series(0, \(partitions - 1)) n) a;
        INSERT INTO reprocess.judgement (fence, replaced_version, replaced_rows, replaced_bytes)
        SELECT fence, 'g0', 612, 23400 FROM reprocess.attempt WHERE outcome = 'COMPLETE';
        INSERT INTO reprocess.partition_progress (
            job, partition_key, partition_date, status, attempt, fence, claim_id, worker, started_at, completed_at, error_message,
            transform_version)
        SELECT job, partition_key, partition_key::date, outcome, 1, fence, claim_id, worker, started_at,
            CASE WHEN outcome <> 'HELD' THEN ended_at END, error_message, '4f2a'
        FROM reprocess.attempt WHERE run_id = 5;
        """

    @Test func `Each form has the right counts, and stays one that can be read`() async throws {
        let history = try await History()
        let days = 0..<Self.partitions
        let failed = days.filter { $0 % 100 == 7 }
        let held = days.filter { $0 % 250 == 8 }
        let rest = days.filter { $0 % 100 != 7 && $0 % 250 != 8 }
        let changed = rest.filter { $0 % 3 != 0 }

        let json = try OrdersProject.lastObject(of: try await history.report("json"))
        #expect((json["changed"] as? [String])?.count == changed.count)
        #expect((json["unchanged"] as? [String])?.count == rest.count - changed.count)
        #expect((json["failed"] as? [Any])?.count == failed.count && (json["held"] as? [Any])?.count == held.count)
        let cost = json["cost"] as? [String: Any]
        #expect(cost?["attempts"] as? Int == Self.partitions && cost?["rows_read"] as? Int == 7_000_000)
        #expect(cost?["bytes_read"] as? Int == 300_000_000 && cost?["rows_read_unknown"] as? Int == 0)
        #expect(json["rows"] as? Int == changed.count * 600)
        #expect((json["replaced"] as? [String: Int])?["rows"] == changed.count * 612)
        #expect((json["failures"] as? [[String: Any]])?.map { $0["attempts"] as? Int } == [failed.count])
        #expect((json["timeline"] as? [String: Any])?["failed"].map { ($0 as? [Int])?.reduce(0, +) } == failed.count)

        for form in ["text", "markdown", "html"] {
            let text = try await history.report(form)
            #expect(text.utf8.count < 100_000, "\(form): \(text.utf8.count)")
            for count in [changed.count, rest.count - changed.count, failed.count, held.count] {
                #expect(text.contains(NumberText.grouped(count)), "\(form) \(count)")
            }
            #expect(text.contains("7,000,000 rows read"), "\(form)")
            #expect(text.contains(form == "text" ? "<script>" : "&lt;script&gt;"), "\(form)")
            // 28 years are a table, 329 months or 10,000 days are none.
            let years = text.matches(of: /(?:\| |<td>)(?:199\d|20\d\d)(?: \||<\/td>)/).count
            #expect(years == (form == "text" ? 0 : 28), "\(form)")
        }
        let html = try await history.report("html")
        #expect(try await PageChecker.problems(of: html) == "")
        #expect(html.contains("<tr><td>1990</td><td class=\"number\">365</td>"))
    }
}

/// The calendar within a report.
@Suite struct ReportCalendarTests {
    private func calendar(_ granularity: Granularity, _ count: Int) -> ReportCalendar? {
        let keys = (0..<count).map { PartitionKey(granularity: granularity, ordinal: $0) }
        var report = ReportSample.report(ReportSample.run(), [])
        report.keys = [.new: Array(keys.prefix(count / 2)), .held: Array(keys.dropFirst(count / 2))]
        return ReportCalendar(report)
    }

    @Test func `Spans are the shortest of which there are not too many`() {
        #expect(calendar(.day, 39) == nil, "few days are told one by one")
        #expect(calendar(.day, 40)?.rows.map(\.span) == ["1970-01", "1970-02"])
        #expect(calendar(.day, 182)?.unit == "month")
        #expect(calendar(.day, 3_000)?.unit == "year")
        #expect(calendar(.hour, 48)?.unit == "day")
        #expect(calendar(.hour, 24 * 100)?.unit == "month")
        #expect(calendar(.hour, 1_000_000)?.unit == "year")
        #expect(calendar(.month, 48)?.rows.map(\.span) == ["1970", "1971", "1972", "1973"])
        #expect(calendar(.month, 0) == nil)
    }

    @Test func `Every partition is counted once, in its span and by what became of it`() throws {
        let found = try #require(self.calendar(.day, 60))
        #expect(found.states == [.new, .held])
        #expect(found.rows.map(\.counts) == [[.new: 30, .held: 1], [.held: 28], [.held: 1]])
        #expect(found.table.rows.first == ["1970-01", "31", "30", "1"])
    }
}
