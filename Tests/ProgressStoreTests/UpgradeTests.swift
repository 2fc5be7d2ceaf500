import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// A ledger that an earlier version made, and that is in use.
@Suite(.timeLimit(.minutes(3))) struct UpgradeTests {
    @Test func `Twenty processes find a ledger of version 1 and upgrade it once, with what is in it`() async throws {
        let cluster = try await TestCluster.shared()
        let schema = cluster.freshSchema()
        let running = UUID()
        try await makeFirstVersion(schema, on: cluster, running: running)
        try await withThrowingTaskGroup { group in
            for number in 0..<20 {
                group.addTask {
                    let ledger = try await Ledger.open(
                        .server(conninfo: cluster.conninfo),
                        options: LedgerOptions(schema: schema, worker: "host:\(number):x"))
                    _ = try await ledger.currentFence()
                    await ledger.close()
                }
            }
            try await group.waitForAll()
        }
        let versions = try await cluster.execute("SELECT version FROM \(schema).schema_version ORDER BY 1")
        #expect(versions == Migration.all.map { ["\($0.version)"] })

        let ledger = try await Ledger.open(
            .server(conninfo: cluster.conninfo), options: LedgerOptions(schema: schema, worker: "w"))
        // Rows of version 1 have their place in the order of fences by the fence itself.
        #expect(try await ledger.claim(request([days(2)[1]], planFence: 8)).isEmpty)
        #expect(try await ledger.claim(request([days(2)[1]], planFence: 9)).count == 1)
        // The claim that was live during the upgrade goes on.
        let token = ClaimToken(key: days(1)[0], fence: 7, claimID: running)
        #expect(try await ledger.heartbeat(job: "orders", run: 1, [token], lease: .seconds(90)).held == [token])
        let plan = try await ledger.currentFence()
        // A program of version 1 knows nothing of the order of ends; the trigger does.
        try await cluster.execute(
            """
            UPDATE \(schema).partition_progress
            SET status = 'FAILED', completed_at = now(), lease_expires_at = NULL, error_message = 'x'
            WHERE partition_key = '2024-01-01'
            """)
        #expect(try await ledger.claim(request(days(1), planFence: plan)).isEmpty)
        let claim = try await cluster.execute("SELECT fence FROM \(schema).claim_partition('orders', '2024-01-03')")
        #expect(claim.count == 1)
        await ledger.close()
    }

    /// The functions carry statements of this version.
    ///
    /// Whoever changes one of these statements adds a migration, even an empty one, so that ledgers in use get the new
    /// functions; and then writes the new digest here.
    @Test func `The functions are those of this version of the ledger`() async throws {
        let cluster = try await TestCluster.shared()
        let database = try await cluster.freshDatabase()
        let ledger = try await Ledger.open(
            .server(conninfo: cluster.conninfo(database: database)), options: LedgerOptions(worker: "w"))
        await ledger.close()
        let included = try await cluster.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'reprocess'::regnamespace AND prosrc LIKE '%-- include%'",
            database: database)
        #expect(included.isEmpty)
        let digest = try await cluster.execute(
            """
            SELECT md5(string_agg(proname || prosrc, '' ORDER BY proname)) FROM pg_proc
            WHERE pronamespace = 'reprocess'::regnamespace AND prosrc LIKE '%$statement$%'
            """, database: database)
        #expect(digest == [["605e5bbe7bfd4c65d0c9af5dc6d6602e"]], "version \(Migration.current)")
    }

    @Test func `A ledger of version 4 is upgraded without its tables being written anew`() async throws {
        let cluster = try await TestCluster.shared()
        let schema = cluster.freshSchema()
        let name = try SchemaName(schema)
        let steps = [PackageResources.begin_migration_sql] + Migration.all.filter { $0.version <= 4 }.map(\.source)
        try await cluster.execute(
            """
            BEGIN; \(steps.map { SQLText.rendered($0, schema: name) }.joined(separator: ";\n"));
            INSERT INTO \(schema).schema_version (version, applied_by) SELECT n, 'x' FROM generate_series(1, 4) n;
            INSERT INTO \(schema).partition_progress (job, partition_key, status, fence, table_identity, table_version,
                transform_version)
            SELECT 'orders', to_char(date '2024-01-01' + n, 'YYYY-MM-DD'), 'COMPLETE', n + 1, 'lake/orders', 'g1', '2'
            FROM generate_series(0, 999) n;
            INSERT INTO \(schema).attempt (fence, job, partition_key, claim_id, batch_id, attempt, worker, outcome,
                ended_at, table_version)
            SELECT fence, job, partition_key, gen_random_uuid(), gen_random_uuid(), 1, 'w', 'COMPLETE', now(), 'g1'
            FROM \(schema).partition_progress;
            SELECT setval('\(schema).fence', 1000); COMMIT
            """)
        // A table that is written anew gets another file.
        let files = """
            SELECT pg_relation_filenode('\(schema).attempt'), pg_relation_filenode('\(schema).partition_progress'),
                pg_relation_size('\(schema).attempt'), pg_relation_size('\(schema).partition_progress')
            """
        let before = try await cluster.execute(files)
        let ledger = try await Ledger.open(
            .server(conninfo: cluster.conninfo), options: LedgerOptions(schema: schema, worker: "w"))
        #expect(try await cluster.execute(files) == before)
        // Every check holds for the old rows as well.
        let unchecked =
            "SELECT conname FROM pg_constraint WHERE connamespace = '\(schema)'::regnamespace AND NOT convalidated"
        #expect(try await cluster.execute(unchecked).isEmpty)
        let attempt = try await ledger.attempts(job: "orders", key: days(1)[0]).only()
        #expect(attempt.kind == .run && attempt.originFence == nil && !attempt.wasUnchanged)
        #expect(attempt.sourceIdentity == nil)
        let results = try await ledger.judgements(job: "orders", keys: days(3))
        #expect(results.count == 3 && results.allSatisfy { !$0.hasRecord && $0.tableVersion == "g1" })
        // Of what sources old partitions were made is not known, and so none is wanted again for them.
        #expect(try await ledger.claim(request(days(3), planFence: 1_000)).isEmpty)
        let again = try await ledger.claim(request(days(1), planFence: 1_000, includesComplete: true)).only()
        #expect(again.knownContent == KnownContent(tableVersion: "g1", transformVersion: "2"))
        await ledger.close()
    }

    /// Makes a ledger as version 1 of this program left it, with a live claim, an old failure and a run.
    private func makeFirstVersion(_ schema: String, on cluster: TestCluster, running: UUID) async throws {
        let name = try SchemaName(schema)
        let script = [PackageResources.begin_migration_sql, PackageResources.v0001_initial_sql]
            .map { SQLText.rendered($0, schema: name) }.joined(separator: ";\n")
        try await cluster.execute(
            """
            BEGIN; \(script);
            INSERT INTO \(schema).schema_version (version, applied_by) VALUES (1, 'an earlier version');
            INSERT INTO \(schema).run (request_id, job, first_key, last_key, planned, table_identity, transform_version,
                options, worker) VALUES (gen_random_uuid(), 'orders', '2024-01-01', '2024-01-02', 2, 'lake/orders', '2', '', 'w');
            INSERT INTO \(schema).partition_progress (job, partition_key, partition_date, status, attempt, fence, claim_id,
                table_identity, worker, lease_expires_at) VALUES ('orders', '2024-01-01', '2024-01-01', 'RUNNING', 1, 7,
                '\(running)', 'lake/orders', 'w', now() + interval '1 hour');
            INSERT INTO \(schema).attempt (fence, job, partition_key, claim_id, batch_id, attempt, worker)
                VALUES (7, 'orders', '2024-01-01', '\(running)', gen_random_uuid(), 1, 'w');
            INSERT INTO \(schema).partition_progress (job, partition_key, partition_date, status, attempt, fence,
                table_identity, completed_at, error_message)
                VALUES ('orders', '2024-01-02', '2024-01-02', 'FAILED', 1, 9, 'lake/orders', now(), 'x');
            SELECT setval('\(schema).fence', 20); COMMIT
            """)
    }
}
