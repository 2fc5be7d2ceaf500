internal import BlockingWork
internal import Partitions
internal import Transforms

/// What a COMPLETE partition was made of, as the ledger recorded it.
struct RecordedSource: Sendable, Hashable {
    let key: PartitionKey
    let identity: String
    /// What the plan says of the partition where its sources are others by now.
    let reason: BackfillPlan.Reason
}

/// Compares what partitions were made of with what their sources are now.
struct SourceComparison: Sendable {
    /// Partitions that are looked at without coming back from the thread.
    private static let pageSize = 1024

    let query: Query
    let column: String
    let tables: DeltaSources

    /// The comparison for a job; nil where nobody but its transform knows its sources.
    init?(job: Job, tables: DeltaSources) {
        guard case .sql(let query) = job.transform, !query.sources.isEmpty else { return nil }
        self.query = query
        column = job.partitioning.column
        self.tables = tables
    }

    /// Those of the partitions whose sources have changed.
    func changed(among recorded: [RecordedSource]) async throws -> [RecordedSource] {
        let thread = BlockingThread(label: "reprocess.sources")
        var changed: [RecordedSource] = []
        var rest = recorded[...]
        while !rest.isEmpty {
            try Task.checkCancellation()
            let page = rest.prefix(SourceComparison.pageSize)
            changed += try await thread.run { try page.filter(hasChanged) }
            rest = rest.dropFirst(SourceComparison.pageSize)
        }
        return changed
    }

    private func hasChanged(_ recorded: RecordedSource) throws -> Bool {
        let (snapshots, identity) = try tables.examine(query, key: recorded.key, column: column)
        guard let now = identity else { return false }
        // Files that were cleared away are no reason to make a partition anew, and nothing to make it of.
        guard !now.files.isEmpty || !snapshots.isEmpty else { return false }
        return SourceComparison.differ(recorded.identity, now.digest)
    }

    /// Whether two identities are of different sources; those of different schemes cannot be compared.
    static func differ(_ one: String, _ other: String) -> Bool {
        one != other && one.prefix { $0 != ":" } == other.prefix { $0 != ":" }
    }
}
