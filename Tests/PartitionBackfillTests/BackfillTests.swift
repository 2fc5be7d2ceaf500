import Foundation
import Lakehouse
import PartitionBackfill
import ProgressStore
import Synchronization
import TestSupport
import Testing

/// The controller on a real ledger, a real engine and a real table.
@Suite(.timeLimit(.minutes(3))) struct BackfillTests {
    /// An engine whose library is not there, which a process that has loaded it elsewhere cannot show.
    private struct MissingEngine: Engine {
        let name = "none"

        func openSession() async throws -> any EngineSession { throw TransformError(.engineMissing, "no library") }
    }

    private struct Broken: Error, CustomStringConvertible {
        let description = "the closure broke"
    }

    @Test func `A failing partition stops no other`() async throws {
        let fixture = try await BackfillFixture()
        let bad = try BackfillFixture.day("2024-01-02")
        let job = fixture.job { if $0.key == bad { throw Broken() } }
        let report = try await fixture.backfill(job).planAndRun(
            BackfillRequest(partitions: BackfillFixture.days("2024-01-01", "2024-01-05")))
        #expect(report.complete == 4)
        #expect(report.failed == [bad: "the closure broke"])
        #expect(try fixture.table().current(bad) == nil)
        #expect(report.rows == 12)
    }

    @Test func `With the policy to stop, nothing more is claimed after a failure`() async throws {
        let fixture = try await BackfillFixture()
        let job = fixture.job { _ in throw Broken() }
        let report = try await fixture.backfill(job).planAndRun(
            BackfillRequest(
                partitions: BackfillFixture.days("2024-01-01", "2024-01-20"), workers: 1, onFailure: .stop))
        #expect(report.failed.count == 1)
        #expect(report.wasStopped)
        #expect(report.remaining == 19)
    }

    @Test func `A failed partition is tried again as often as asked`() async throws {
        let fixture = try await BackfillFixture()
        let tries = Mutex(0)
        let job = fixture.job { _ in
            let attempt = tries.withLock { count -> Int in
                count += 1
                return count
            }
            if attempt < 3 { throw Broken() }
        }
        let log = EventLog()
        let report = try await fixture.backfill(job).planAndRun(
            BackfillRequest(partitions: BackfillFixture.days("2024-01-01", "2024-01-01"), retries: 2), log: log)
        #expect(report.complete == 1)
        #expect(
            log.text == [
                "2024-01-01 claimed", "2024-01-01 retrying", "2024-01-01 claimed", "2024-01-01 retrying",
                "2024-01-01 claimed", "2024-01-01 completed",
            ])
        #expect(try await fixture.attempts() == ["2024-01-01 RETRY", "2024-01-01 RETRY", "2024-01-01 COMPLETE"])
    }

    @Test func `Two controllers share a range, and each partition is made once`() async throws {
        let fixture = try await BackfillFixture()
        let made = Mutex<[PartitionKey: Int]>([:])
        let job = fixture.job { partition in made.withLock { $0[partition.key, default: 0] += 1 } }
        let request = BackfillRequest(partitions: try BackfillFixture.days("2024-01-01", "2024-02-29"), workers: 3)
        async let one = try fixture.backfill(job).planAndRun(request)
        async let two = try fixture.backfill(job, ledger: fixture.anotherLedger()).planAndRun(request)
        let reports = try await [one, two]
        #expect(made.withLock { $0 }.values.allSatisfy { $0 == 1 })
        #expect(made.withLock { $0 }.count == 60)
        #expect(reports.allSatisfy { $0.complete == 60 || $0.skipped + $0.complete == 60 })
        #expect(reports.reduce(0) { $0 + $1.complete - $1.completedElsewhere } == 60)
    }

    @Test func `What a dead worker published is adopted, not made again`() async throws {
        let fixture = try await BackfillFixture()
        let key = try BackfillFixture.day("2024-01-01")
        let published = try await leavePublishedPartition(key, version: "1", in: fixture)
        let made = Mutex(0)
        let log = EventLog()
        let report = try await fixture.backfill(fixture.job { _ in made.withLock { $0 += 1 } }).planAndRun(
            BackfillRequest(partitions: PartitionSet(granularity: .day, keys: [key])), log: log)
        #expect(report.complete == 1)
        #expect(made.withLock { $0 } == 0)
        #expect(log.text == ["2024-01-01 claimed from a lost worker", "2024-01-01 adopted"])
        #expect(try fixture.table().current(key)?.files == published.files)
        #expect(try await fixture.attempts() == ["2024-01-01 LOST", "2024-01-01 ADOPTED"])
    }

    @Test(arguments: [false, true])
    func `It is adopted also where the one that took it over has died in its turn`(hasBegun: Bool) async throws {
        let fixture = try await BackfillFixture()
        let key = try BackfillFixture.day("2024-01-01")
        let published = try await leavePublishedPartition(key, version: "1", in: fixture)
        let second = try await fixture.anotherLedger()
        let claim = try #require(try await claim(key, version: "1", by: second, in: fixture))
        if hasBegun {
            _ = try fixture.table().begin(key, writer: Writer(fence: claim.token.fence, claimID: claim.token.claimID))
        }
        await second.close()
        try await waitForExpiry(of: key, in: fixture)
        let report = try await fixture.backfill(fixture.job()).planAndRun(
            BackfillRequest(partitions: PartitionSet(granularity: .day, keys: [key])))
        #expect(report.complete == 1)
        #expect(try fixture.table().current(key)?.files == published.files)
        #expect(try await fixture.attempts() == ["2024-01-01 LOST", "2024-01-01 LOST", "2024-01-01 ADOPTED"])
    }

    @Test func `What a dead worker published with another transform is made again`() async throws {
        let fixture = try await BackfillFixture()
        let key = try BackfillFixture.day("2024-01-01")
        let published = try await leavePublishedPartition(key, version: "1", in: fixture)
        let report = try await fixture.backfill(fixture.job(version: "2")).planAndRun(
            BackfillRequest(partitions: PartitionSet(granularity: .day, keys: [key])))
        #expect(report.complete == 1)
        #expect(try fixture.table().current(key)?.files != published.files)
        #expect(try await fixture.attempts() == ["2024-01-01 LOST", "2024-01-01 COMPLETE"])
    }

    /// Claims and publishes as a worker that dies before it can record, and waits until the ledger knows it as lost.
    private func leavePublishedPartition(
        _ key: PartitionKey, version: String, in fixture: BackfillFixture
    ) async throws -> Generation {
        let table = try fixture.table()
        let dead = try await fixture.anotherLedger()
        let claim = try #require(try await claim(key, version: version, by: dead, in: fixture))
        let staging = try table.begin(key, writer: Writer(fence: claim.token.fence, claimID: claim.token.claimID))
        let session = try await DuckDBSQLEngine().openSession()
        let staged = try await fixture.job(version: version).stage(
            key, into: staging.directory, session: session, provenance: [:])
        await session.close()
        guard case .published(let generation) = try table.publish(staging, rows: staged.rows) else {
            throw TestSupportError("not published")
        }
        await dead.close()
        try await waitForExpiry(of: key, in: fixture)
        return generation
    }

    private func claim(
        _ key: PartitionKey, version: String, by ledger: Ledger, in fixture: BackfillFixture
    ) async throws -> Claim? {
        let request = BackfillRequest(partitions: PartitionSet(granularity: .day, keys: [key]))
        let plan = try await fixture.backfill(fixture.job(version: version)).plan(request)
        return try await ledger.claim(
            ClaimRequest(
                job: "orders", tableIdentity: try fixture.table().identity, run: 0, transformVersion: version,
                candidates: [key], limit: 1, planFence: plan.fence, lease: .seconds(1))
        ).first
    }

    private func waitForExpiry(of key: PartitionKey, in fixture: BackfillFixture) async throws {
        repeat {
            try await Task.sleep(for: .milliseconds(50))
        } while try await fixture.ledger.rows(job: "orders", keys: [key]).first?.isLeaseExpired != true
    }

    @Test func `A new ledger for an old table says what it needs, and goes on when it has got it`() async throws {
        let fixture = try await BackfillFixture()
        let key = try BackfillFixture.day("2024-01-01")
        let staging = try fixture.table().begin(key, writer: Writer(fence: 5_000, claimID: UUID()))
        try fixture.table().discard(staging)
        let request = BackfillRequest(partitions: PartitionSet(granularity: .day, keys: [key]), retries: 3)
        let refused = try await fixture.backfill(fixture.job()).planAndRun(request)
        let message = try #require(refused.failed[key])
        #expect(message.contains("carries fence 5000, and this ledger has come to"))
        #expect(try await fixture.attempts() == ["2024-01-01 FAILED"])
        let advice = try #require(message.firstMatch(of: /SELECT setval\('reprocess\.fence', \d+\)/))
        try await fixture.cluster.execute(String(advice.output).replacing("reprocess.", with: fixture.schema + "."))
        #expect(try await fixture.backfill(fixture.job()).planAndRun(request).complete == 1)
    }

    @Test func `A worker whose lease was taken drops its work`() async throws {
        let fixture = try await BackfillFixture()
        let key = try BackfillFixture.day("2024-01-01")
        // The first attempt works until it is cancelled; any later one is quick.
        let isFirst = Mutex(true)
        let job = fixture.job { _ in
            let waits = isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst
            }
            guard waits else { return }
            try await Task.sleep(for: .seconds(3600))
        }
        let request = BackfillRequest(
            partitions: PartitionSet(granularity: .day, keys: [key]), lease: .seconds(1))
        let log = EventLog()
        let robbed = Task { [backfill = try fixture.backfill(job)] in
            try await backfill.planAndRun(request, log: log)
        }
        while try await fixture.ledger.rows(job: "orders", keys: [key]).first?.status != .running {
            try await Task.sleep(for: .milliseconds(20))
        }
        // A person gives the partition to somebody else: the fence that the worker holds is not the row's any more.
        try await fixture.cluster.execute(
            """
            UPDATE \(fixture.schema).partition_progress
            SET status = 'PENDING', fence = nextval('\(fixture.schema).fence'), claim_id = NULL, lease_expires_at = NULL
            WHERE partition_key = '2024-01-01'
            """)
        let report = try await robbed.value
        #expect(report.complete == 1)
        #expect(log.text.prefix(2) == ["2024-01-01 claimed", "2024-01-01 lost"])
        #expect(log.text.last == "2024-01-01 completed")
    }

    @Test func `A partition with rows is emptied only where the job says so`() async throws {
        let fixture = try await BackfillFixture()
        let key = try BackfillFixture.day("2024-01-01")
        let request = BackfillRequest(partitions: PartitionSet(granularity: .day, keys: [key]))
        _ = try await fixture.backfill(fixture.job(version: "1")).planAndRun(request)
        let before = try fixture.table().current(key)
        let refused = try await fixture.backfill(fixture.job(version: "2", rows: 0)).planAndRun(request)
        #expect(refused.held == 1 && refused.complete == 0)
        #expect(try fixture.table().current(key) == before)
        let allowed = try await fixture.backfill(fixture.job(version: "3", allowsEmpty: true, rows: 0))
            .planAndRun(request)
        #expect(allowed.complete == 1)
        #expect(try fixture.table().current(key)?.rows == 0)
        let again = try await fixture.backfill(fixture.job(version: "4", rows: 0)).planAndRun(request)
        #expect(again.complete == 1)
    }

    @Test func `A job without a target has the ledger's guarantees alone`() async throws {
        let fixture = try await BackfillFixture()
        let made = Mutex(0)
        let job = Job("mail", version: "1") { _ in made.withLock { $0 += 1 } }
        let request = BackfillRequest(partitions: try BackfillFixture.days("2024-01-01", "2024-04-09"), workers: 4)
        let report = try await fixture.backfill(job).planAndRun(request)
        #expect(report.complete == 100)
        #expect(made.withLock { $0 } == 100)
        #expect(try await fixture.backfill(job).plan(request).runCount == 0)
    }

    @Test func `An engine that cannot be had ends the run and releases what was claimed`() async throws {
        let fixture = try await BackfillFixture()
        let backfill = try Backfill(job: fixture.job(), ledger: fixture.ledger, engine: MissingEngine())
        let request = BackfillRequest(partitions: try BackfillFixture.days("2024-01-01", "2024-01-05"))
        let error = await #expect(throws: TransformError.self) { try await backfill.planAndRun(request) }
        #expect(error?.code == .engineMissing)
        let counts = try await fixture.ledger.summary(job: "orders", in: nil).counts
        #expect(counts[.pending] == 5)
        #expect(counts[.running, default: 0] == 0)
    }

    @Test func `A cancelled run releases what it holds`() async throws {
        let fixture = try await BackfillFixture()
        let job = fixture.job { _ in try await Task.sleep(for: .seconds(3600)) }
        let request = BackfillRequest(partitions: try BackfillFixture.days("2024-01-01", "2024-01-05"))
        let run = Task { [backfill = try fixture.backfill(job)] in try await backfill.planAndRun(request) }
        while try await fixture.ledger.summary(job: "orders", in: nil).counts[.running, default: 0] < 2 {
            try await Task.sleep(for: .milliseconds(20))
        }
        run.cancel()
        await #expect(throws: CancellationError.self) { try await run.value }
        #expect(try await fixture.ledger.summary(job: "orders", in: nil).counts == [.pending: 5])
        #expect(Set(try await fixture.attempts().map { $0.suffix(8) }) == ["RELEASED"])
    }
}
