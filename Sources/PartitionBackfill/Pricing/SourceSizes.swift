internal import BlockingWork
internal import Partitions
internal import Transforms

/// Looks at the sizes of the files that partitions are made of.
struct SourceSizes: Sendable {
    /// Partitions that are looked at without coming back from the thread.
    private static let pageSize = 256

    /// What was found.
    struct Answer: Sendable {
        var bytes: [PartitionKey: Int64] = [:]
        /// What tells the rows, where that was asked for.
        var files: [PartitionKey: SourceFiles] = [:]
        /// Whether the files of a partition hold rows of others, so that their size says nothing of its rows.
        var hasOtherRows = false
        /// Partitions that could not be looked at.
        var unseen = 0
        /// Why the first of them could not.
        var problem: String?
    }

    /// What was found of one partition.
    private struct Found {
        var bytes: Int64?
        var files: SourceFiles?
        var hasOtherRows: Bool
    }

    private let query: Query
    private let column: String
    private let tables: DeltaSources

    /// Sizes for a job; nil where nobody but its transform knows its sources.
    init?(job: Job, tables: DeltaSources) {
        guard case .sql(let query) = job.transform, !query.sources.isEmpty else { return nil }
        self.query = query
        column = job.partitioning.column
        self.tables = tables
    }

    /// The sizes of partitions, as far as they can be known without the engine.
    ///
    /// - Parameters:
    ///   - keys: The partitions.
    ///   - keepsFiles: Whether what tells their rows is wanted too.
    /// - Returns: What was found.
    /// - Throws: `CancellationError`.
    func sizes(of keys: [PartitionKey], keepsFiles: Bool = false) async throws -> Answer {
        let thread = BlockingThread(label: "reprocess.sizes")
        var answer = Answer()
        var rest = keys[...]
        while !rest.isEmpty {
            try Task.checkCancellation()
            let page = rest.prefix(SourceSizes.pageSize)
            let found = await thread.run { page.map { key in (key, Result { try sizes(of: key, keepsFiles) }) } }
            for (key, result) in found {
                switch result {
                case .success(let found):
                    answer.bytes[key] = found.bytes
                    answer.files[key] = found.files
                    if found.hasOtherRows { answer.hasOtherRows = true }
                case .failure(let error):
                    // An attempt will say so; a forecast does without.
                    answer.unseen += 1
                    answer.problem = answer.problem ?? String(describing: error)
                }
            }
            rest = rest.dropFirst(SourceSizes.pageSize)
        }
        return answer
    }

    /// The size of one partition, and what tells its rows; nil where only the engine can tell the files of its sources.
    private func sizes(of key: PartitionKey, _ keepsFiles: Bool) throws -> Found {
        let (snapshots, identity) = try tables.examine(query, key: key, column: column)
        var found = Found(hasOtherRows: snapshots.values.contains(where: \.hasOtherRows))
        guard let identity else { return found }
        var sum: Int64 = 0
        for file in identity.files {
            guard let bytes = file.bytes else { return found }
            sum += bytes
        }
        found.bytes = sum
        found.files = keepsFiles ? SourceFiles(query, snapshots, identity) : nil
        return found
    }
}
