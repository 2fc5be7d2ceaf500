import Foundation
import Lakehouse
import Partitions
import ProgressStore
import TestSupport
import Testing
import Transforms

@testable import PartitionBackfill

/// Runs that tell other machines what they will take.
@Suite(.timeLimit(.minutes(3))) struct ForecastRunTests {
    private func request(_ count: Int, workers: Int = 1) throws -> BackfillRequest {
        BackfillRequest(partitions: try BackfillFixture.days("2024-01-01", "2024-01-0\(count)"), workers: workers)
    }

    /// Lets the ledger say that each day's attempt took ten times its number in seconds.
    private func age(_ fixture: BackfillFixture) async throws {
        try await fixture.cluster.execute(
            """
            ALTER TABLE \(fixture.schema).attempt DISABLE TRIGGER guard_ended;
            UPDATE \(fixture.schema).attempt
            SET started_at = ended_at - right(partition_key, 1)::integer * interval '10 s';
            ALTER TABLE \(fixture.schema).attempt ENABLE TRIGGER guard_ended
            """)
    }

    private func told(_ fixture: BackfillFixture) async throws -> RunForecast? {
        try await fixture.anotherLedger().forecasts(job: "orders", in: nil).first
    }

    @Test func `A run that lasts is foretold, and forgotten when it is over`() async throws {
        let fixture = try await BackfillFixture()
        #expect(try await fixture.backfill(fixture.job()).planAndRun(request(4)).complete == 4)
        #expect(try await told(fixture) == nil, "it was over before anybody could ask")
        try await age(fixture)
        let gate = Gate()
        var backfill = try fixture.backfill(fixture.job(version: "2") { _ in try await gate.pass() })
        backfill.clock.forecastDelay = .zero
        let running = backfill
        // The fifth day has no attempt of its own: the others tell.
        let request = try request(5)
        async let report = running.planAndRun(request)
        try await eventually("it is foretold") { try await told(fixture) != nil }
        let forecast = try #require(try await told(fixture))
        #expect(forecast.planned == 5 && forecast.partitions.count == 5)
        let seconds = Dictionary(uniqueKeysWithValues: forecast.partitions.map { ($0.key, $0.seconds ?? -1) })
        for day in 1...4 {
            #expect(
                abs((seconds[try BackfillFixture.day("2024-01-0\(day)")] ?? 0) - Double(10 * day)) < 1, "\(seconds)")
        }
        #expect(abs((seconds[try BackfillFixture.day("2024-01-05")] ?? 0) - 25) < 1, "\(seconds)")
        gate.open()
        #expect(try await report.complete == 5)
        #expect(try await fixture.cluster.execute("SELECT count(*) FROM \(fixture.schema).run_forecast") == [["0"]])
    }

    @Test func `Where it cannot be recorded the run goes on, and says so`() async throws {
        let fixture = try await BackfillFixture()
        try await fixture.cluster.execute("ALTER TABLE \(fixture.schema).run_forecast RENAME TO gone")
        let log = EventLog()
        let gate = Gate()
        var backfill = try fixture.backfill(fixture.job { _ in try await gate.pass() })
        backfill.clock.forecastDelay = .zero
        let running = backfill
        let request = try request(2)
        async let report = running.planAndRun(request, log: log)
        try await eventually("it is told") { log.text.contains { $0.contains("cannot be recorded") } }
        try await fixture.cluster.execute("ALTER TABLE \(fixture.schema).gone RENAME TO run_forecast")
        gate.open()
        #expect(try await report.complete == 2)
        #expect(log.text.count { $0.hasPrefix("notice: ") } == 1, "\(log.text)")
    }
}
