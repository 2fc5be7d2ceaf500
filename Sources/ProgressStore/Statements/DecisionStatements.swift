internal import Foundation
internal import Partitions

/// Marks an attempt HELD.
struct HoldStatement: Statement {
    static let source = PackageResources.hold_sql
    let job: String
    let token: ClaimToken
    let facts: HoldFacts

    var parameters: [String?] {
        [
            job, token.key.description, "\(token.fence)", token.claimID.uuidString, ErrorText.cleaned(facts.reason),
            "\(facts.rowsWritten)", "\(facts.bytesWritten)", facts.transformVersion,
            SourceVersions.json(facts.sourceVersions), JSONText.plain(facts.sourceIdentity),
        ] + JudgementColumns([(token.fence, facts.judgement)]).parameters + facts.cost.parameters
    }

    static func row(_ row: RowReader) throws(LedgerError) -> Status { try row.status(2) }
}

/// Claims a partition to carry out a decision.
struct TakeStatement: Statement {
    static let source = PackageResources.take_sql
    let request: TakeRequest
    let kind: DecisionKind
    let requestID: UUID
    let worker: WorkerIdentity

    var parameters: [String?] {
        [
            request.job, request.key.description, "\(request.fence)", kind.rawValue, request.tableIdentity,
            request.transformVersion, request.run.map { "\($0)" }, DecisionText.user(request.user),
            ErrorText.cleaned(request.reason), "\(request.lease.seconds)", request.deadline.map { "\($0.seconds)" },
            worker.name, worker.host, requestID.uuidString,
        ]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> Claim { try Claim(row) }
}

/// Makes a HELD partition FAILED.
struct RejectStatement: Statement {
    static let source = PackageResources.reject_sql
    let job: String
    let token: ClaimToken
    let user: String
    let reason: String
    let requestID: UUID

    var parameters: [String?] {
        let user = DecisionText.user(user)
        return [
            job, token.key.description, "\(token.fence)", token.claimID.uuidString,
            ErrorText.cleaned("Rejected by \(user): \(reason)"), user, ErrorText.cleaned(reason), requestID.uuidString,
        ]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> Status { try row.status(2) }
}

/// Reads what persons decided about a partition.
struct Decisions: Statement {
    static let source = PackageResources.decisions_sql
    static let isInterruptible = true
    let job: String
    let key: PartitionKey

    var parameters: [String?] { [job, key.description] }

    static func row(_ row: RowReader) throws(LedgerError) -> (decision: DecisionRow, requestID: UUID) {
        let decision = DecisionRow(
            kind: try row.decisionKind(1), key: try row.key(0), originFence: try row.requiredInteger(2),
            newFence: try row.integer(3), user: try row.requiredText(4), databaseUser: try row.requiredText(5),
            decidedAt: try row.requiredDate(6), reason: try row.requiredText(7))
        return (decision, try row.uuid(8))
    }
}

/// Reads which partitions wait for a person.
struct Held: Statement {
    static let source = PackageResources.held_sql
    static let isInterruptible = true
    let job: String
    let keys: [PartitionKey]?

    var parameters: [String?] { [job, keys.map { ArrayText.texts($0.map(\.description)) }] }

    static func row(_ row: RowReader) throws(LedgerError) -> HeldPartition {
        HeldPartition(
            token: ClaimToken(key: try row.key(0), fence: try row.requiredInteger(1), claimID: try row.uuid(2)),
            runID: try row.integer(3), heldAt: try row.requiredDate(4), reason: row.text(5) ?? "",
            rowsWritten: try row.integer(6), bytesWritten: try row.integer(7), transformVersion: row.text(8),
            sourceIdentity: row.text(9), sourceVersions: SourceVersions.read(row.text(10)),
            judgement: try row.integer(13) == nil ? nil : try JudgementRecord(row, from: 14),
            worker: try row.requiredText(11), host: row.text(12))
    }
}

/// Who decided, as it is stored.
enum DecisionText {
    /// The name, free of control characters, cut where it is none.
    static func user(_ user: String) -> String { ErrorText.cleaned(user, limit: 200) }
}
