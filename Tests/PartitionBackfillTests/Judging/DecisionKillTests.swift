import FaultPoints
import Foundation
import Lakehouse
import PartitionBackfill
import ProgressStore
import TestSupport
import Testing
import Transforms

/// Processes that are killed while they hold a partition, or decide about one.
@Suite(.timeLimit(.minutes(5))) struct DecisionKillTests {
    /// What a process is doing when it dies.
    struct Death: Sendable, CustomTestStringConvertible {
        let format: JudgedFormat
        let verb: String
        let point: FaultPoint

        var testDescription: String { "\(format) \(verb) \(point)" }

        static let all: [Death] = JudgedFormat.allCases.flatMap { format in
            let published: [FaultPoint] = format == .hive ? [.exchanged, .published] : [.committed, .published]
            let points: [String: [FaultPoint]] = [
                "hold": FaultPoint.hold + [.held],
                "approve": [.taken, .begun, .fileLinked, .restaged] + published + [.decided, .heldDoomed],
                "reject": [.heldDoomed],
                "undo": [.taken, .begun, .fileLinked, .restaged] + published + [.decided],
            ]
            return points.sorted { $0.key < $1.key }.flatMap { verb, points in
                points.map { Death(format: format, verb: verb, point: $0) }
            }
        }
    }

    private let day = "2024-01-02"

    private func probe(_ fixture: JudgingFixture, _ verb: String, killedAt point: FaultPoint? = nil) async throws {
        let process = try RunningProcess(
            RunningProcess.built("DecisionProbe"),
            [
                fixture.base.cluster.conninfo, fixture.base.schema, fixture.format.rawValue, fixture.path, day, verb,
            ],
            environment: ["REPROCESS_FAULT": point.map { "\($0.rawValue):kill" }])
        let end = try await process.wait()
        try #require(
            end == (point == nil ? .exited(0) : .signalled(SIGKILL)), "\(process.output)\n\(process.errorOutput)")
    }

    @Test(arguments: Death.all)
    func `Whenever it dies, readers see one of the generations, and the next run ends the work`(
        death: Death
    ) async throws {
        let fixture = try await JudgingFixture(death.format)
        let days = try BackfillFixture.days(day, day)
        try await fixture.run(fixture.job(version: "1", rows: 5), days)
        let first = try #require(try fixture.current(day))
        let job = fixture.job(version: "2")
        switch death.verb {
        case "approve", "reject": try await fixture.run(job, days) { $0.holdsEverything = true }
        case "undo": try await fixture.run(job, days)
        default: break
        }
        try await probe(fixture, death.verb, killedAt: death.point)
        let seen = try #require(try fixture.current(day))
        #expect([3, 5].contains(seen.rows))
        let row = try #require(try await fixture.row(day))
        if row.status == .complete { #expect(row.tableVersion == seen.version) }
        if death.verb == "hold" || death.verb == "reject" { #expect(seen == first) }
        if row.status == .held { #expect(try await fixture.backfill(job).held(days).count == 1) }
        try await fixture.base.cluster.execute(
            """
            UPDATE \(fixture.base.schema).partition_progress SET lease_expires_at = now() - interval '1 second'
            WHERE status = 'RUNNING'
            """)
        // What was held in time still waits, and can be published.
        if row.status == .held {
            try await probe(fixture, "approve")
        } else {
            try await fixture.run(job, days)
        }
        try await checkEnd(fixture, job, death)
    }

    private func checkEnd(_ fixture: JudgingFixture, _ job: Job, _ death: Death) async throws {
        let row = try #require(try await fixture.row(day))
        let current = try #require(try fixture.current(day))
        #expect(row.status == .complete && row.transformVersion == "2" && row.tableVersion == current.version)
        #expect(current.rows == 3)
        #expect(try await fixture.verify(job).agreeing == 1)
        let attempts = try await fixture.attempts(day)
        #expect(!attempts.contains { $0.hasSuffix("RUNNING") }, "\(attempts)")
        // What an approval has published was judged, and is recorded; what an undo has put back is not what a run wants.
        if death.point == .published {
            #expect(
                attempts.suffix(2)
                    == (death.verb == "approve" ? ["APPROVE LOST", "ADOPTED"] : ["UNDO LOST", "COMPLETE"]))
        }
        try await Cleaning(job: job, ledger: fixture.base.ledger)
            .run(CleaningRequest(rule: CleaningRule(keep: .zero))) { _ in }
        let held = fixture.path + ".reprocess/held"
        let left = FileManager.default.enumerator(atPath: held)?.compactMap { $0 as? String } ?? []
        #expect(left.filter { $0.hasSuffix(".parquet") }.isEmpty, "\(left)")
        #expect(try fixture.current(day) == current)
    }
}
