import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// The counts that the database keeps are those that a count of all rows would bring, whoever writes the rows.
@Suite(.timeLimit(.minutes(5))) struct ScaleCountTests {
    @Test func `Counts are right at every moment of a storm of claims, marks and hand edits`() async throws {
        let fixture = try await LedgerFixture.make()
        // Whole years between, and months with a few days only at both ends.
        let partitions = days(1_500).suffix(1_480).map { $0 }
        _ = try await fixture.ledger.openRun(runRequest(partitions))
        let isDone = Flag()
        try await withThrowingTaskGroup { group in
            for number in 0..<6 {
                let ledger = try await fixture.anotherLedger(worker: "host:\(number):x")
                group.addTask {
                    var random = SeededRandom(seed: UInt64(number))
                    for _ in 0..<60 { try await Self.work(ledger, partitions, &random) }
                    await ledger.close()
                }
            }
            for number in 6..<10 {
                group.addTask {
                    var random = SeededRandom(seed: UInt64(number))
                    for _ in 0..<60 { try await fixture.edit(partitions, &random) }
                }
            }
            let watcher = Task<Int, any Error> { try await fixture.watch(until: isDone) }
            defer { isDone.raise() }
            try await group.waitForAll()
            isDone.raise()
            #expect(try await watcher.value > 0)
        }
        var random = SeededRandom(seed: 99)
        for _ in 0..<40 {
            let first = Int.random(in: 0..<partitions.count, using: &random)
            let last = Int.random(in: first..<partitions.count, using: &random)
            let range = try PartitionRange(from: partitions[first], through: partitions[last])
            #expect(try await fixture.differences(in: range).isEmpty, "\(range)")
        }
    }

    /// What a worker does, by chance.
    private static func work(
        _ ledger: Ledger, _ partitions: [PartitionKey], _ random: inout SeededRandom
    ) async throws {
        let start = Int.random(in: 0..<(partitions.count - 8), using: &random)
        let claims = try await ledger.claim(
            request(Array(partitions[start..<(start + 8)]), limit: 4, planFence: .max, includesComplete: true))
        guard let last = claims.last else { return }
        switch Int.random(in: 0..<7, using: &random) {
        case 4...6: try await decide(ledger, last, &random)
        case 0: _ = try await ledger.fail(job: "orders", last.token, error: "x", .giveUp)
        case 1: _ = try await ledger.fail(job: "orders", last.token, error: "x", .retry(after: .zero))
        case 2: try await ledger.release(job: "orders", [last.token])
        default: _ = try await ledger.mark(job: "orders", Mark(key: last.key, status: .held))
        }
        _ = try await ledger.heartbeat(job: "orders", run: 1, claims.map(\.token), lease: .seconds(90))
        _ = try await ledger.complete(job: "orders", claims.dropLast().map { completion($0) })
    }

    /// What a person decides about what a worker has held, or made, by chance.
    private static func decide(_ ledger: Ledger, _ claim: Claim, _ random: inout SeededRandom) async throws {
        guard Int.random(in: 0..<4, using: &random) > 0 else {
            _ = try await ledger.complete(job: "orders", [completion(claim)])
            if let undo = try await ledger.takeForUndo(take(claim)), random.next() % 2 == 0 {
                _ = try await ledger.complete(job: "orders", [completion(undo)])
            }
            return
        }
        _ = try await ledger.hold(job: "orders", claim.token, holdFacts())
        switch Int.random(in: 0..<3, using: &random) {
        case 0: break
        case 1: _ = try await ledger.reject(job: "orders", claim.token, by: "ann", reason: "wrong")
        default:
            if let approval = try await ledger.takeHeld(take(claim)) {
                _ = try await ledger.complete(job: "orders", [completion(approval)])
            }
        }
    }

    @Test func `Each kind of change by hand is counted, and a change that is taken back is not`() async throws {
        let fixture = try await LedgerFixture.make()
        _ = try await fixture.ledger.openRun(runRequest(days(40)))
        for sql in [
            "INSERT INTO reprocess.partition_progress (job, partition_key, status) VALUES ('orders', '2025-01', 'COMPLETE')",
            "DELETE FROM reprocess.partition_progress WHERE partition_key < '2024-01-20'",
            "UPDATE reprocess.partition_progress SET status = 'FAILED' WHERE partition_key < '2024-02-03'",
            "UPDATE reprocess.partition_progress SET job = 'refunds' WHERE partition_key = '2024-02-05'",
            "UPDATE reprocess.partition_progress SET partition_key = '2024-05-05' WHERE partition_key = '2024-02-06'",
            """
            INSERT INTO reprocess.partition_progress (job, partition_key, status)
            VALUES ('orders', '2024-02-07', 'COMPLETE'), ('orders', '2026-02-07', 'COMPLETE')
            ON CONFLICT (job, partition_key) DO UPDATE SET status = excluded.status
            """,
            "BEGIN; DELETE FROM reprocess.partition_progress; ROLLBACK",
            "BEGIN ISOLATION LEVEL REPEATABLE READ; DELETE FROM reprocess.partition_progress WHERE status = 'FAILED'; COMMIT",
        ] {
            for job in ["orders", "refunds"] {
                #expect(try await fixture.differences(in: nil, job: job).isEmpty, "before \(sql)")
            }
            try await fixture.execute(sql)
            // Lines that have been folded count as much as those that have not.
            try await fixture.execute("SELECT reprocess.fold_status()")
        }
        for job in ["orders", "refunds"] { #expect(try await fixture.differences(in: nil, job: job).isEmpty) }
        #expect(try await fixture.ledger.summary(job: "refunds", in: nil).counts == [.pending: 1])
        try await fixture.execute("TRUNCATE reprocess.partition_progress")
        #expect(try await fixture.ledger.summary(job: "orders", in: nil).counts.isEmpty)
        _ = try await fixture.ledger.mark(job: "orders", Mark(key: days(1)[0], status: .complete))
        #expect(try await fixture.ledger.summary(job: "orders", in: nil).counts == [.complete: 1])
    }

    @Test func `What runs keeps its key`() async throws {
        let fixture = try await LedgerFixture.make()
        #expect(try await fixture.ledger.claim(request(days(1))).count == 1)
        let refusal = await fixture.refusal(of: "UPDATE reprocess.partition_progress SET partition_key = '2024-07-01'")
        #expect(refusal?.contains("2024-01-01 of orders is RUNNING") == true)
        #expect(try await fixture.differences(in: nil).isEmpty)
    }

    @Test func `A transaction that somebody leaves open makes nobody wait and nothing wrong`() async throws {
        let fixture = try await LedgerFixture.make()
        _ = try await fixture.ledger.openRun(runRequest(days(20)))
        let person = Session(
            label: "person",
            connector: Connector(
                conninfo: { [cluster = fixture.cluster] in cluster.conninfo }, applicationName: "person",
                timeout: .seconds(10)),
            schema: try SchemaName(fixture.schema))
        // It changes rows, and holds the right to fold.
        let edit = """
            BEGIN; UPDATE "\(fixture.schema)".partition_progress SET status = 'FAILED' WHERE partition_key < '2024-01-03';
            SELECT "\(fixture.schema)".fold_status()
            """
        try await person.runScript(edit)
        let claims = try await fixture.ledger.claim(request(Array(days(20).dropFirst(4))))
        _ = try await fixture.ledger.complete(job: "orders", claims.prefix(7).map { completion($0) })
        try await fixture.execute("SELECT reprocess.fold_status()")
        #expect(
            try await fixture.ledger.summary(job: "orders", in: nil).counts
                == [.pending: 4, .running: 9, .complete: 7])
        try await person.runScript("COMMIT")
        try await fixture.execute("SELECT reprocess.fold_status()")
        #expect(
            try await fixture.ledger.summary(job: "orders", in: nil).counts
                == [.pending: 2, .failed: 2, .running: 9, .complete: 7])
    }

    @Test func `What commits after a fold that it began before is counted`() async throws {
        let fixture = try await LedgerFixture.make()
        let slow = Session(
            label: "slow",
            connector: Connector(
                conninfo: { [cluster = fixture.cluster] in cluster.conninfo }, applicationName: "slow",
                timeout: .seconds(10)),
            schema: try SchemaName(fixture.schema))
        let insert = """
            BEGIN; INSERT INTO "\(fixture.schema)".partition_progress (job, partition_key, status)
            VALUES ('orders', '2024-01-01', 'HELD')
            """
        try await slow.runScript(insert)
        for key in days(5).dropFirst() {
            _ = try await fixture.ledger.mark(job: "orders", Mark(key: key, status: .complete))
            try await fixture.execute("SELECT reprocess.fold_status()")
        }
        try await slow.runScript("COMMIT")
        #expect(try await fixture.ledger.summary(job: "orders", in: nil).counts == [.held: 1, .complete: 4])
        try await fixture.execute("SELECT reprocess.fold_status()")
        #expect(try await fixture.ledger.summary(job: "orders", in: nil).counts == [.held: 1, .complete: 4])
    }

    @Test func `A ledger restored to a server that counts transactions anew counts right`() async throws {
        let fixture = try await LedgerFixture.make()
        _ = try await fixture.ledger.openRun(runRequest(days(20)))
        try await fixture.execute("SELECT reprocess.fold_status()")
        // What a dump brings: the row as it was, written by another transaction of a server that is far ahead.
        try await fixture.execute(
            "UPDATE reprocess.status_fold SET folded_to = '900000000000', folded_by = '900000000001'")
        _ = try await fixture.ledger.claim(request(days(5)))
        #expect(try await fixture.ledger.summary(job: "orders", in: nil).counts == [.pending: 15, .running: 5])
        try await fixture.execute("SELECT reprocess.fold_status()")
        #expect(try await fixture.ledger.summary(job: "orders", in: nil).counts == [.pending: 15, .running: 5])
        // And of one that is only a little ahead, so that this one has passed it by.
        try await fixture.execute(
            """
            UPDATE reprocess.status_fold SET folded_to = (pg_current_xact_id()::text::bigint + 3)::text::xid8,
                folded_by = (pg_current_xact_id()::text::bigint + 3)::text::xid8
            """)
        _ = try await fixture.ledger.claim(request(Array(days(10).suffix(5))))
        for _ in 0..<4 { try await fixture.execute("SELECT nextval('reprocess.fence'), pg_current_xact_id()") }
        #expect(try await fixture.ledger.summary(job: "orders", in: nil).counts == [.pending: 10, .running: 10])
    }

    @Test func `Rows changed with triggers off are counted when somebody asks for it`() async throws {
        let fixture = try await LedgerFixture.make()
        _ = try await fixture.ledger.openRun(runRequest(days(20)))
        try await fixture.execute(
            """
            SET session_replication_role = replica;
            DELETE FROM reprocess.partition_progress WHERE partition_key < '2024-01-11'
            """)
        #expect(try await fixture.ledger.summary(job: "orders", in: nil).counts == [.pending: 20])
        try await fixture.execute("SELECT reprocess.recount_status()")
        #expect(try await fixture.ledger.summary(job: "orders", in: nil).counts == [.pending: 10])
    }

    @Test func `Who may only change rows is counted all the same, and may not count by itself`() async throws {
        let fixture = try await LedgerFixture.make()
        let role = "role_" + fixture.schema
        try await fixture.execute(
            """
            CREATE ROLE \(role); GRANT USAGE ON SCHEMA \(fixture.schema) TO \(role);
            GRANT SELECT, INSERT, UPDATE ON reprocess.partition_progress TO \(role)
            """)
        try await fixture.execute(
            """
            SET ROLE \(role);
            INSERT INTO reprocess.partition_progress (job, partition_key, partition_date)
            VALUES ('orders', '2024-01-01', '2024-01-01')
            """)
        #expect(try await fixture.ledger.summary(job: "orders", in: nil).counts == [.pending: 1])
        for sql in ["SELECT reprocess.recount_status()", "SELECT reprocess.fold_status()"] {
            let refusal = await fixture.refusal(of: "SET ROLE \(role); \(sql)")
            #expect(refusal?.contains("permission denied") == true, "\(sql)")
        }
    }

    @Test func `A ledger of version 1 is counted when it is upgraded`() async throws {
        let cluster = try await TestCluster.shared()
        let schema = cluster.freshSchema()
        let name = try SchemaName(schema)
        let first = try #require(Migration.all.first)
        let script = """
            \(SQLText.rendered(PackageResources.begin_migration_sql, schema: name))
            \(SQLText.rendered(first.source, schema: name))
            INSERT INTO \(schema).schema_version (version, applied_by) VALUES (1, 'test');
            INSERT INTO \(schema).partition_progress (job, partition_key, status)
            SELECT 'orders', to_char(date '2020-02-03' + n, 'YYYY-MM-DD'), (ARRAY['PENDING', 'HELD', 'COMPLETE'])[n % 3 + 1]
            FROM generate_series(0, 2999) n
            """
        try await cluster.execute(script)
        let ledger = try await Ledger.open(
            .server(conninfo: cluster.conninfo), options: LedgerOptions(schema: schema, worker: "w"))
        #expect(
            try await ledger.summary(job: "orders", in: nil).counts
                == [.pending: 1_000, .held: 1_000, .complete: 1_000])
        let range = try PartitionRange(from: day("2020-12-30"), through: day("2023-02-02"))
        let fixture = LedgerFixture(ledger: ledger, cluster: cluster, schema: schema)
        #expect(try await fixture.differences(in: range).isEmpty)
    }
}

