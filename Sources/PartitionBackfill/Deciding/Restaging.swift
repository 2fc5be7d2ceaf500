internal import BlockingWork
internal import Lakehouse
internal import Transforms

/// Stages what a partition held before an attempt replaced it.
struct Restaging: Sendable {
    let job: Job
    let table: any Table
    let engine: any Engine
    let candidate: UndoCandidate
    let force: Bool
    let thread: BlockingThread
    let provenance: [String: String]

    /// Fills a begun staging, and returns its number of rows.
    ///
    /// Asked after `begin`, when no earlier attempt can publish any more.
    func stage(into staging: Staging) async throws -> Int64 {
        let current = try await thread.run { [table, key = candidate.key] in try table.current(key) }
        guard force || current?.version == candidate.current?.version else {
            throw Publication.Refusal(reason: "Somebody else has changed the partition in the table meanwhile.")
        }
        switch candidate.content {
        case .nothing: return try await stageNothing(into: staging, like: current)
        case .kept(let kept):
            try await thread.run { [table, undone = candidate.undone] in
                try table.stageReplaced(by: undone, into: staging)
            }
            if let rows = kept.rows { return rows }
            return try await engine.withSession { try await $0.countRows(inParquetFiles: kept.files) }
        }
    }

    /// Writes a file without rows that has the columns of what it replaces.
    private func stageNothing(into staging: Staging, like current: Generation?) async throws -> Int64 {
        guard let current, let target = job.target else {
            throw Publication.Refusal(reason: "The partition is not there, and was not there before.")
        }
        let query = Query.withoutRows(likeParquetFiles: current.files)
        return try await engine.withSession { session in
            try await session.stage(
                StageRequest(
                    query: query, key: candidate.key, column: job.partitioning.column, directory: staging.directory,
                    parquet: target.parquet, provenance: provenance)
            ).rows
        }
    }
}
