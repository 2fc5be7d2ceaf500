import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// Every statement of a run and of `status`, on a ledger with many rows: none scans a big table, whatever the planner
/// knows of the tables and of the values, and none looks at more rows than it is about.
@Suite(.timeLimit(.minutes(10)), .serialized) struct ScalePlanTests {
    @Test func `No statement of a run or of status scans a table`() async throws {
        let fixture = try await ScaleFixture.make()
        #expect(try await fixture.base.ledger.forecasts(job: "orders", in: nil).first?.partitions.count == 4_096)
        for knowledge in ["of no statistics", "of statistics"] {
            for mode in ["force_generic_plan", "force_custom_plan"] {
                for check in try checks() { try await judge(check, on: fixture, mode, knowledge) }
            }
            try await fixture.base.execute("ANALYZE")
        }
    }

    private func judge(_ check: Check, on fixture: ScaleFixture, _ mode: String, _ knowledge: String) async throws {
        let title = "\(check.name) with \(mode) and a planner \(knowledge)"
        let plan = try await check.plan(fixture, mode)
        let scans = plan.filter { $0.type == "Seq Scan" && Self.big.contains($0.relation ?? "") }
        #expect(scans.isEmpty, "\(title): \(plan)")
        let most = plan.filter { $0.relation != nil }.map(\.rows).max() ?? 0
        #expect(most <= Double(check.rows), "\(title): \(plan)")
        let blocks = try await check.blocks(fixture, mode)
        #expect(blocks <= check.blocks, "\(title)")
    }

    @Test func `The ledger's connections keep plans and compile nothing`() async throws {
        let cluster = try await TestCluster.shared()
        let session = Session(
            label: "test",
            connector: Connector(
                conninfo: { cluster.conninfo }, applicationName: "test", timeout: .seconds(10)),
            schema: try SchemaName("reprocess"))
        #expect(try await session.run(Settings()) == ["force_generic_plan off"])
    }

    private static let big: Set = ["partition_progress", "attempt", "judgement"]

    /// A statement and the most that it may look at: rows of one table, and blocks in all.
    private struct Check: Sendable {
        let name: String
        let rows: Int
        let blocks: Int
        let plan: @Sendable (ScaleFixture, String) async throws -> [PlanNode]
        let blocksTouched: @Sendable (ScaleFixture, String) async throws -> Int

        init<S: Statement>(_ statement: S, rows: Int, blocks: Int) {
            name = "\(S.self)"
            self.rows = rows
            self.blocks = blocks
            plan = { try await $0.plan(of: statement, mode: $1) }
            blocksTouched = { try await $0.blocks(of: statement, mode: $1) }
        }

        func blocks(_ fixture: ScaleFixture, _ mode: String) async throws -> Int {
            try await blocksTouched(fixture, mode)
        }
    }

    private func checks() throws -> [Check] {
        let worker = WorkerIdentity(name: "host:1:a")
        let last = ScaleFixture.partitions - 1
        let hours = { (range: ClosedRange<Int>) in
            range.map { PartitionKey(granularity: .hour, ordinal: $0) }
        }
        let tokens = try hours((last - 14)...last).map(ScaleFixture.token)
        let completions = tokens.map {
            Completion(
                token: $0,
                facts: CompletionFacts(
                    rowsWritten: 1, bytesWritten: 1, transformVersion: "2", tableVersion: nil,
                    wasAdopted: false))
        }
        let everything = PartitionRange(granularity: .hour, ordinals: 0..<ScaleFixture.partitions)
        let part = PartitionRange(granularity: .hour, ordinals: 1_000..<(last - 1_000))
        let request = request(hours(100...131), limit: 16, version: "3", planFence: Int64(last + 1))
        let rowsByStatus = { (statuses: [Status], range: PartitionRange?) in
            RowsByStatus(job: "orders", statuses: statuses, range: range, granularity: .hour, limit: 20)
        }
        let summary = { SummaryStatement(job: "orders", range: $0) }
        let judgement = JudgementRecord(contentDigest: "d", statistics: #"{"rows": 1}"#)
        let judged = completions.map { completion in
            var completion = completion
            completion.facts.judgement = judgement
            return completion
        }
        let facts = HoldFacts(
            rowsWritten: 1, bytesWritten: 1, transformVersion: "2", reason: "x", judgement: judgement)
        let take = { (hour: Int) in
            TakeRequest(
                job: "orders", key: PartitionKey(granularity: .hour, ordinal: hour), fence: Int64(hour + 1),
                tableIdentity: "lake/orders", transformVersion: "2", user: "ann", reason: "x", lease: .seconds(90))
        }
        let taken = { (hour: Int, kind: DecisionKind) in
            TakeStatement(request: take(hour), kind: kind, requestID: UUID(), worker: worker)
        }
        let heldToken = try ScaleFixture.token(hours(8...8)[0])
        return [
            Check(ClaimStatement(request: request, batch: UUID(), worker: worker), rows: 64, blocks: 1_500),
            Check(
                HeartbeatStatement(job: "orders", run: 1, tokens: tokens, lease: .seconds(90), worker: worker),
                rows: 64,
                blocks: 400),
            Check(CompleteStatement(job: "orders", completions: completions), rows: 64, blocks: 700),
            Check(
                FailStatement(job: "orders", token: tokens[0], error: "x", directive: .giveUp), rows: 16, blocks: 100),
            Check(CompleteStatement(job: "orders", completions: judged), rows: 64, blocks: 800),
            Check(HoldStatement(job: "orders", token: tokens[0], facts: facts), rows: 16, blocks: 100),
            Check(taken(8, .approve), rows: 16, blocks: 150),
            Check(taken(1, .undo), rows: 16, blocks: 150),
            Check(
                RejectStatement(job: "orders", token: heldToken, user: "ann", reason: "x", requestID: UUID()), rows: 16,
                blocks: 100),
            Check(Held(job: "orders", keys: nil), rows: 150, blocks: 1_500),
            Check(Held(job: "orders", keys: hours(8...8)), rows: 150, blocks: 700),
            Check(Decisions(job: "orders", key: hours(8...8)[0]), rows: 16, blocks: 50),
            Check(JudgementsByKey(job: "orders", keys: hours(100...131)), rows: 200, blocks: 800),
            Check(JudgementsByRun(run: 1), rows: 200, blocks: 800),
            Check(Judgement(fence: 9), rows: 16, blocks: 50),
            Check(RunAttempts(run: 1, after: nil, limit: 20), rows: 200, blocks: 800),
            Check(
                RunAttempts(run: 1, after: MarkedAttempt(key: hours(110...110)[0], fence: 111), limit: 20), rows: 200,
                blocks: 800),
            Check(AllRuns(limit: 20), rows: 40, blocks: 50),
            Check(KnownAttempts(fences: hours(0...31).map { Int64($0.ordinal + 1) }), rows: 64, blocks: 500),
            Check(ReleaseStatement(job: "orders", tokens: tokens), rows: 64, blocks: 700),
            Check(Standing(job: "orders", tokens: tokens), rows: 64, blocks: 200),
            Check(ClaimedBatch(job: "orders", candidates: hours(100...131), batch: UUID()), rows: 64, blocks: 400),
            Check(RowsByKey(job: "orders", keys: hours(100...131)), rows: 64, blocks: 400),
            Check(Attempts(job: "orders", key: hours(7...7)[0]), rows: 16, blocks: 50),
            Check(summary(nil), rows: 600, blocks: 700),
            Check(summary(everything), rows: 2_000, blocks: 2_500),
            Check(summary(part), rows: 2_000, blocks: 2_500),
            Check(rowsByStatus([.running], nil), rows: 2_000, blocks: 400),
            Check(rowsByStatus([.failed], nil), rows: 40, blocks: 100),
            Check(rowsByStatus([.held, .complete, .pending], nil), rows: 80, blocks: 200),
            Check(
                PlanRows(job: "orders", first: part[1_000], last: part[last - 1_001], pageSize: 20_000), rows: 20_000,
                blocks: 25_000),
            Check(
                OtherClaims(
                    job: "refunds", tableIdentity: "lake/orders", first: part[1_000], last: part[last - 1_001]),
                rows: 64, blocks: 100),
            Check(PriceAttempts(job: "orders", keys: hours(100...131)), rows: 64, blocks: 400),
            Check(PriceRecent(job: "orders", granularity: .hour, limit: 256), rows: 600, blocks: 2_500),
            Check(PriceRunning(job: "orders", range: nil, granularity: .hour), rows: 2_000, blocks: 400),
            Check(PriceRunning(job: "orders", range: part, granularity: .hour), rows: 2_000, blocks: 400),
            Check(PriceEnded(job: "orders", limit: 1_000), rows: 4_000, blocks: 12_000),
            // A forecast of 4,096 partitions: three blocks of an index and one of a table for each, and for its attempt.
            Check(PriceForecast(job: "orders", range: nil, limit: 4), rows: 4_096, blocks: 40_000),
            Check(PriceForecast(job: "orders", range: part, limit: 4), rows: 4_096, blocks: 40_000),
            Check(
                RecordForecast(run: 1, planned: 32, partitions: hours(100...131).map { ForetoldPartition(key: $0) }),
                rows: 32, blocks: 50),
        ]
    }
}

/// What the connection that asks is set to.
private struct Settings: Statement {
    static let source = Array("SELECT current_setting('plan_cache_mode') || ' ' || current_setting('jit')".utf8)
    var parameters: [String?] { [] }

    static func row(_ row: RowReader) throws(LedgerError) -> String { try row.requiredText(0) }
}
