public import Partitions

extension Job {
    /// Runs the transform for one partition, into a staging folder.
    ///
    /// - Parameters:
    ///   - key: The partition.
    ///   - directory: The absolute path of the staging folder; nil where the job has no target.
    ///   - session: The engine's session for this partition.
    ///   - provenance: Keys and values for the footers of the files.
    ///   - tables: Finds out what the tables hold that are sources; nil where there are none.
    ///   - batches: Keeps the batches of a partition that is read in several; nil where nothing keeps any.
    /// - Returns: What was staged. With a target there is at least one file, also where there are no rows.
    /// - Throws: `TransformError`, `CancellationError`, or what a closure throws.
    public func stage(
        _ key: PartitionKey, into directory: String?, session: any EngineSession, provenance: [String: String],
        tables: (any SourceTables)? = nil, batches: (any BatchJournal)? = nil
    ) async throws -> StagedResult {
        let stage = PartitionStage(
            job: self, key: key, directory: directory, session: session, provenance: provenance, tables: tables,
            journal: batches)
        switch transform {
        case .sql(let query):
            guard let batching = query.batching else { return try await stage.overwrite(query) }
            return try await stage.overwrite(query, batching)
        case .closure(let body):
            let context = PartitionContext(key: key, stagingDirectory: directory, stage: stage)
            while true {
                do {
                    try await body(context)
                    return try await stage.finish()
                } catch {
                    try await stage.beginAgain(after: error)
                }
            }
        }
    }
}
