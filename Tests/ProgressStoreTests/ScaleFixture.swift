import Foundation
import Partitions
import TestSupport

@testable import ProgressStore

/// A ledger with many rows in a database of its own, and what asking it costs.
struct ScaleFixture {
    let base: LedgerFixture

    /// The number of rows; `REPROCESS_TEST_PARTITIONS=1000000` makes the tests of scale as big as what is promised.
    static let partitions =
        ProcessInfo.processInfo.environment["REPROCESS_TEST_PARTITIONS"].flatMap(Int.init) ?? 300_000
    /// Hours from here on: 1,000,000 of them are 114 years.
    static let start = PartitionKey(granularity: .hour, ordinal: 0)

    /// Makes the ledger: an hourly job with most hours complete, a part pending, a few failed, held and running.
    ///
    /// The planner does not know the tables, and nothing tells it meanwhile.
    static func make(partitions: Int = partitions) async throws -> ScaleFixture {
        let cluster = try await TestCluster.shared()
        let base = try await LedgerFixture.make(database: try await cluster.freshDatabase())
        for table in ["partition_progress", "attempt", "judgement", "status_count", "status_change"] {
            try await base.execute("ALTER TABLE reprocess.\(table) SET (autovacuum_enabled = false)")
        }
        try await base.execute(
            """
            INSERT INTO reprocess.partition_progress (
                job, partition_key, partition_date, status, attempt, fence, claim_id, table_identity, worker,
                lease_expires_at, started_at, completed_at, updated_at, transform_version)
            SELECT 'orders', to_char(h.at, 'YYYY-MM-DD"T"HH24'), h.at::date, h.status, 1, h.n + 1,
                ('00000000-0000-4000-8000-' || lpad(to_hex(h.n), 12, '0'))::uuid,
                'lake/orders', 'w', CASE WHEN h.status = 'RUNNING' THEN now() + interval '1 hour' END, now(),
                CASE WHEN h.status IN ('COMPLETE', 'FAILED') THEN now() END,
                now() - make_interval(secs => (\(partitions) - h.n) / 1000.0), '2'
            FROM (
                SELECT n, timestamp '1970-01-01' + make_interval(hours => n) AS at,
                    CASE WHEN n % 1000 = 7 THEN 'FAILED' WHEN n % 10000 = 8 THEN 'HELD'
                        WHEN n = 9 OR n > \(partitions) - 16 THEN 'RUNNING' WHEN n % 4 = 0 THEN 'PENDING'
                        ELSE 'COMPLETE' END AS status
                FROM generate_series(0, \(partitions - 1)) n) h;
            INSERT INTO reprocess.attempt (
                fence, job, partition_key, claim_id, batch_id, run_id, attempt, worker, outcome, ended_at)
            SELECT p.fence, p.job, p.partition_key, p.claim_id, gen_random_uuid(), 1, 1, 'w',
                CASE p.status WHEN 'PENDING' THEN 'RETRY' ELSE p.status END,
                CASE WHEN p.status <> 'RUNNING' THEN now() END
            FROM reprocess.partition_progress p;
            INSERT INTO reprocess.run (
                request_id, job, first_key, last_key, planned, transform_version, options, worker)
            VALUES (gen_random_uuid(), 'orders', '1970-01-05T04', '1970-01-06T11', 32, '2', '', 'w');
            INSERT INTO reprocess.judgement (fence, statistics, replaced_version)
            SELECT fence, '{}', 'g0' FROM reprocess.attempt WHERE outcome <> 'RUNNING';
            INSERT INTO reprocess.worker (worker, run_id, lease_seconds) VALUES ('w', 1, 86400);
            INSERT INTO reprocess.run_forecast (run_id, job, planned, keys, bytes, seconds)
            SELECT 1, 'orders', \(partitions), array_agg(p.partition_key), array_agg(1000::bigint), array_agg(1.5::float8)
            FROM (SELECT partition_key FROM reprocess.partition_progress ORDER BY random() LIMIT 4096) p;
            SELECT setval('reprocess.fence', \(partitions + 1))
            """)
        try await base.execute("SELECT reprocess.fold_status()")
        return ScaleFixture(base: base)
    }

    /// The attempt that an hour's row belongs to.
    static func token(_ key: PartitionKey) throws -> ClaimToken {
        let digits = String(key.ordinal, radix: 16)
        let text = "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
        guard let id = UUID(uuidString: text) else { throw TestExpectation("'\(text)' is no id") }
        return ClaimToken(key: key, fence: Int64(key.ordinal + 1), claimID: id)
    }

    /// How a statement is carried out, as the server's plan in JSON with what was counted; what it did is undone.
    func plan<S: Statement>(of statement: S, mode: String) async throws -> [PlanNode] {
        let rows = try await run(statement, mode: mode, "EXPLAIN (ANALYZE, FORMAT JSON)", end: "")
        let text = rows.compactMap { $0[0] }.joined(separator: "\n")
        let document = try JSONSerialization.jsonObject(with: Data(text.utf8))
        guard let plan = (document as? [[String: Any]])?.first?["Plan"] as? [String: Any] else {
            throw TestExpectation("no plan: \(text)")
        }
        return PlanNode.all(in: plan)
    }

    /// The blocks of the ledger's tables and indexes that a statement and its triggers touch; what it did is undone.
    func blocks<S: Statement>(of statement: S, mode: String = "force_generic_plan") async throws -> Int {
        let rows = try await run(
            statement, mode: mode, "",
            end: """
                SELECT sum(pg_stat_get_xact_blocks_fetched(c.oid)) FROM pg_class c
                WHERE c.relnamespace = '\(base.schema)'::regnamespace
                """)
        return try Int(rows.only()[0] ?? "") ?? -1
    }

    private func run<S: Statement>(
        _ statement: S, mode: String, _ command: String, end: String
    ) async throws -> [[String?]] {
        let text = SQLText.statement(S.source, schema: try SchemaName(base.schema))
        let values = statement.parameters.map { $0.map { "'\($0.replacing("'", with: "''"))'" } ?? "NULL" }
        let execute = values.isEmpty ? "it" : "it(\(values.joined(separator: ", ")))"
        return try await base.cluster.execute(
            "SET plan_cache_mode = \(mode); SET jit = off; PREPARE it AS \(text); BEGIN; \(command) EXECUTE \(execute); \(end)",
            database: base.database)
    }
}

/// A node of a plan.
struct PlanNode: CustomStringConvertible {
    let type: String
    let relation: String?
    let rows: Double
    let description: String

    /// The plan's nodes, those of its subplans included.
    static func all(in plan: [String: Any]) -> [PlanNode] {
        let children = (plan["Plans"] as? [[String: Any]] ?? []).flatMap(all)
        let relation = plan["Relation Name"] as? String
        let type = plan["Node Type"] as? String ?? "?"
        let removed = ["Rows Removed by Filter", "Rows Removed by Index Recheck"].compactMap { plan[$0] as? Double }
        let loops = plan["Actual Loops"] as? Double ?? 1
        let rows = ((plan["Actual Rows"] as? Double ?? 0) + removed.reduce(0, +)) * loops
        let index = plan["Index Name"].map { " by \($0)" } ?? ""
        let node = PlanNode(
            type: type, relation: relation, rows: rows,
            description: "\(type) \(relation ?? "")\(index): \(Int(rows)) rows")
        return [node] + children
    }
}
