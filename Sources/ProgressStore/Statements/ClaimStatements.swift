internal import FaultPoints
internal import Foundation
internal import Partitions

/// Claims those of the candidates that are free.
struct ClaimStatement: Statement {
    static let source = PackageResources.claim_sql
    static let sent: FaultPoint? = .claimSent
    let request: ClaimRequest
    let batch: UUID
    let worker: WorkerIdentity

    var parameters: [String?] {
        [
            request.job, ArrayText.texts(request.candidates.map(\.description)),
            ArrayText.plain(request.candidates.map(\.date)), "\(request.limit)", request.tableIdentity,
            "\(request.run)", request.transformVersion, "\(request.planFence)", request.includesComplete ? "t" : "f",
            "\(request.lease.seconds)", request.deadline.map { "\($0.seconds)" }, worker.name, worker.host,
            batch.uuidString, "\(request.takeoverLimit)", ArrayText.texts(request.staleSources.map(\.description)),
        ]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> Claim { try Claim(row) }
}

/// A claim of nothing, for the sake of its plan.
struct ClaimRehearsal: Statement {
    static let source = PackageResources.claim_sql
    static var isInterruptible: Bool { true }

    var parameters: [String?] {
        ["", "{}", "{}", "0", nil, "0", "", "0", "f", "0", nil, "", "", UUID().uuidString, "0", "{}"]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> Claim { try Claim(row) }
}

/// Finds what a claim granted whose answer was lost.
struct ClaimedBatch: Statement {
    static let source = PackageResources.claimed_batch_sql
    let job: String
    let candidates: [PartitionKey]
    let batch: UUID

    var parameters: [String?] {
        [job, ArrayText.texts(candidates.map(\.description)), batch.uuidString]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> Claim { try Claim(row) }
}

extension Claim {
    /// Decodes the columns that the statements granting claims have in common.
    init(_ row: RowReader) throws(LedgerError) {
        let key = try row.key(0)
        var predecessor: ClaimToken?
        if let fence = try row.integer(5) {
            predecessor = ClaimToken(key: key, fence: fence, claimID: try row.uuid(6))
        }
        self.init(
            token: ClaimToken(key: key, fence: try row.requiredInteger(1), claimID: try row.uuid(2)),
            attempt: Int(try row.requiredInteger(3)), failures: Int(try row.requiredInteger(4)),
            predecessor: predecessor,
            knownContent: row.text(7).map {
                KnownContent(tableVersion: $0, digest: row.text(8), transformVersion: row.text(9))
            })
    }
}