extension LedgerFixture {
    /// Where the counts differ from a count of the rows, both of one moment.
    fileprivate func differences(in range: PartitionRange?, job: String = "orders") async throws -> [[String?]] {
        let statement = SummaryStatement(job: job, range: range)
        let text = SQLText.statement(SummaryStatement.source, schema: try SchemaName(schema))
        let values = statement.parameters.map { $0.map { "'\($0)'" } ?? "NULL" }.joined(separator: ", ")
        return try await execute(
            """
            PREPARE compare AS SELECT told.status, told.partitions, found.partitions
            FROM (\(text)) told
            FULL JOIN (
                SELECT status, count(*) AS partitions FROM reprocess.partition_progress
                WHERE job = $1 AND ($2::text IS NULL OR partition_key >= $2::text)
                    AND ($3::text IS NULL OR partition_key <= $3::text)
                    AND ($4::integer IS NULL OR length(partition_key) = $4::integer)
                GROUP BY status) found USING (status)
            WHERE told.partitions IS DISTINCT FROM found.partitions;
            EXECUTE compare(\(values))
            """)
    }

    /// Compares again and again; returns how often.
    func watch(until flag: Flag) async throws -> Int {
        var looks = 0
        while !flag.isRaised || looks == 0 {
            let differences = try await differences(in: nil)
            #expect(differences.isEmpty)
            looks += 1
        }
        return looks
    }

