import Partitions
import ProgressStore
import TestSupport

/// A claim as a program gets it that knows nothing but SQL.
struct SQLClaim: Sendable {
    let job: String
    let key: String
    let fence: String
    let claimID: String
    let attempt: String
    let lostFence: String?

    /// The first arguments of the functions that are about this claim.
    var token: String { "'\(job)', '\(key)', \(fence), '\(claimID)'" }
}

extension LedgerFixture {
    /// Claims through SQL, each time on a connection of its own, as behind a pooler.
    func claimBySQL(_ key: String, job: String = "daily", _ options: String...) async throws -> SQLClaim? {
        let arguments = (["'\(job)'", "'\(key)'"] + options).joined(separator: ", ")
        let rows = try await execute("SELECT * FROM reprocess.claim_partition(\(arguments))")
        guard let row = rows.first else { return nil }
        guard rows.count == 1, let fence = row[0], let claimID = row[1], let attempt = row[2], row[5] != nil else {
            throw TestExpectation("no claim: \(rows)")
        }
        return SQLClaim(job: job, key: key, fence: fence, claimID: claimID, attempt: attempt, lostFence: row[4])
    }

    /// The only value that a function returns.
    func call(_ expression: String) async throws -> String? {
        try await execute("SELECT reprocess.\(expression)").only().only()
    }

    /// The code and the message with which the server refuses a call; nil where it does not.
    func codedRefusal(of expression: String, after preparation: String = "") async -> String? {
        await refusal(
            of: """
                BEGIN; \(preparation);
                DO $do$
                DECLARE hint text;
                BEGIN
                    PERFORM reprocess.\(expression);
                EXCEPTION WHEN OTHERS THEN
                    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
                    RAISE EXCEPTION '% % %', SQLSTATE, SQLERRM, hint;
                END $do$;
                COMMIT
                """)
    }

    /// Where a partition stands for a job: whether it is free, why, and who has it.
    func standing(_ arguments: String) async throws -> [String?] {
        try await execute(
            """
            SELECT is_free, reason, status, held_by_job, held_by_worker, held_by_host
            FROM reprocess.partition_standing(\(arguments))
            """
        ).only()
    }
}

/// The parameter that names the table of most tests.
let ordersTable = "table_identity => 'lake/orders'"
