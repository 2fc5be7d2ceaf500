internal import FaultPoints
internal import Foundation
internal import Partitions

/// A partition and the fence of the attempt that was marked.
struct MarkedAttempt: Sendable, Hashable {
    let key: PartitionKey
    let fence: Int64

    init(key: PartitionKey, fence: Int64) {
        self.key = key
        self.fence = fence
    }

    init(_ token: ClaimToken) {
        self.init(key: token.key, fence: token.fence)
    }

    fileprivate init(_ row: RowReader) throws(LedgerError) {
        self.init(key: try row.key(0), fence: try row.requiredInteger(1))
    }
}

/// Marks attempts COMPLETE.
struct CompleteStatement: Statement {
    static let source = PackageResources.complete_sql
    static let sent: FaultPoint? = .recordSent
    let job: String
    let completions: [Completion]

    var parameters: [String?] {
        let tokens = TokenColumns(completions.map(\.token))
        let facts = completions.map(\.facts)
        return [
            job, tokens.keys, tokens.fences, tokens.claimIDs, ArrayText.plain(facts.map(\.cost.rowsRead)),
            ArrayText.plain(facts.map(\.rowsWritten)), ArrayText.plain(facts.map(\.bytesWritten)),
            ArrayText.texts(facts.map(\.transformVersion)), ArrayText.texts(facts.map(\.tableVersion)),
            ArrayText.plain(facts.map(\.wasAdopted)),
            ArrayText.texts(facts.map { SourceVersions.json($0.sourceVersions) }),
            ArrayText.texts(facts.map { JSONText.plain($0.sourceIdentity) }),
            ArrayText.plain(facts.map(\.wasUnchanged)),
            ArrayText.texts(facts.map { JSONText.plain($0.judgement?.contentDigest) }),
        ] + JudgementColumns(completions.map { ($0.token.fence, $0.facts.judgement) }).parameters + [
            ArrayText.plain(facts.map(\.cost.bytesRead)), ArrayText.plain(facts.map(\.cost.engineSeconds)),
        ]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> MarkedAttempt { try MarkedAttempt(row) }
}

/// Gives partitions back.
struct ReleaseStatement: Statement {
    static let source = PackageResources.release_sql
    let job: String
    let tokens: [ClaimToken]

    var parameters: [String?] {
        let columns = TokenColumns(tokens)
        return [job, columns.keys, columns.fences, columns.claimIDs]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> MarkedAttempt { try MarkedAttempt(row) }
}

/// Marks an attempt FAILED, or PENDING for a retry.
struct FailStatement: Statement {
    static let source = PackageResources.fail_sql
    let job: String
    let token: ClaimToken
    let error: String
    let directive: FailureDirective
    var judgement: JudgementRecord?
    var cost = AttemptCost()

    var parameters: [String?] {
        var delay: Duration?
        if case .retry(let after) = directive { delay = after }
        return [
            job, token.key.description, "\(token.fence)", token.claimID.uuidString, delay.map { "\($0.seconds)" },
            ErrorText.cleaned(error),
        ] + JudgementColumns([(token.fence, judgement)]).parameters + cost.parameters
    }

    static func row(_ row: RowReader) throws(LedgerError) -> Status { try row.status(2) }
}

/// Looks where attempts stand whose mark changed nothing.
struct Standing: Statement {
    static let source = PackageResources.standing_sql
    let job: String
    let tokens: [ClaimToken]

    var parameters: [String?] {
        let columns = TokenColumns(tokens)
        return [job, columns.keys, columns.fences, columns.claimIDs]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> (attempt: MarkedAttempt, status: Status) {
        (try MarkedAttempt(row), try row.status(2))
    }
}

/// Marks a partition by hand.
struct MarkStatement: Statement {
    static let source = PackageResources.mark_sql
    let job: String
    let mark: Mark
    let worker: String

    var parameters: [String?] {
        [
            job, mark.key.description, mark.key.date.description, mark.status.rawValue, mark.transformVersion,
            mark.errorMessage.map { ErrorText.cleaned($0) }, mark.tableIdentity, worker,
        ]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> Int64 { try row.requiredInteger(0) }

    /// The fence of this mark where the partition is as it leaves it; nil where it is not, or not any more.
    func recordedFence(_ session: Session) async throws(SessionFailure) -> Int64? {
        let row = try await session.run(RowsByKey(job: job, keys: [mark.key])).first
        guard let row, row.status == mark.status, row.worker == worker, row.attempt == 0,
            row.transformVersion == mark.transformVersion
        else { return nil }
        return row.fence
    }
}
