internal import BlockingWork
internal import Lakehouse
internal import Partitions
internal import ProgressStore
internal import Transforms

/// Looks at groups of partitions, one group after the other.
struct VerificationWorker: Sendable {
    /// Looks at a partition that never stands still, before it is left for the next verification.
    private static let looks = 5

    let job: Job
    let table: any Table
    let ledger: Ledger
    let session: any EngineSession
    let request: VerificationRequest
    private let thread = BlockingThread(label: "reprocess.verify")

    init(
        job: Job, table: any Table, ledger: Ledger, session: any EngineSession, request: VerificationRequest
    ) {
        self.job = job
        self.table = table
        self.ledger = ledger
        self.session = session
        self.request = request
    }

    /// Finds out how ledger and table stand to each other on each partition of a group.
    func look(at rows: [CompleteRow]) async throws -> [VerificationFinding] {
        try Task.checkCancellation()
        var findings: [VerificationFinding] = []
        for (row, verdict) in zip(rows, try await verdicts(on: rows)) {
            switch verdict {
            case .agrees: findings.append(.agrees(row.key))
            case .rearranged: findings.append(.rearranged(row.key))
            case .recordedByHand: findings.append(.recordedByHand(row.key))
            case .superseded(let job): findings.append(.superseded(row.key, byJob: job))
            case .differs(let differences): findings.append(try await secondLook(at: row, differences))
            }
        }
        return request.repairs ? try await reopen(rows, findings) : findings
    }

    /// Believes a difference only where the row is still the same after the look at the table, and a second look finds it
    /// again: a run, or another job's, may have replaced the partition in between.
    private func secondLook(
        at row: CompleteRow, _ found: [Difference]
    ) async throws -> VerificationFinding {
        var found = found
        for _ in 0..<VerificationWorker.looks {
            let now = try await ledger.rows(job: job.name, keys: [row.key]).first
            guard let now, now.status == .complete, now.fence == row.fence else { return .changedMeanwhile(row.key) }
            switch try await verdicts(on: [row]).first {
            case .differs(let again) where again == found: return .differs(row.key, found, reopened: false)
            case .differs(let other): found = other
            case .agrees: return .agrees(row.key)
            case .rearranged: return .rearranged(row.key)
            case .recordedByHand: return .recordedByHand(row.key)
            case .superseded(let job): return .superseded(row.key, byJob: job)
            case nil: return .changedMeanwhile(row.key)
            }
        }
        return .changedMeanwhile(row.key)
    }

    private func verdicts(on rows: [CompleteRow]) async throws -> [Verdict] {
        var evidence = try await thread.run { [table] in
            try rows.map { row in
                PartitionEvidence(
                    row: row, recordedWriter: row.tableVersion.flatMap { table.writer(ofVersion: $0) },
                    inspection: try table.inspect(row.key))
            }
        }
        try await identifyOthers(in: &evidence)
        try await read(&evidence)
        let rule = VerificationRule(job: job.name, tableIdentity: table.identity)
        return evidence.map(rule.verdict)
    }

    private func identifyOthers(in evidence: inout [PartitionEvidence]) async throws {
        let strange = evidence.indices.filter { !VerificationRule.isRecorded(evidence[$0]) }
        let fences = Set(strange.compactMap { evidence[$0].inspection?.writer?.fence })
        let known = try await ledger.knownAttempts(fences: fences)
        for index in strange {
            evidence[index].visibleAttempt = evidence[index].inspection?.writer.flatMap { known[$0.fence] }
        }
    }

    private func read(_ evidence: inout [PartitionEvidence]) async throws {
        let recorded = evidence.indices.filter { VerificationRule.isRecorded(evidence[$0]) }
        guard !request.isDeep else { return try await readEverything(&evidence, recorded) }
        let files = recorded.flatMap { evidence[$0].inspection?.files.map(\.path) ?? [] }
        let readings = try await session.footers(ofParquetFiles: files)
        for index in recorded {
            for file in evidence[index].inspection?.files ?? [] {
                evidence[index].readings[file.path] = readings[file.path]
            }
        }
    }

    private func readEverything(_ evidence: inout [PartitionEvidence], _ recorded: [Int]) async throws {
        for index in recorded {
            for file in evidence[index].inspection?.files ?? [] {
                evidence[index].readings[file.path] = try await session.readEverything(
                    inParquetFile: file.path, key: evidence[index].row.key, column: job.partitioning.column)
            }
        }
    }

    private func reopen(
        _ rows: [CompleteRow], _ findings: [VerificationFinding]
    ) async throws -> [VerificationFinding] {
        let reopenings = zip(rows, findings).compactMap { row, finding -> Reopening? in
            guard case .differs(_, let differences, _) = finding else { return nil }
            let kinds = differences.map(\.kind).joined(separator: ", ")
            return Reopening(key: row.key, fence: row.fence, reason: "Reopened by 'verify --repair': \(kinds).")
        }
        let reopened = try await ledger.reopen(job: job.name, reopenings)
        return findings.map { finding in
            guard case .differs(let key, let differences, _) = finding else { return finding }
            return reopened.contains(key) ? .differs(key, differences, reopened: true) : .changedMeanwhile(key)
        }
    }
}
