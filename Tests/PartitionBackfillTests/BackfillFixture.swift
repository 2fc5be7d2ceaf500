import Foundation
import Lakehouse
import PartitionBackfill
import ProgressStore
import Synchronization
import TestSupport

/// A ledger, an engine and a table of their own for one test.
struct BackfillFixture {
    let folder: TemporaryDirectory
    let schema: String
    let ledger: Ledger
    let cluster: TestCluster

    init() async throws {
        cluster = try await TestCluster.shared()
        folder = try TemporaryDirectory()
        schema = cluster.freshSchema()
        ledger = try await BackfillFixture.ledger(cluster, schema)
    }

    /// A further process, as far as the ledger knows.
    func anotherLedger() async throws -> Ledger { try await BackfillFixture.ledger(cluster, schema) }

    private static func ledger(_ cluster: TestCluster, _ schema: String) async throws -> Ledger {
        let options = LedgerOptions(schema: schema, worker: "test:\(UUID().uuidString)")
        return try await Ledger.open(.server(conninfo: cluster.conninfo), options: options)
    }

    /// A job whose closure makes three rows, after `body`.
    func job(
        version: String = "1", allowsEmpty: Bool = false, rows: Int = 3,
        _ body: @escaping @Sendable (PartitionContext) async throws -> Void = { _ in }
    ) -> Job {
        Job(
            "orders", version: version,
            target: .hive(folder.appending("orders"), partitionedBy: "day", allowsEmpty: allowsEmpty)
        ) { partition in
            try await body(partition)
            try await partition.overwrite("SELECT range AS id, '\(version)' AS version FROM range(\(rows))")
        }
    }

    func backfill(_ job: Job, ledger other: Ledger? = nil) throws -> Backfill {
        try Backfill(job: job, ledger: other ?? ledger, engine: DuckDBSQLEngine())
    }

    func table() throws -> HiveTable { try HiveTable(path: folder.appending("orders"), column: "day") }

    static func days(_ from: String, _ to: String) throws -> PartitionSet {
        PartitionSet(
            try PartitionRange(
                from: PartitionKey(parsing: from, as: .day), through: PartitionKey(parsing: to, as: .day)))
    }

    static func day(_ text: String) throws -> PartitionKey { try PartitionKey(parsing: text, as: .day) }

    /// The history of the ledger as `key outcome`, oldest first.
    func attempts() async throws -> [String] {
        try await cluster.execute("SELECT partition_key || ' ' || outcome FROM \(schema).attempt ORDER BY fence")
            .map { $0[0] ?? "" }
    }
}

/// The events of a run, as they came.
final class EventLog: Sendable {
    private let lines = Mutex<[String]>([])

    var text: [String] { lines.withLock { $0 } }

    func record(_ event: BackfillEvent) {
        let line: String? =
            switch event {
            case .claimed(let key, _, let takenOver): "\(key) claimed\(takenOver ? " from a lost worker" : "")"
            case .completed(let key, _, _, _, let wasAdopted, _, let wasUnchanged):
                "\(key) \(wasAdopted ? "adopted" : wasUnchanged ? "unchanged" : "completed")"
            case .held(let key, let reason): "\(key) held: \(reason)"
            case .audited(let key, let findings): "\(key) audited: \(findings.map(\.audit).joined(separator: ", "))"
            case .retrying(let key, _, _, _): "\(key) retrying"
            case .failed(let key, _, let error): "\(key) failed: \(error)"
            case .lost(let key): "\(key) lost"
            case .released(let key): "\(key) released"
            case .finishedElsewhere(let key, let wasComplete): "\(key) finished elsewhere \(wasComplete)"
            case .tableNotice(let message): "notice: \(message)"
            case .steered(let event): "steered: \(event)"
            case .batchFinished(let key, let batches, _, _): "batch \(batches) of \(key)"
            case .batchesTakenUp(let key, let batches, _): "\(key) goes on after \(batches)"
            case .batchesForgotten(let key, let batches): "\(key) forgets \(batches)"
            case .interrupted(let key, let batches, _): "\(key) interrupted after \(batches)"
            case .started, .ledgerUnavailable, .ledgerAvailable, .stopping: nil
            }
        if let line { lines.withLock { $0.append(line) } }
    }
}

extension Backfill {
    /// Plans and runs a request.
    func planAndRun(
        _ request: BackfillRequest, stop: StopSignal = StopSignal(), log: EventLog = EventLog()
    ) async throws -> BackfillReport {
        try await run(plan(request), request, stop: stop) { log.record($0) }
    }
}
