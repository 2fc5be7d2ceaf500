internal import BlockingWork
internal import FaultPoints
internal import Foundation
internal import Lakehouse
internal import ProgressStore
internal import Transforms

/// Staged data after it was judged.
struct JudgedStaging: Sendable {
    /// What becomes of it.
    enum Verdict: Sendable {
        case publish
        /// The table holds it already, in this version.
        case unchanged(version: String)
        case hold(reason: String)
        case fail(AuditError)

        /// Whether somebody will want to compare what was staged with what is there.
        var isForPeople: Bool {
            switch self {
            case .hold, .fail: true
            case .publish, .unchanged: false
            }
        }
    }

    let verdict: Verdict
    /// What it would replace; nil where there is nothing.
    let previous: PreviousContent?
    /// What was found out, for the ledger.
    let record: JudgementRecord
}

extension PartitionAttempt {
    /// Compares what was staged with what it would replace, and lets the audits judge it.
    func judge(_ staged: StagedResult, in table: any Table) async throws -> JudgedStaging {
        let current = try await thread.run { [key = claim.key] in try table.current(key) }
        let reader = PreviousReader(
            job: job, table: table, key: claim.key, session: session, thread: thread, known: claim.knownContent,
            tell: tell)
        var previous = try await current.asyncMap { try await reader.content(of: $0) }
        if let content = previous, needsPreviousRows(staged), content.rows == nil {
            previous?.rows = try await reader.countRows(of: content.generation)
        }
        let findings = try await audit(staged, against: previous, reader)
        let warnings = findings.filter { !$0.hasPassed && $0.severity == .warn }
        if !warnings.isEmpty { tell(.audited(claim.key, findings: warnings)) }
        let judgement = Judgement(
            staged: .init(rows: staged.rows, digest: staged.statistics?.digest),
            previous: previous.map { .init(rows: $0.rows, digest: $0.digest, isOurs: $0.ownVersion != nil) },
            findings: findings, allowsEmpty: job.target?.allowsEmpty ?? false, holdsEverything: rules.holdsEverything,
            rewritesUnchanged: rules.rewritesUnchanged)
        let verdict = verdict(of: judgement, previous)
        if verdict.isForPeople { previous = try await previous.asyncMap { try await reader.measured($0) } }
        return JudgedStaging(
            verdict: verdict, previous: previous,
            record: try JudgementRecord(staged, previous: previous, findings: job.audits.isEmpty ? nil : findings))
    }

    private func verdict(of judgement: Judgement, _ previous: PreviousContent?) -> JudgedStaging.Verdict {
        switch judgement.verdict {
        case .publish: .publish
        case .unchanged: previous?.ownVersion.map { .unchanged(version: $0) } ?? .publish
        case .hold(let reason): .hold(reason: reason)
        case .fail(let error): .fail(error)
        }
    }

    /// Whether the number of rows that would be replaced has to be known, so that it is worth asking the files.
    private func needsPreviousRows(_ staged: StagedResult) -> Bool {
        if staged.rows == 0, job.target?.allowsEmpty == false { return true }
        return job.audits.contains { audit in
            switch audit.rule {
            case .rowCountDrop, .rowCountChange: true
            default: false
            }
        }
    }

    private func audit(
        _ staged: StagedResult, against previous: PreviousContent?, _ reader: PreviousReader
    ) async throws -> [AuditFinding] {
        guard !job.audits.isEmpty else { return [] }
        let readsPrevious = job.audits.contains { if case .noRows = $0.rule { true } else { false } }
        let rows = readsPrevious ? try await previous.asyncMap { try await reader.rows(of: $0.generation) } : nil
        return try await session.audit(
            AuditRequest(
                audits: job.audits, staged: .files(staged.files), stagedRows: staged.rows,
                statistics: staged.statistics, previous: rows, previousRows: previous?.rows, key: claim.key,
                column: job.partitioning.column))
    }
}

extension JudgementRecord {
    /// What was found out about staged data.
    fileprivate init(
        _ staged: StagedResult, previous: PreviousContent?, findings: [AuditFinding]?
    ) throws {
        self.init(
            contentDigest: staged.statistics?.digest, statistics: staged.statistics?.json,
            replacedVersion: previous?.generation.version, replacedRows: previous?.rows,
            replacedBytes: previous?.generation.bytes, replacedDigest: previous?.digest,
            replacedStatistics: previous?.statistics?.json,
            findings: try findings.map(JSONText.encode))
    }
}
