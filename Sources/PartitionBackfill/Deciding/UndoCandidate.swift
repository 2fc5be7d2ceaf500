internal import Lakehouse
internal import Partitions
internal import ProgressStore

/// A partition that can be put back.
struct UndoCandidate: Sendable {
    /// What the table has to put back.
    enum Content: Sendable {
        case kept(ReplacedGeneration.Kept)
        /// There was no partition: one without rows is what comes nearest.
        case nothing
    }

    /// What the ledger says of it.
    let row: ProgressRow
    /// The attempt whose generation is undone.
    let undone: Writer
    /// What the table held when it was looked at; nil where that was nothing.
    let current: Generation?
    let content: Content
    /// The version of the transform that made what is put back; nil where the ledger does not know.
    let transformVersion: String?
    /// Of what sources what is put back was made; nil where the ledger does not know.
    let restoredSources: String?
    /// Of what sources the row says that it was made.
    let sourceIdentity: String?
    /// What was found out when the undone generation was judged.
    let judgement: JudgementRecord?

    var key: PartitionKey { row.key }

    /// What the row says, for where nothing can be put back after all.
    var standing: CompletionFacts? {
        guard let version = row.tableVersion, let transformVersion = row.transformVersion else { return nil }
        return CompletionFacts(
            rowsWritten: row.rowsWritten, bytesWritten: row.bytesWritten, transformVersion: transformVersion,
            tableVersion: version, sourceIdentity: sourceIdentity,
            judgement: judgement.map { JudgementRecord(contentDigest: $0.contentDigest, replacedVersion: version) },
            wasUnchanged: true)
    }

    /// What is put back; nil where there was nothing.
    var restoration: Restoration? {
        guard case .kept(let kept) = content else { return nil }
        return Restoration(
            undoneFence: undone.fence, version: kept.version, transformVersion: transformVersion,
            rows: kept.rows ?? judgement?.replacedRows, bytes: kept.bytes, files: kept.files.count, expiry: kept.expiry)
    }
}

/// What was found out about a partition that somebody wants to undo.
enum UndoFinding: Sendable {
    case candidate(UndoCandidate)
    case outcome(UndoOutcome)
}
