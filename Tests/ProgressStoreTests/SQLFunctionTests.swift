import Foundation
import Partitions
import TestSupport
import Testing

@testable import ProgressStore

/// A daily pipeline in any language takes the same claims as this program.
@Suite(.timeLimit(.minutes(3))) struct SQLFunctionTests {
    @Test func `A partition goes from nothing to COMPLETE through SQL`() async throws {
        let fixture = try await LedgerFixture.make()
        let claim = try #require(
            try await fixture.claimBySQL(
                "2024-01-01", "transform_version => 'd1'", ordersTable, "worker => 'cron:7'", "host => 'etl-1'"))
        #expect(claim.attempt == "1")
        #expect(claim.lostFence == nil)
        try await fixture.endLeases()
        #expect(
            try await fixture.call(
                "heartbeat_partition(\(claim.token), lease => '5 minutes') > now() + interval '4 min'")
                == "t")
        let worker = try await fixture.execute("SELECT worker, host, status, run_id FROM reprocess.worker_status")
        #expect(worker == [["cron:7", "etl-1", "ALIVE", nil]])
        for _ in 0..<2 {
            #expect(
                try await fixture.call("complete_partition(\(claim.token), rows_written => 7, bytes_written => 70)")
                    == "COMPLETE")
        }
        let columns = "status, rows_written, bytes_written, transform_version, run_id, table_identity, partition_date"
        #expect(
            try await fixture.columns(columns, of: "2024-01-01", job: "daily")
                == ["COMPLETE", "7", "70", "d1", nil, "lake/orders", "2024-01-01"])
        let attempt = try await fixture.ledger.attempts(job: "daily", key: days(1)[0]).only()
        #expect(attempt.outcome == "COMPLETE")
        #expect(attempt.worker == "cron:7")
        #expect(attempt.host == "etl-1")
        #expect(attempt.run == nil)
    }

    @Test func `Who names no worker is told apart all the same`() async throws {
        let fixture = try await LedgerFixture.make()
        _ = try await fixture.claimBySQL("2024-01-01", ordersTable)
        let name = try await fixture.columns("worker", of: "2024-01-01", job: "daily").only()
        #expect(name?.wholeMatch(of: /local:\d+:sql/) != nil, "\(name ?? "")")
    }

    @Test func `What this program has is not granted, and the answer says who has it`() async throws {
        let fixture = try await LedgerFixture.make()
        let claim = try await fixture.ledger.claim(request(days(1))).only()
        #expect(try await fixture.claimBySQL("2024-01-01", job: "orders", ordersTable) == nil)
        #expect(try await fixture.claimBySQL("2024-01-01", job: "daily", ordersTable) == nil)
        let host = try await fixture.ledger.attempts(job: "orders", key: claim.key).only().host
        #expect(
            try await fixture.standing("'orders', '2024-01-01', \(ordersTable)")
                == ["f", "running elsewhere", "RUNNING", "orders", "host:1:a", host])
        #expect(
            try await fixture.standing("'daily', '2024-01-01', \(ordersTable)")
                == ["f", "running in another job", nil, "orders", "host:1:a", host])
        let wait = try await fixture.execute(
            "SELECT free_in > interval '1 min' FROM reprocess.partition_standing('daily', '2024-01-01', \(ordersTable))"
        )
        #expect(wait == [["t"]])
        _ = try await fixture.ledger.complete(job: "orders", [completion(claim)])
        #expect(try await fixture.claimBySQL("2024-01-01", job: "daily", ordersTable) != nil)
    }

    @Test func `What a pipeline has is not granted to this program, whose plan says so`() async throws {
        let fixture = try await LedgerFixture.make()
        _ = try await fixture.claimBySQL("2024-01-01", job: "orders", ordersTable)
        _ = try await fixture.claimBySQL("2024-01-02", job: "daily", ordersTable)
        let granted = try await fixture.ledger.claim(request(days(3)))
        #expect(granted.map(\.key) == [days(3)[2]])
        let rows = Recorder<PlanRow>()
        let range = try PartitionRange(from: days(2)[0], through: days(2)[1])
        try await fixture.ledger.forEachPlanRow(job: "orders", tableIdentity: "lake/orders", in: range) { rows.add($0) }
        #expect(
            rows.values == [
                PlanRow(key: days(2)[0], status: .running, tableIdentity: "lake/orders"),
                PlanRow(key: days(2)[1], status: .pending, isClaimedByOtherJob: true),
            ])
    }

    @Test func `The standing names every reason that a plan has`() async throws {
        let fixture = try await LedgerFixture.make()
        let ledger = fixture.ledger
        let keys = days(7)
        let claims = try await ledger.claim(request(Array(keys[0..<5])))
        _ = try await ledger.complete(job: "orders", [completion(claims[0])])
        _ = try await ledger.fail(job: "orders", claims[1].token, error: "the disk is full", .giveUp)
        _ = try await ledger.fail(job: "orders", claims[2].token, error: "x", .retry(after: .seconds(600)))
        _ = try await ledger.mark(job: "orders", Mark(key: claims[3].key, status: .held))
        _ = try await ledger.mark(job: "orders", Mark(key: keys[5], status: .cancelled))
        try await fixture.endLeases()
        let reasons = try await fixture.execute(
            """
            SELECT s.is_free, s.reason FROM unnest('{\(keys.map(\.description).joined(separator: ","))}'::text[])
                WITH ORDINALITY AS k (key, place),
                reprocess.partition_standing('orders', k.key, \(ordersTable)) s
            ORDER BY k.place
            """)
        #expect(
            reasons == [
                ["f", "complete"], ["t", "failed"], ["f", "waiting for its retry"], ["f", "held"],
                ["t", "worker lost"], ["t", "cancelled"], ["t", "missing"],
            ])
        let stale = try await fixture.standing("'orders', '2024-01-01', '3', \(ordersTable)")
        #expect(stale.prefix(2) == ["t", "stale transform"])
        let failure = try await fixture.execute(
            "SELECT error_message FROM reprocess.partition_standing('orders', '2024-01-02', \(ordersTable))")
        #expect(failure == [["the disk is full"]])
    }

    @Test func `A claim that was lost can do nothing more`() async throws {
        let fixture = try await LedgerFixture.make()
        let lost = try #require(try await fixture.claimBySQL("2024-01-01", ordersTable))
        try await fixture.endLeases()
        let taken = try #require(
            try await fixture.claimBySQL("2024-01-01", ordersTable, "worker => 'other'"))
        #expect(taken.lostFence == lost.fence)
        #expect(taken.attempt == "2")
        for call in [
            "heartbeat_partition(\(lost.token))", "complete_partition(\(lost.token))",
            "fail_partition(\(lost.token), 'x')",
        ] {
            let refusal = try #require(await fixture.codedRefusal(of: call), "\(call)")
            #expect(refusal.contains("RP020"), "\(call)")
            #expect(refusal.contains("it is RUNNING with fence \(taken.fence), in the hands of other"))
            #expect(refusal.contains("Write nothing more"))
        }
        #expect(try await fixture.call("release_partition(\(lost.token))") == "f")
        #expect(try await fixture.call("complete_partition(\(taken.token))") == "COMPLETE")
        #expect(try await fixture.outcomes(of: days(1)[0], job: "daily") == ["LOST", "COMPLETE"])
    }

    @Test func `Half a token is none`() async throws {
        let fixture = try await LedgerFixture.make()
        let claims = [
            try #require(try await fixture.claimBySQL("2024-01-01", ordersTable)),
            try #require(try await fixture.claimBySQL("2024-01-02", ordersTable)),
        ]
        for token in [
            "'daily', '2024-01-01', \(claims[0].fence), '\(claims[1].claimID)'",
            "'daily', '2024-01-01', \(claims[1].fence), '\(claims[0].claimID)'",
            "'daily', '2024-01-01', NULL, NULL", "'other', '2024-01-01', \(claims[0].fence), '\(claims[0].claimID)'",
        ] {
            for call in [
                "heartbeat_partition(\(token))", "complete_partition(\(token))", "fail_partition(\(token), 'x')",
            ] {
                #expect(await fixture.codedRefusal(of: call)?.contains("RP020") == true, "\(call)")
            }
            #expect(try await fixture.call("release_partition(\(token))") == "f")
        }
        #expect(try await fixture.ledger.summary(job: "daily", in: nil).counts == [.running: 2])
    }

    @Test func `A failure is recorded once, and retried when it is due`() async throws {
        let fixture = try await LedgerFixture.make()
        let first = try #require(try await fixture.claimBySQL("2024-01-01", ordersTable))
        for _ in 0..<2 {
            #expect(
                try await fixture.call("fail_partition(\(first.token), 'no file', retry_after => '1 hour')")
                    == "PENDING")
        }
        #expect(try await fixture.claimBySQL("2024-01-01", ordersTable) == nil)
        try await fixture.execute("UPDATE reprocess.partition_progress SET not_before = now()")
        let second = try #require(try await fixture.claimBySQL("2024-01-01", ordersTable))
        #expect(second.attempt == "2")
        for _ in 0..<2 {
            #expect(try await fixture.call("fail_partition(\(second.token), E'bad\\x1b[31m line')") == "FAILED")
        }
        #expect(
            try await fixture.columns("error_message, failures", of: "2024-01-01", job: "daily") == [
                "bad [31m line", "2",
            ])
        #expect(try await fixture.outcomes(of: days(1)[0], job: "daily") == ["RETRY", "FAILED"])
        #expect(await fixture.codedRefusal(of: "complete_partition(\(second.token))")?.contains("RP020") == true)
        let third = try #require(try await fixture.claimBySQL("2024-01-01", ordersTable))
        #expect(third.attempt == "1")
    }

    @Test(arguments: [
        ("repeat('ä', 10000)", "ää..."), ("repeat('a', 8192)", "aaaaa"), ("NULL", "No reason was given."),
        ("''", "No reason was given."),
    ])
    func `An error text is kept within its limit`(text: String, end: String) async throws {
        let fixture = try await LedgerFixture.make()
        let claim = try #require(try await fixture.claimBySQL("2024-01-01", ordersTable))
        #expect(try await fixture.call("fail_partition(\(claim.token), \(text))") == "FAILED")
        let stored = try #require(try await fixture.columns("error_message", of: "2024-01-01", job: "daily").only())
        #expect(stored.utf8.count <= 8192)
        #expect(stored.hasSuffix(end))
    }

    @Test func `A claim that is given back costs no attempt`() async throws {
        let fixture = try await LedgerFixture.make()
        let first = try #require(try await fixture.claimBySQL("2024-01-01", ordersTable))
        #expect(try await fixture.call("release_partition(\(first.token))") == "t")
        #expect(try await fixture.call("release_partition(\(first.token))") == "f")
        #expect(try await fixture.claimBySQL("2024-01-01", ordersTable)?.attempt == "1")
    }

    @Test func `What is complete stays, unless another version or all is asked for`() async throws {
        let fixture = try await LedgerFixture.make()
        let claim = try #require(
            try await fixture.claimBySQL("2024-01-01", "transform_version => '1'", ordersTable))
        _ = try await fixture.call("complete_partition(\(claim.token), transform_version => '2')")
        #expect(try await fixture.columns("transform_version", of: "2024-01-01", job: "daily") == ["2"])
        #expect(try await fixture.claimBySQL("2024-01-01", ordersTable) == nil)
        #expect(try await fixture.claimBySQL("2024-01-01", "transform_version => '2'", ordersTable) == nil)
        let stale = try await fixture.claimBySQL("2024-01-01", "transform_version => '3'", ordersTable)
        _ = try await fixture.call("complete_partition(\(try #require(stale).token))")
        #expect(try await fixture.claimBySQL("2024-01-01", "again => true", ordersTable) != nil)
    }

    @Test func `A call that got no answer is repeated with its request id`() async throws {
        let fixture = try await LedgerFixture.make()
        let request = "request_id => '\(UUID().uuidString)'"
        let first = try #require(try await fixture.claimBySQL("2024-01-01", ordersTable, request))
        let second = try #require(try await fixture.claimBySQL("2024-01-01", ordersTable, request))
        #expect(first.token == second.token)
        #expect(try await fixture.claimBySQL("2024-01-01", ordersTable) == nil)
        #expect(try await fixture.outcomes(of: days(1)[0], job: "daily") == ["RUNNING"])
    }

    @Test func `A worker too many that is lost makes the partition FAILED here, too`() async throws {
        let fixture = try await LedgerFixture.make()
        _ = try await fixture.claimBySQL("2024-01-01", ordersTable, "worker => 'cron:7'", "host => 'etl-1'")
        try await fixture.endLeases()
        #expect(try await fixture.claimBySQL("2024-01-01", ordersTable, "takeover_limit => 0") == nil)
        let row = try await fixture.ledger.rows(job: "daily", keys: days(1)).only()
        #expect(row.status == .failed)
        #expect(row.errorMessage?.contains("the last one was cron:7 on etl-1") == true)
    }

    @Test func `The table need not be guessed`() async throws {
        let fixture = try await LedgerFixture.make()
        let unknown = await fixture.codedRefusal(of: "claim_partition('daily', '2024-01-01')")
        #expect(unknown?.contains("RP021") == true)
        #expect(unknown?.contains("No run has been made") == true)
        _ = try await fixture.ledger.openRun(runRequest(days(2), table: "hive:/old"))
        _ = try await fixture.ledger.openRun(runRequest(days(2), table: "hive:/new"))
        let other = await fixture.codedRefusal(of: "claim_partition('daily', '2024-01-01')")
        #expect(other?.contains("Tables known here: 'hive:/new' (job orders), 'hive:/old' (job orders).") == true)
        _ = try await fixture.claimBySQL("2024-01-01", job: "orders")
        #expect(try await fixture.columns("table_identity", of: "2024-01-01") == ["hive:/new"])
        // Without runs, the newest partition that has a table says it.
        _ = try await fixture.claimBySQL("2024-01-05", job: "daily", "table_identity => 'hive:/daily'")
        _ = try await fixture.claimBySQL("2024-01-04", job: "daily")
        #expect(try await fixture.columns("table_identity", of: "2024-01-04", job: "daily") == ["hive:/daily"])
        _ = try await fixture.claimBySQL("2024-01-04", job: "mails", "table_identity => NULL")
        #expect(try await fixture.columns("table_identity", of: "2024-01-04", job: "mails") == [nil])
    }

    @Test(arguments: [
        ("claim_partition('daily', '2024-02-30', \(ordersTable))", "RP005"),
        ("claim_partition('daily', 'yesterday', \(ordersTable))", "RP005"),
        ("claim_partition('daily', NULL, \(ordersTable))", "RP005"),
        ("claim_partition('', '2024-01-01', \(ordersTable))", "RP022"),
        ("claim_partition(NULL, '2024-01-01', \(ordersTable))", "RP022"),
        ("claim_partition('daily', '2024-01-01', \(ordersTable), lease => '0')", "RP022"),
        ("claim_partition('daily', '2024-01-01', \(ordersTable), lease => NULL)", "RP022"),
        ("claim_partition('daily', '2024-01-01', \(ordersTable), deadline => '-1 day')", "RP022"),
        ("claim_partition('orders', '2024-01', \(ordersTable))", "RP024"),
        ("partition_standing('orders', '2024-01-01T05', \(ordersTable))", "RP024"),
        ("fail_partition('daily', '2024-01-01', 1, gen_random_uuid(), 'x', '-1 s')", "RP022"),
    ])
    func `A call that cannot be meant is refused with a code of its own`(call: String, code: String) async throws {
        let fixture = try await LedgerFixture.make()
        _ = try await fixture.ledger.openRun(runRequest(days(2)))
        #expect(await fixture.codedRefusal(of: call)?.contains(code) == true)
    }

    @Test func `A lease that began long before its claim is refused`() async throws {
        let fixture = try await LedgerFixture.make()
        let claim = try #require(try await fixture.claimBySQL("2024-01-02", ordersTable))
        for call in [
            "claim_partition('daily', '2024-01-01', \(ordersTable), lease => '0.5 s')",
            "heartbeat_partition(\(claim.token), lease => '0.5 s')",
        ] {
            let refusal = await fixture.codedRefusal(of: call, after: "SELECT pg_sleep(0.3)")
            #expect(refusal?.contains("RP023") == true, "\(call)")
            #expect(refusal?.contains("Commit first") == true)
        }
    }

    @Test func `What is written in the transaction of the completion goes with it`() async throws {
        let fixture = try await LedgerFixture.make()
        let lost = try #require(try await fixture.claimBySQL("2024-01-01", ordersTable))
        try await fixture.endLeases()
        let taken = try #require(try await fixture.claimBySQL("2024-01-01", ordersTable))
        try await fixture.execute("CREATE TABLE reprocess.mart (fence bigint)")
        for claim in [lost, taken] {
            let refusal = await fixture.refusal(
                of: """
                    BEGIN; INSERT INTO reprocess.mart VALUES (\(claim.fence));
                    SELECT reprocess.complete_partition(\(claim.token)); COMMIT
                    """)
            #expect((refusal != nil) == (claim.fence == lost.fence))
        }
        #expect(try await fixture.execute("SELECT fence FROM reprocess.mart") == [[taken.fence]])
    }
}
