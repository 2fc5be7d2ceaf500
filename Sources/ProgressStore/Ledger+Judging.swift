public import Partitions

extension Ledger {
    /// The newest attempt at each partition that ended as COMPLETE, ADOPTED, HELD or FAILED, by key, with its judgement where
    /// it has one.
    ///
    /// The statistics of what was replaced, where they were not recorded with it, are those of the attempt that made that
    /// version, as far as the ledger has them.
    public func judgements(job: String, keys: [PartitionKey]) async throws -> [JudgementRow] {
        guard !keys.isEmpty else { return [] }
        return try await work.with { line in try await line.run(JudgementsByKey(job: job, keys: keys)) }
    }

    /// The attempts of a run that ended as COMPLETE, ADOPTED, HELD or FAILED by key, of each partition the newest.
    ///
    /// Their judgements, and the statistics of what was replaced come
    /// as in `judgements(job:keys:)`.
    public func judgements(run: Int64) async throws -> [JudgementRow] {
        try await work.with { line in try await line.run(JudgementsByRun(run: run)) }
    }

    /// The attempts among some whose rows were measured, and not those that they replaced: what they replaced, by fence.
    public func unmeasuredReplacements(fences: some Collection<Int64>) async throws -> [Int64: String] {
        guard !fences.isEmpty else { return [:] }
        let statement = UnmeasuredReplaced(fences: fences.sorted())
        let rows = try await work.with { line in try await line.run(statement) }
        return Dictionary(rows.map { ($0.fence, $0.version) }, uniquingKeysWith: { first, _ in first })
    }

    /// Records what an attempt replaced, as it was measured afterwards; nothing where somebody has done so already.
    ///
    /// - Throws: `LedgerError`; `.refused` where the connected user may read the ledger and not write it.
    public func recordReplaced(fence: Int64, _ measured: MeasuredReplacement) async throws {
        let statement = RecordReplaced(fence: fence, measured: measured)
        _ = try await withUncancelledTask { [work] in
            try await work.with { line in try await line.run(statement) }
        }
    }

    /// How an attempt was judged, as it was recorded; nil where it was not judged.
    public func judgement(fence: Int64) async throws -> JudgementRecord? {
        try await work.with { line in try await line.run(Judgement(fence: fence)) }.first
    }
}
