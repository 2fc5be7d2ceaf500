import Lakehouse
import PartitionBackfill
import ProgressStore
import Synchronization
import TestSupport
import Testing

/// Plans of several processes over one range, and partitions that end while they are carried out.
@Suite(.timeLimit(.minutes(3))) struct OverlappingPlansTests {
    private struct Broken: Error {}

    /// Keeps closures waiting until a test lets them go.
    private final class Gate: Sendable {
        private let isOpen = Mutex(false)

        func open() { isOpen.withLock { $0 = true } }

        func pass() async throws {
            while !isOpen.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(10)) }
        }
    }

    @Test func `Two runs of everything do each partition once between them, also what the second saw running`()
        async throws
    {
        let fixture = try await BackfillFixture()
        let partitions = try BackfillFixture.days("2024-01-01", "2024-01-12")
        let everything = BackfillRequest(partitions: partitions, selection: .all, workers: 3)
        _ = try await fixture.backfill(fixture.job()).planAndRun(everything)

        let gate = Gate()
        let job = fixture.job { _ in try await gate.pass() }
        let one = try fixture.backfill(job)
        let two = try fixture.backfill(job, ledger: try await fixture.anotherLedger())
        let first = Task { try await one.planAndRun(everything) }
        while try await fixture.ledger.summary(job: "orders", in: nil).counts[.running] != 3 {
            try await Task.sleep(for: .milliseconds(10))
        }
        let plan = try await two.plan(everything)
        #expect(plan.counts == [.forced: 9, .runningElsewhere: 3])
        gate.open()
        let reports = [try await first.value, try await two.run(plan, everything, stop: StopSignal()) { _ in }]
        #expect(reports.allSatisfy { $0.complete == 12 && $0.failed.isEmpty })
        #expect(reports.reduce(0) { $0 + $1.complete - $1.completedElsewhere } == 12)
        let counts = try await fixture.cluster.execute(
            "SELECT DISTINCT count(*) FROM \(fixture.schema).attempt WHERE outcome = 'COMPLETE' GROUP BY partition_key")
        #expect(counts == [["2"]])
    }

    @Test func `What fails in one run is not tried again by another that saw it running`() async throws {
        let fixture = try await BackfillFixture()
        let gate = Gate()
        let tries = Mutex(0)
        let job = fixture.job { _ in
            tries.withLock { $0 += 1 }
            try await gate.pass()
            throw Broken()
        }
        let request = BackfillRequest(partitions: try BackfillFixture.days("2024-01-01", "2024-01-01"))
        let one = try fixture.backfill(job)
        let two = try fixture.backfill(job, ledger: try await fixture.anotherLedger())
        let first = Task { try await one.planAndRun(request) }
        while tries.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(10)) }
        let plan = try await two.plan(request)
        gate.open()
        let reports = [try await first.value, try await two.run(plan, request, stop: StopSignal()) { _ in }]
        #expect(reports.allSatisfy { $0.failed.count == 1 })
        #expect(try await fixture.attempts() == ["2024-01-01 FAILED"])
    }

    @Test func `A fixed transform started beside the old one replaces what that was still at`() async throws {
        let fixture = try await BackfillFixture()
        let gate = Gate()
        let request = BackfillRequest(partitions: try BackfillFixture.days("2024-01-01", "2024-01-02"))
        let old = try fixture.backfill(fixture.job(version: "1") { _ in try await gate.pass() })
        let new = try fixture.backfill(fixture.job(version: "2"), ledger: try await fixture.anotherLedger())
        let first = Task { try await old.planAndRun(request) }
        while try await fixture.ledger.summary(job: "orders", in: nil).counts[.running] != 2 {
            try await Task.sleep(for: .milliseconds(10))
        }
        let plan = try await new.plan(request)
        #expect(plan.counts == [.runningElsewhere: 2])
        gate.open()
        _ = try await first.value
        let report = try await new.run(plan, request, stop: StopSignal()) { _ in }
        #expect(report.complete == 2 && report.completedElsewhere == 0 && report.failed.isEmpty)
        let rows = try await fixture.ledger.rows(job: "orders", keys: plan.range.map { $0 })
        #expect(rows.map(\.transformVersion) == ["2", "2"])
    }

    @Test func `A run whose partitions a newer version has completed says so, and changes nothing`() async throws {
        let fixture = try await BackfillFixture()
        let request = BackfillRequest(partitions: try BackfillFixture.days("2024-01-01", "2024-01-02"))
        let old = try fixture.backfill(fixture.job(version: "1"))
        let plan = try await old.plan(request)
        #expect(try await fixture.backfill(fixture.job(version: "2")).planAndRun(request).complete == 2)
        let report = try await old.run(plan, request, stop: StopSignal()) { _ in }
        #expect(report.complete == 0)
        #expect(report.failed.count == 2)
        #expect(report.failed.values.allSatisfy { $0.contains("another version of the transform") })
        #expect(try await fixture.attempts() == ["2024-01-01 COMPLETE", "2024-01-02 COMPLETE"])
    }

    @Test func `A run reports a partition that takes its workers with it, and does the others`() async throws {
        let fixture = try await BackfillFixture()
        let key = try BackfillFixture.day("2024-01-02")
        let dead = try await fixture.anotherLedger()
        let claims = try await dead.claim(
            ClaimRequest(
                job: "orders", tableIdentity: fixture.table().identity, run: 0, transformVersion: "1",
                candidates: [key], limit: 1, planFence: 0, lease: .seconds(90)))
        #expect(claims.count == 1)
        try await fixture.cluster.execute(
            """
            UPDATE \(fixture.schema).partition_progress
            SET takeovers = 5, lease_expires_at = now() - interval '1 s' WHERE status = 'RUNNING'
            """)
        let request = BackfillRequest(partitions: try BackfillFixture.days("2024-01-01", "2024-01-03"))
        let report = try await fixture.backfill(fixture.job()).planAndRun(request)
        #expect(report.complete == 2)
        #expect(report.failed[key]?.hasPrefix("6 workers were lost on this partition") == true)
        #expect(try fixture.table().current(key) == nil)
        // Asked for again, it is tried again, like anything that has failed.
        #expect(try await fixture.backfill(fixture.job()).planAndRun(request).complete == 1)
        await dead.close()
    }
}
