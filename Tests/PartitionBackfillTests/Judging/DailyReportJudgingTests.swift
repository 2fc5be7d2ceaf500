import Foundation
import Lakehouse
import PartitionBackfill
import ProgressStore
import TestSupport
import Testing
import Transforms

/// Half a year of real reports, with a bug in one month of one version of the transform.
@Suite(
    .enabled(if: SharedData.path != nil, "the daily reports are not on this machine"), .timeLimit(.minutes(10)))
struct DailyReportJudgingTests {
    private static let sound = """
        SELECT coalesce("Country_Region", "Country/Region") AS country, "Confirmed"::BIGINT AS confirmed,
            "Deaths"::BIGINT AS deaths
        FROM (SELECT * FROM source UNION ALL BY NAME
            SELECT NULL::VARCHAR AS "Country_Region", NULL::VARCHAR AS "Country/Region" WHERE false)
        """

    private func job(_ fixture: JudgingFixture, _ sql: String) throws -> Job {
        let reports = try #require(SharedData.path) + "/jhu_daily_reports"
        let source = Source(
            path: reports + "/%m-%d-%Y.csv", format: .csv,
            options: [
                "all_varchar": .bool(true), "header": .bool(true), "delim": .text(","), "quote": .text("\""),
                "escape": .text("\""), "strict_mode": .bool(false),
            ])
        return Job(
            "orders", target: fixture.target, query: Query(sql, sources: [source]),
            audits: [.notEmpty, .notNull("country"), .rowCountDrop(0.1, severity: .hold)])
    }

    @Test(arguments: JudgedFormat.allCases)
    func `A bug in one month is held exactly there, its fix passes, and an undo brings back every byte`(
        format: JudgedFormat
    ) async throws {
        let fixture = try await JudgingFixture(format)
        let days = try BackfillFixture.days("2020-01-22", "2020-07-27")
        let first = try await fixture.run(try job(fixture, Self.sound), days)
        #expect(first.complete == 188 && first.changed.count == 188, "\(first.failed)")
        let original = try generations(fixture, days)

        // From the countries of April the greatest is missing; everything else has one more column.
        let better = "SELECT *, deaths > 0 AS is_deadly FROM (\(Self.sound))"
        let buggy = better + " WHERE NOT (country = 'US' AND month($partition_start) = 4)"
        let second = try await fixture.run(try job(fixture, buggy), days)
        let april = try BackfillFixture.days("2020-04-01", "2020-04-30")
        #expect(second.complete == 158 && second.failed.isEmpty, "\(second.failed)")
        #expect(second.heldPartitions.keys.sorted() == Array(april))
        #expect(second.heldPartitions.values.allSatisfy { $0.contains("row_count_drop: 10%") })
        let afterSecond = try generations(fixture, days)
        for day in april { #expect(afterSecond[day] == original[day]) }

        // The fix makes what was held; elsewhere it finds its result in the table.
        let fixed = try await fixture.run(try job(fixture, better), days)
        #expect(fixed.complete == 188 && fixed.held == 0, "\(fixed.failed)")
        #expect(Array(fixed.changed) == Array(april))
        let afterFix = try generations(fixture, days)

        let formatted = try job(fixture, "-- the same\n" + better.replacing(", ", with: ",\n  "))
        let again = try await fixture.run(formatted, days)
        #expect(again.complete == 188 && again.unchanged == 188 && again.changed.isEmpty)
        #expect(try generations(fixture, days) == afterFix)

        let undone = try await fixture.backfill(formatted).undo(
            UndoRequest(scope: .run(fixed.run), user: "ada", reason: "not yet"))
        let (putBack, rest) = (
            undone.entries.filter { if case .putBack = $0.outcome { true } else { false } },
            undone.entries.filter { if case .nothingToUndo = $0.outcome { true } else { false } }
        )
        #expect(putBack.map(\.key) == Array(april) && rest.count == 158)
        let end = try generations(fixture, days)
        for day in days { #expect(end[day] == (april.contains(day) ? original : afterFix)[day], "\(day)") }
        #expect(try await fixture.verify(formatted).agreeing == 188)
    }

    @Test func `A canary of real reports is the first, the last, the heaviest and one of each layout`() async throws {
        let fixture = try await JudgingFixture(.hive)
        let backfill = try fixture.backfill(try job(fixture, Self.sound))
        let days = try BackfillFixture.days("2020-01-22", "2020-07-27")
        func canary(_ days: PartitionSet) async throws -> [String] {
            try await backfill.canary(backfill.plan(BackfillRequest(partitions: days))).map(\.description)
        }
        // The columns have changed on 1 and 22 March, and on 29 May; the report of 24 July is the largest.
        #expect(try await canary(days) == ["2020-01-22", "2020-03-01", "2020-03-22", "2020-07-24", "2020-07-27"])
        #expect(
            try await canary(try BackfillFixture.days("2020-03-20", "2020-05-30"))
                == ["2020-03-20", "2020-03-22", "2020-05-30"])
        // Only what the run would do is looked at.
        let done = try BackfillFixture.days("2020-07-20", "2020-07-27")
        #expect(try await backfill.planAndRun(BackfillRequest(partitions: done)).complete == 8)
        let left = try await canary(try BackfillFixture.days("2020-07-01", "2020-07-27"))
        #expect(left.first == "2020-07-01" && left.last == "2020-07-19", "\(left)")
        #expect(try await canary(done).isEmpty)
    }

    /// The contents of the files of each day.
    private func generations(_ fixture: JudgingFixture, _ days: PartitionSet) throws -> [PartitionKey: Set<Data>] {
        let table = try fixture.table()
        var generations: [PartitionKey: Set<Data>] = [:]
        for day in days { generations[day] = try table.current(day).map { try fixture.contents($0.files) } }
        return generations
    }
}