    /// What a person does at a prompt, by chance.
    fileprivate func edit(_ partitions: [PartitionKey], _ random: inout SeededRandom) async throws {
        guard let key = partitions.randomElement(using: &random) else { return }
        let month = "\(key)".prefix(7)
        let mark = """
            UPDATE reprocess.partition_progress SET status = 'FAILED', fence = nextval('reprocess.fence'), claim_id = NULL
            WHERE job = 'orders' AND partition_key = '\(key)'
            """
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            try await execute(
                "DELETE FROM reprocess.partition_progress WHERE job = 'orders' AND partition_key = '\(key)'")
        case 1:
            try await execute(
                """
                INSERT INTO reprocess.partition_progress (job, partition_key, status)
                VALUES ('orders', '\(key)', 'COMPLETE'), ('orders', '\(month)', 'HELD') ON CONFLICT DO NOTHING
                """)
        case 2: try await execute(mark)
        case 3: try await execute("BEGIN; \(mark); ROLLBACK")
        case 4:
            let move = "UPDATE reprocess.partition_progress SET job = 'refunds' WHERE status <> 'RUNNING'"
            // Where that job has the partition already, nothing is moved.
            _ = await refusal(of: "\(move) AND job = 'orders' AND partition_key = '\(key)'")
        default: try await execute("SELECT reprocess.fold_status()")
        }
    }
}

/// Raised once, seen from every task.
final class Flag: Sendable {
    private let recorder = Recorder<Bool>()
    var isRaised: Bool { !recorder.values.isEmpty }
    func raise() { recorder.add(true) }
}

/// The same numbers each time (SplitMix64).
private struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
