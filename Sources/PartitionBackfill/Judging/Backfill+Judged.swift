public import Partitions
internal import ProgressStore

extension Backfill {
    /// What was found out about partitions when their latest attempt was judged, by time.
    ///
    /// A partition that no attempt has brought to an end is not in the answer.
    ///
    /// - Throws: `LedgerError`.
    public func judged(_ partitions: PartitionSet) async throws -> [Judged] {
        try await ledger.judgements(job: job.name, keys: Array(partitions)).map { try Judged($0) }
    }

    /// What was found out in a run, by time.
    ///
    /// - Throws: `LedgerError`.
    public func judged(run: Int64) async throws -> [Judged] {
        try await ledger.judgements(run: run).map { try Judged($0) }
    }

    /// What was found out by the attempts at a partition that were judged, oldest first.
    ///
    /// - Throws: `LedgerError`.
    public func judgements(of key: PartitionKey) async throws -> [Judged] {
        var judged: [Judged] = []
        // What a generation was in numbers is recorded once, with the attempt that made it or that first replaced it.
        var statistics: [String: String] = [:]
        for attempt in try await ledger.attempts(job: job.name, key: key) {
            guard var record = try await ledger.judgement(fence: attempt.fence) else { continue }
            if let replaced = record.replacedVersion {
                // What was only told by footers is not recorded for others.
                let isMeasured = record.replacedDigest != nil && record.replacedStatistics != nil
                if isMeasured { statistics[replaced] = record.replacedStatistics }
                record.replacedStatistics = statistics[replaced] ?? record.replacedStatistics
            }
            if let version = attempt.tableVersion, let made = record.statistics { statistics[version] = made }
            judged.append(
                try Judged(
                    JudgementRow(
                        key: key, fence: attempt.fence, runID: attempt.run, outcome: attempt.outcome,
                        wasUnchanged: attempt.wasUnchanged, kind: attempt.kind, rowsWritten: attempt.rowsWritten,
                        bytesWritten: attempt.bytesWritten, transformVersion: attempt.transformVersion,
                        tableVersion: attempt.tableVersion, record: record, errorMessage: attempt.errorMessage)))
        }
        return judged
    }
}
