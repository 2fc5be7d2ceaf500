import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// What the ledger keeps of what runs at work were foretold to take, and what it tells of it later.
@Suite(.timeLimit(.minutes(3))) struct ForecastTests {
    private func open(_ ledger: Ledger, _ keys: [PartitionKey], version: String = "2") async throws -> Int64 {
        let range = PartitionRange(granularity: .day, ordinals: keys[0].ordinal..<(keys[keys.count - 1].ordinal + 1))
        return try await ledger.openRun(
            RunRequest(
                job: "orders", range: range, planned: PartitionSet(range), tableIdentity: "lake/orders", options: "",
                reason: nil, transformVersion: version))
    }

    private func foretold(_ keys: [PartitionKey], _ seconds: Double? = 10) -> [ForetoldPartition] {
        keys.enumerated().map { ForetoldPartition(key: $1, bytes: Int64($0) * 100, seconds: seconds) }
    }

    private func standings(_ forecast: RunForecast?) -> [PartitionKey: ForetoldPartition.Standing] {
        Dictionary(uniqueKeysWithValues: (forecast?.partitions ?? []).map { ($0.key, $0.standing) })
    }

    @Test func `Each partition is told with where it stands since the run began`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let keys = days(7)
        // Complete before the run, and to be made anew by it.
        let before = try await ledger.claim(request(Array(keys.prefix(6))))
        _ = try await ledger.complete(job: "orders", before.map { completion($0) })
        let run = try await open(ledger, keys)
        let fence = try await ledger.currentFence()
        let claims = try await ledger.claim(
            request(Array(keys.prefix(5)), version: "3", planFence: fence, includesComplete: true))
        try #require(claims.count == 5)
        _ = try await ledger.complete(job: "orders", [completion(claims[0], version: "3")])
        try await ledger.recordForecast(run: run, planned: 7, foretold(keys))
        _ = try await ledger.complete(job: "orders", [completion(claims[1], version: "3")])
        _ = try await ledger.fail(job: "orders", claims[2].token, error: "x", .giveUp)
        // The worker of the fifth one is lost.
        try await fixture.execute(
            "UPDATE reprocess.partition_progress SET lease_expires_at = now() - interval '1 s' WHERE partition_key = '\(keys[4])'"
        )
        let forecast = try await ledger.forecasts(job: "orders", in: nil).only()
        #expect(forecast.run == run && forecast.planned == 7 && forecast.lookedAt == 7 && forecast.weight == 1)
        #expect(forecast.first == keys[0] && forecast.last == keys[6])
        let standings = standings(forecast)
        guard case .ended(let early?) = standings[keys[0]], case .ended(let late?) = standings[keys[1]],
            case .running = standings[keys[3]]
        else {
            Issue.record("\(standings)")
            return
        }
        #expect(!early.isTest && late.isTest && early.at <= late.at && late.seconds >= 0)
        #expect(standings[keys[2]] == .ended(took: nil), "it failed, and says nothing of what one takes")
        #expect(standings[keys[4]] == .left && standings[keys[5]] == .left && standings[keys[6]] == .left)
        #expect(forecast.partitions.first { $0.key == keys[3] }?.bytes == 300)
        let part = PartitionRange(granularity: .day, ordinals: keys[2].ordinal..<(keys[3].ordinal + 1))
        let within = try await ledger.forecasts(job: "orders", in: part).only()
        #expect(Set(within.partitions.map(\.key)) == [keys[2], keys[3]] && within.lookedAt == 7)
        #expect(try await ledger.forecasts(job: "other", in: nil).isEmpty)
    }

    @Test func `Of the processes of one command the one with most to do counts, and each range for itself`()
        async throws
    {
        let fixture = try await LedgerFixture.make()
        let keys = days(9)
        let another = try await fixture.anotherLedger()
        let early = try await open(fixture.ledger, Array(keys.prefix(6)))
        let late = try await open(another, Array(keys.prefix(6)))
        let other = try await open(another, Array(keys.suffix(3)))
        try await another.recordForecast(run: late, planned: 4, foretold(Array(keys[2..<6])))
        #expect(try await fixture.ledger.forecasts(job: "orders", in: nil).map(\.run) == [late])
        try await fixture.ledger.recordForecast(run: early, planned: 6, foretold(Array(keys.prefix(6))))
        try await another.recordForecast(run: other, planned: 3, foretold(Array(keys.suffix(3)), nil))
        let forecasts = try await fixture.ledger.forecasts(job: "orders", in: nil)
        #expect(forecasts.map(\.run) == [early, other])
        #expect(forecasts.last?.partitions.allSatisfy { $0.seconds == nil } == true)
        // When it is over the other one tells what is left.
        try await fixture.ledger.closeRun(
            early, RunResult(complete: 0, failed: 0, skipped: 0, outcome: "STOPPED"))
        #expect(try await fixture.ledger.forecasts(job: "orders", in: nil).map(\.run) == [late, other])
    }

    @Test func `No more forecasts are read than one status can bear`() async throws {
        let fixture = try await LedgerFixture.make()
        let keys = days(Ledger.mostForecasts + 2)
        for count in 1...keys.count {
            let own = Array(keys.prefix(count))
            try await fixture.ledger.recordForecast(
                run: try await open(fixture.ledger, own), planned: count, foretold(own))
        }
        let planned = try await fixture.ledger.forecasts(job: "orders", in: nil).map(\.planned)
        #expect(planned == Array((3...keys.count).reversed()))
    }

    @Test func `A forecast is recorded once, and forgotten with its run`() async throws {
        let fixture = try await LedgerFixture.make()
        let keys = days(3)
        let run = try await open(fixture.ledger, keys)
        try await fixture.ledger.recordForecast(run: run, planned: 3, [])
        #expect(try await fixture.ledger.forecasts(job: "orders", in: nil).isEmpty)
        try await fixture.ledger.recordForecast(run: run, planned: 1_000_000, foretold(keys))
        try await fixture.ledger.recordForecast(run: run, planned: 3, foretold(keys, 99))
        let forecast = try await fixture.ledger.forecasts(job: "orders", in: nil).only()
        #expect(forecast.planned == 1_000_000 && forecast.partitions.allSatisfy { $0.seconds == 10 })
        let end = RunResult(complete: 3, failed: 0, skipped: 0, outcome: "FINISHED")
        // What a run left that never said that it was over goes with a later one.
        try await fixture.execute(
            """
            INSERT INTO reprocess.run_forecast (run_id, job, planned, keys, bytes, seconds, recorded_at)
            VALUES (901, 'orders', 1, '{2024-01-01}', '{1}', '{1}', now() - interval '31 days'),
                (902, 'orders', 1, '{2024-01-01}', '{1}', '{1}', now() - interval '29 days'),
                (903, 'refunds', 1, '{2024-01-01}', '{1}', '{1}', now() - interval '31 days')
            """)
        try await fixture.ledger.closeRun(run, end)
        #expect(
            try await fixture.execute("SELECT run_id FROM reprocess.run_forecast ORDER BY 1") == [["902"], ["903"]])
        try await fixture.ledger.recordForecast(run: run, planned: 3, foretold(keys))
        #expect(try await fixture.execute("SELECT count(*) FROM reprocess.run_forecast") == [["2"]])
    }
}
