import Foundation
import Partitions
import ProgressStore
import Synchronization
import TestSupport

/// A ledger in a schema of its own on the shared test server.
struct LedgerFixture {
    let ledger: Ledger
    let cluster: TestCluster
    let schema: String
    var database = "postgres"

    static func make(
        worker: String = "host:1:a", reconnectTimeout: Duration = .seconds(60), on cluster: TestCluster? = nil,
        database: String = "postgres", onAvailability: @escaping @Sendable (String?) -> Void = { _ in }
    ) async throws -> LedgerFixture {
        let cluster = if let cluster { cluster } else { try await TestCluster.shared() }
        let schema = cluster.freshSchema()
        let ledger = try await Ledger.open(
            .server(conninfo: cluster.conninfo(database: database)),
            options: LedgerOptions(
                schema: schema, worker: worker, reconnectTimeout: reconnectTimeout, onAvailability: onAvailability))
        return LedgerFixture(ledger: ledger, cluster: cluster, schema: schema, database: database)
    }

    /// Another process's view of the same ledger.
    func anotherLedger(worker: String = "host:2:b") async throws -> Ledger {
        try await Ledger.open(
            .server(conninfo: cluster.conninfo(database: database)),
            options: LedgerOptions(schema: schema, worker: worker))
    }

    /// Runs SQL in which `reprocess.` stands for the schema, as a person at a prompt would.
    @discardableResult
    func execute(_ sql: String) async throws -> [[String?]] {
        try await cluster.execute(sql.replacing("reprocess.", with: "\(schema)."), database: database)
    }

    /// Runs SQL that the server must refuse, and returns what it says.
    func refusal(of sql: String) async -> String? {
        do {
            try await execute(sql)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// The columns of a partition's row.
    func columns(_ columns: String, of key: String, job: String = "orders") async throws -> [String?] {
        try await execute(
            "SELECT \(columns) FROM reprocess.partition_progress WHERE job = '\(job)' AND partition_key = '\(key)'"
        ).first ?? []
    }

    /// The outcomes of a partition's attempts, oldest first.
    func outcomes(of key: PartitionKey, job: String = "orders") async throws -> [String] {
        try await ledger.attempts(job: job, key: key).map(\.outcome)
    }

    /// Waits, by the database's clock, until the lease of a partition has ended.
    func waitForExpiry(of key: PartitionKey, job: String = "orders") async throws {
        while try await ledger.rows(job: job, keys: [key]).first?.isLeaseExpired != true {
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

/// The key of a day.
func day(_ text: String) throws -> PartitionKey { try PartitionKey(parsing: text, as: .day) }

/// Consecutive days from the start of 2024 on.
func days(_ count: Int) -> [PartitionKey] {
    // 2024-01-01 is day 19,723 since 1970.
    (0..<count).map { PartitionKey(granularity: .day, ordinal: 19_723 + $0) }
}

/// A request with the values that most tests do not care about.
func request(
    _ candidates: [PartitionKey], job: String = "orders", limit: Int = 64, table: String? = "lake/orders",
    version: String = "2", planFence: Int64 = 0, includesComplete: Bool = false, staleSources: Set<PartitionKey> = [],
    lease: Duration = .seconds(90), deadline: Duration? = nil, takeoverLimit: Int = 5
) -> ClaimRequest {
    ClaimRequest(
        job: job, tableIdentity: table, run: 1, transformVersion: version, candidates: candidates, limit: limit,
        planFence: planFence, includesComplete: includesComplete, staleSources: staleSources, lease: lease,
        deadline: deadline, takeoverLimit: takeoverLimit)
}

/// A completion with a few facts.
func completion(_ claim: Claim, version: String = "2", rows: Int64 = 600, adopted: Bool = false) -> Completion {
    Completion(
        token: claim.token,
        facts: CompletionFacts(
            rowsWritten: rows, bytesWritten: 1_000, transformVersion: version, tableVersion: "g1",
            wasAdopted: adopted))
}

/// A completion with a judgement, and all that is recorded with it.
func judged(
    _ claim: Claim, version: String = "2", tableVersion: String? = "g1", rows: Int64 = 600, source: String? = nil,
    unchanged: Bool = false, _ judgement: JudgementRecord?
) -> Completion {
    Completion(
        token: claim.token,
        facts: CompletionFacts(
            rowsWritten: rows, bytesWritten: 1_000, transformVersion: version, tableVersion: tableVersion,
            sourceIdentity: source, judgement: judgement, wasUnchanged: unchanged))
}

/// What is held, with the values that most tests do not care about.
func holdFacts(
    version: String = "2", reason: String = "row_count_drop: 40 % fewer rows", judgement: JudgementRecord? = nil
) -> HoldFacts {
    HoldFacts(
        rowsWritten: 60, bytesWritten: 100, transformVersion: version, sourceVersions: ["/lake/raw": 3],
        sourceIdentity: "s1", reason: reason,
        judgement: judgement ?? JudgementRecord(contentDigest: "d-held", statistics: #"{"rows": 60}"#))
}

/// A request for the partition of a claim, with the values that most tests do not care about.
func take(
    _ claim: Claim, job: String = "orders", table: String? = "lake/orders", version: String = "2", run: Int64? = nil,
    lease: Duration = .seconds(90)
) -> TakeRequest {
    TakeRequest(
        job: job, key: claim.key, fence: claim.token.fence, tableIdentity: table, transformVersion: version, run: run,
        user: "ann@etl-1", reason: "the customer has gone", lease: lease)
}

extension Array {
    /// The only element; anything else is the end of the test.
    func only() throws -> Element {
        guard count == 1, let first else { throw TestExpectation("expected one element, found \(count)") }
        return first
    }
}

/// What a test could not go on without.
struct TestExpectation: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Collects values from any thread.
final class Recorder<Value: Sendable>: Sendable {
    private let storage = Mutex<[Value]>([])
    var values: [Value] { storage.withLock { $0 } }
    func add(_ value: Value) { storage.withLock { $0.append(value) } }
}
