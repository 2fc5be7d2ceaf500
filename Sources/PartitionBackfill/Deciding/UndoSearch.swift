internal import BlockingWork
internal import Lakehouse
internal import Partitions
internal import ProgressStore
internal import Transforms

/// Finds out what an undo would do, and changes nothing.
struct UndoSearch: Sendable {
    /// Partitions that the ledger is asked about together.
    private static let pageSize = 500

    let job: Job
    let table: any Table
    let ledger: Ledger
    let force: Bool
    let thread: BlockingThread

    /// What can be put back of the scope, and what cannot, by time.
    func findings(in scope: UndoRequest.Scope) async throws -> [(key: PartitionKey, finding: UndoFinding)] {
        switch scope {
        case .partitions(let partitions):
            return try await findings(Array(partitions)) { _, row in row.tableVersion }
        case .run(let run):
            return try await findings(ofRun: run)
        }
    }

    private func findings(ofRun run: Int64) async throws -> [(key: PartitionKey, finding: UndoFinding)] {
        guard let known = try await ledger.run(run), known.job == job.name else {
            throw LedgerError(
                .refused,
                "The job '\(job.name)' has no run \(run). `reprocess explain DATE` tells the runs of a partition.")
        }
        // By fence: of several attempts of the run at one partition the last one counts.
        let attempts = try await ledger.judgements(run: run).filter { ["COMPLETE", "ADOPTED"].contains($0.outcome) }
        let last = Dictionary(attempts.map { ($0.key, $0) }) { $0.fence > $1.fence ? $0 : $1 }
        let unchanged = last.values.filter(\.wasUnchanged).map(\.key)
        let changed = last.values.filter { !$0.wasUnchanged }.map(\.key).sorted()
        let found = try await findings(changed) { key, _ in last[key]?.tableVersion }
        let nothing = unchanged.map { key in
            (key: key, finding: UndoFinding.outcome(.nothingToUndo(reason: "The run left the partition as it was.")))
        }
        return (found + nothing).sorted { $0.key < $1.key }
    }

    private func findings(
        _ keys: [PartitionKey], version: (PartitionKey, ProgressRow) -> String?
    ) async throws -> [(key: PartitionKey, finding: UndoFinding)] {
        var findings: [(key: PartitionKey, finding: UndoFinding)] = []
        var rest = keys[...]
        while !rest.isEmpty {
            try Task.checkCancellation()
            let page = Array(rest.prefix(UndoSearch.pageSize))
            let rows = Dictionary(
                uniqueKeysWithValues: try await ledger.rows(job: job.name, keys: page).map { ($0.key, $0) })
            for key in page {
                guard let row = rows[key] else {
                    findings.append((key, .outcome(.nothingToUndo(reason: "This job has never made the partition."))))
                    continue
                }
                findings.append((key, try await finding(row, undoing: version(key, row))))
            }
            rest = rest.dropFirst(UndoSearch.pageSize)
        }
        return findings
    }

    private func finding(_ row: ProgressRow, undoing version: String?) async throws -> UndoFinding {
        guard row.status == .complete else { return .outcome(notComplete(row)) }
        guard let version, let undone = table.writer(ofVersion: version) else {
            return .outcome(.nothingToUndo(reason: "The row was marked by hand: nobody knows what was there before."))
        }
        if !force, row.tableVersion != version {
            return .outcome(.refused(reason: "The partition has been made anew since, by a later attempt."))
        }
        let current = try await thread.run { [table] in try table.current(row.key) }
        if !force, try await !isStill(version, current, row.key) {
            return .outcome(.refused(reason: "Somebody else has changed the partition in the table since."))
        }
        let judgement = try await ledger.judgement(fence: undone.fence)
        let replaced = try await thread.run { [table] in try table.replaced(row.key, by: undone) }
        let content: UndoCandidate.Content
        switch replaced {
        case .kept(let kept): content = .kept(kept)
        case .nothing: content = .nothing
        case .gone(let reason):
            // The table need not know that the partition was new, where the ledger does.
            guard let judgement, judgement.replacedVersion == nil else { return .outcome(.gone(reason: reason)) }
            content = .nothing
        }
        let attempts = try await ledger.attempts(job: job.name, key: row.key)
        let maker = maker(of: content, attempts)
        return .candidate(
            UndoCandidate(
                row: row, undone: undone, current: current, content: content,
                transformVersion: maker?.transformVersion, restoredSources: maker?.sourceIdentity,
                sourceIdentity: attempts.last { $0.fence == row.fence }?.sourceIdentity, judgement: judgement))
    }

    /// Whether the table holds a version, be it that another program has put its rows into other files.
    func isStill(_ version: String, _ current: Generation?, _ key: PartitionKey) async throws -> Bool {
        guard let current, current.version != version else { return current != nil }
        guard current.writer == nil, let inspection = try await thread.run({ [table] in try table.inspect(key) }) else {
            return false
        }
        return inspection.isRearranged && inspection.version == version && inspection.problems.isEmpty
    }

    /// The attempt that made what would be put back; nil where the ledger knows none.
    private func maker(of content: UndoCandidate.Content, _ attempts: [AttemptRow]) -> AttemptRow? {
        guard case .kept(let kept) = content, let writer = kept.writer else { return nil }
        return attempts.last { $0.fence == writer.fence && $0.claimID == writer.claimID }
    }

    /// What there is to say of a candidate as a judgement of its own: what is put back, against what is undone.
    func record(of candidate: UndoCandidate) async throws -> JudgementRecord {
        let known = candidate.judgement
        // What footers told of it is less than what is known of rows that were measured.
        var statistics = known?.replacedDigest == nil ? nil : known?.replacedStatistics
        if statistics == nil, case .kept(let kept) = candidate.content, let writer = kept.writer {
            let made = try await ledger.judgement(fence: writer.fence)
            if made?.contentDigest == known?.replacedDigest { statistics = made?.statistics }
        }
        return JudgementRecord(
            contentDigest: known?.replacedDigest, statistics: statistics, replacedVersion: candidate.current?.version,
            replacedRows: candidate.current?.rows ?? candidate.row.rowsWritten, replacedBytes: candidate.current?.bytes,
            replacedDigest: isAsRecorded(candidate) ? known?.contentDigest : nil)
    }

    /// Whether what was there is what the undone attempt had published.
    private func isAsRecorded(_ candidate: UndoCandidate) -> Bool {
        candidate.current.map { table.writer(ofVersion: $0.version) == candidate.undone } ?? false
    }

    private func notComplete(_ row: ProgressRow) -> UndoOutcome {
        switch row.status {
        case .held: .refused(reason: "The partition is HELD: approve or reject what waits there first.")
        case .running: .refused(reason: "Somebody is at work on the partition.")
        default:
            .refused(reason: "The partition is \(row.status.rawValue): only what is COMPLETE is undone. Run it first.")
        }
    }
}
