import Foundation
import ProtocolModel
import TestSupport

@testable import ProgressStore

/// What the real ledger and its model hold, as text that can be compared.
extension LedgerTwins {
    mutating func compareRows() async throws {
        let real = try await cluster.execute(
            """
            SELECT p.job, p.partition_key, p.status, p.attempt, p.failures, p.takeovers, p.claim_id, p.transform_version,
                p.lease_expires_at < now(), p.not_before > now(), p.fence = a.fence
            FROM \(schema).partition_progress p LEFT JOIN \(schema).attempt a ON a.claim_id = p.claim_id
            WHERE p.table_identity = '\(table)'
            UNION ALL
            SELECT NULL, NULL, outcome, attempt, NULL, NULL, claim_id, NULL, NULL, NULL, NULL
            FROM \(schema).attempt WHERE job IN ('\(jobs[0])', '\(jobs[1])')
            """)
        let history = tokens.indices.map { attempt in
            let row = model.attempts[attempt]
            let claim = tokens[attempt].claimID.uuidString.lowercased()
            return "- - \(outcome(row.outcome)) \(row.number) - - \(claim) - - - -"
        }
        let found = real.map { $0.map { $0 ?? "-" }.joined(separator: " ") }
        compare(found.sorted(), (modelRows() + history).sorted())
    }

    private mutating func modelRows() -> [String] {
        var rows: [String] = []
        for job in jobs.indices {
            for key in Self.keys.indices {
                let row = model.row(job: job, key: key)
                guard row.status != .absent else { continue }
                let claim = row.claim < 0 ? "-" : tokens[row.claim].claimID.uuidString.lowercased()
                let version = row.version < 0 ? "-" : "\(row.version)"
                let isLate = row.status == .running ? (row.leaseEnds < Self.now ? "t" : "f") : "-"
                let isPaused = row.notBefore > Self.now ? "t" : "f"
                let hasFence = row.claim < 0 ? "-" : "\(row.fence == model.attempts[row.claim].fence ? "t" : "f")"
                rows.append(
                    "\(jobs[job]) \(Self.keys[key]) \(status(row.status).rawValue) \(row.attempt) \(row.failures) "
                        + "\(row.takeovers) \(claim) \(version) \(isLate) \(isPaused) \(hasFence)")
            }
        }
        return rows
    }

    private mutating func compare(_ real: [String], _ expected: [String]) {
        guard real != expected else { return }
        differ("is \(Set(real).subtracting(expected).sorted()), should be \(Set(expected).subtracting(real).sorted())")
    }

    func status(_ status: ModelLedger.Status) -> Status {
        switch status {
        case .absent, .pending: .pending
        case .running: .running
        case .held: .held
        case .complete: .complete
        case .failed: .failed
        }
    }

    private func outcome(_ outcome: ModelLedger.Outcome) -> String {
        switch outcome {
        case .running: "RUNNING"
        case .complete: "COMPLETE"
        case .adopted: "ADOPTED"
        case .held: "HELD"
        case .failed: "FAILED"
        case .retry: "RETRY"
        case .released: "RELEASED"
        case .lost: "LOST"
        }
    }
}
