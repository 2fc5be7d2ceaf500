import FaultPoints
import Foundation
import Lakehouse
import PartitionBackfill
import ProgressStore
import TestSupport
import Testing
import Transforms

/// Processes that are stopped while they decide about a partition, are overtaken, and wake up.
@Suite(.timeLimit(.minutes(5))) struct DecisionStopTests {
    /// Where a process sleeps while others go on.
    struct Sleep: Sendable, CustomTestStringConvertible {
        let format: JudgedFormat
        let verb: String
        let point: FaultPoint

        var testDescription: String { "\(format) \(verb) \(point)" }

        static let all: [Sleep] = JudgedFormat.allCases.flatMap { format in
            let publish: [FaultPoint] =
                format == .hive
                ? [.aboutToExchange, .exchanged, .published] : [.filesMoved, .aboutToCommit, .committed, .published]
            let points: [String: [FaultPoint]] = [
                "approve": [.taken, .begun, .fileLinked, .restaged] + publish + [.decided, .heldDoomed],
                "reject": [.heldDoomed],
                "undo": [.taken, .begun, .fileLinked, .restaged] + publish + [.decided],
            ]
            return points.sorted { $0.key < $1.key }.flatMap { verb, points in
                points.map { Sleep(format: format, verb: verb, point: $0) }
            }
        }
    }

    /// Everything that must be the same before a sleeper wakes and after its end.
    private struct Standing: Equatable {
        let generation: Generation?
        let contents: Set<Data>
        let row: ProgressRow?
        let attempts: [String]
        let decisions: Int
    }

    private let day = "2024-01-02"

    private func standing(_ fixture: JudgingFixture) async throws -> Standing {
        let generation = try fixture.current(day)
        return Standing(
            generation: generation, contents: try fixture.contents(generation?.files ?? []),
            row: try await fixture.row(day), attempts: try await fixture.attempts(day),
            decisions: try await fixture.base.ledger.decisions(job: "orders", key: BackfillFixture.day(day)).count)
    }

    @Test(arguments: Sleep.all)
    func `Whoever slept in the middle of a decision and was overtaken changes nothing when it wakes up`(
        sleep: Sleep
    ) async throws {
        let fixture = try await JudgingFixture(sleep.format)
        let days = try BackfillFixture.days(day, day)
        try await fixture.run(fixture.job(version: "1", rows: 5), days)
        let second = fixture.job(version: "2")
        try await fixture.run(second, days) { $0.holdsEverything = sleep.verb != "undo" }
        let sleeper = try RunningProcess(
            RunningProcess.built("DecisionProbe"),
            [
                fixture.base.cluster.conninfo, fixture.base.schema, sleep.format.rawValue, fixture.path, day,
                sleep.verb,
            ],
            environment: ["REPROCESS_FAULT": "\(sleep.point.rawValue):stop"])
        try await untilStopped(sleeper)
        // By the database's clock its lease is over; its own clock trusts it for more than a minute yet.
        try await fixture.base.cluster.execute(
            """
            UPDATE \(fixture.base.schema).partition_progress SET lease_expires_at = now() - interval '1 second'
            WHERE status = 'RUNNING'
            """)
        let third = fixture.job(version: "3", rows: 4)
        let report = try await fixture.run(third, days) { $0.retries = 3 }
        #expect(report.complete == 1, "\(report)")
        // Somebody else decides about the same day: what was made meanwhile is held, and approved.
        let fourth = fixture.job(version: "4", rows: 6)
        try await fixture.run(fourth, days) { $0.holdsEverything = true }
        let backfill = try fixture.backfill(fourth)
        #expect(try await backfill.approve(backfill.held(days), by: "bo", reason: "right").isAsDecided)

        let before = try await standing(fixture)
        #expect(before.generation?.rows == 6 && before.row?.transformVersion == "4")
        sleeper.send(SIGCONT)
        #expect(try await sleeper.wait() == .exited(0), "\(sleeper.output)\n\(sleeper.errorOutput)")
        let after = try await standing(fixture)
        #expect(after == before, "\(sleeper.output)")
        #expect(try await fixture.verify(fourth).agreeing == 1)
    }

    private func untilStopped(_ process: RunningProcess) async throws {
        try await eventually("it is stopped") {
            let stat = try String(contentsOfFile: "/proc/\(process.id)/stat", encoding: .utf8)
            if process.hasEnded { throw TestSupportError("it has ended.\n\(process.output)\n\(process.errorOutput)") }
            return stat.components(separatedBy: ") ").last?.hasPrefix("T") == true
        }
    }
}
