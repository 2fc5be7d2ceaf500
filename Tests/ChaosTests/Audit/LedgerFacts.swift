import TestSupport

/// What the ledger says: where every partition stands, and every attempt of a round.
struct LedgerFacts {
    /// A partition.
    struct Row {
        var key: String
        var status: String
        var fence: Int
        var transformVersion: String?
        var tableVersion: String?
        var rows: Int?
    }

    /// An attempt.
    struct Attempt {
        var name: AttemptName
        var key: String
        var outcome: String
        var predecessor: Int?
    }

    var rows: [Row] = []
    var attempts: [Attempt] = []
    /// The partitions of which it knows finished batches.
    var batched: Set<String> = []

    init() {}

    /// Reads the ledger; attempts are those above the last fence of the round before.
    init(of cluster: TestCluster, _ job: ChaosJob, above floor: Int) async throws {
        let schema = ChaosProject.schema
        rows = try await cluster.execute(
            """
            SELECT partition_key, status, fence, transform_version, table_version, rows_written
            FROM \(schema).partition_progress WHERE job = '\(job.rawValue)'
            """
        ).map { row in
            Row(
                key: row[0] ?? "", status: row[1] ?? "", fence: row[2].flatMap { Int($0) } ?? 0,
                transformVersion: row[3], tableVersion: row[4], rows: row[5].flatMap { Int($0) })
        }
        attempts = try await cluster.execute(
            """
            SELECT fence, claim_id, partition_key, outcome, predecessor_fence
            FROM \(schema).attempt WHERE job = '\(job.rawValue)' AND fence > \(floor) ORDER BY fence
            """
        ).map { row in
            Attempt(
                name: AttemptName(fence: row[0].flatMap { Int($0) } ?? 0, claim: row[1] ?? ""), key: row[2] ?? "",
                outcome: row[3] ?? "", predecessor: row[4].flatMap { Int($0) })
        }
        batched = Set(
            try await cluster.execute(
                "SELECT partition_key FROM \(schema).batch_checkpoint WHERE job = '\(job.rawValue)'"
            ).compactMap { $0[0] })
    }

    /// The last fence that was given.
    static func floor(of cluster: TestCluster) async throws -> Int {
        try await cluster.execute("SELECT last_value FROM \(ChaosProject.schema).fence").first?[0].flatMap { Int($0) }
            ?? 0
    }
}
