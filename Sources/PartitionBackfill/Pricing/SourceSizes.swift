internal import BlockingWork
internal import Partitions
internal import Transforms

/// Looks at the sizes of the files that partitions are made of.
struct SourceSizes: Sendable {
    /// Partitions that are looked at without coming back from the thread.
    private static let pageSize = 1024

    /// What was found.
    struct Answer: Sendable {
        var bytes: [PartitionKey: Int64] = [:]
        /// Partitions that could not be looked at.
        var unseen = 0
        /// Why the first of them could not.
        var problem: String?
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
    func sizes(of keys: [PartitionKey]) async throws -> Answer {
        let thread = BlockingThread(label: "reprocess.sizes")
        var answer = Answer()
        var rest = keys[...]
        while !rest.isEmpty {
            try Task.checkCancellation()
            let page = rest.prefix(SourceSizes.pageSize)
            for (key, result) in await thread.run({ page.map { key in (key, Result { try bytes(of: key) }) } }) {
                switch result {
                case .success(let bytes): answer.bytes[key] = bytes
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

    /// The size of one partition; nil where only the engine can tell the files of its sources.
    private func bytes(of key: PartitionKey) throws -> Int64? {
        guard let identity = try tables.examine(query, key: key, column: column).identity else { return nil }
        var sum: Int64 = 0
        for file in identity.files {
            guard let bytes = file.bytes else { return nil }
            sum += bytes
        }
        return sum
    }
}
