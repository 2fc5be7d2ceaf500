internal import Foundation
internal import Partitions

extension Ledger {
    /// Claims partitions, and takes over those whose worker is lost.
    ///
    /// Granted are those of the candidates that are free, rows that exist before partitions that have none yet. What is
    /// not granted belongs to somebody, waits for a retry, or has ended.
    ///
    /// - Returns: The claims, in the order of the candidates.
    public func claim(_ request: ClaimRequest) async throws -> [Claim] {
        guard !request.candidates.isEmpty, request.limit > 0 else { return [] }
        let batch = UUID()
        let worker = worker
        let claims = try await work.with(from: .last) { line in
            try await line.run { session, mayHaveHappened throws(SessionFailure) in
                if mayHaveHappened {
                    let granted = try await session.run(
                        ClaimedBatch(job: request.job, candidates: request.candidates, batch: batch))
                    if !granted.isEmpty { return granted }
                }
                return try await session.run(ClaimStatement(request: request, batch: batch, worker: worker))
            }
        }
        let places = Dictionary(
            request.candidates.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
        return claims.sorted { places[$0.key, default: .max] < places[$1.key, default: .max] }
    }

    /// Extends leases, on a connection of its own.
    ///
    /// While the database is gone it goes on trying; who calls it must stop work by its own clock when a lease may have
    /// ended, and may cancel the call.
    public func heartbeat(
        job: String, run: Int64, _ tokens: [ClaimToken], lease: Duration
    ) async throws -> HeartbeatReply {
        let rows = try await pulse.run(
            HeartbeatStatement(job: job, run: run, tokens: tokens, lease: lease, worker: worker))
        return HeartbeatReply(
            held: Set(rows.compactMap(\.held)), control: rows.compactMap(\.control).first ?? .run)
    }
}
