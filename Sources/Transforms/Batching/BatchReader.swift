internal import BlockingWork
internal import Partitions

/// Goes through the batches of one partition, from where earlier attempts have come to.
actor BatchReader {
    /// The source that is cut into batches.
    let source: Source
    /// Every source of which a batch is made: a batch of one and a batch of another state of any of them are a mix.
    let allSources: [Source]
    let batching: Batching
    let key: PartitionKey
    let column: String
    let session: any EngineSession
    let tables: (any SourceTables)?
    let journal: any BatchJournal

    private(set) var finished: [FinishedBatch] = []
    private var size: BatchSize
    private var planned: [BatchRange]?
    private var identity: String?

    init(
        source: Source, allSources: [Source], batching: Batching, key: PartitionKey, column: String,
        session: any EngineSession,
        tables: (any SourceTables)?, journal: any BatchJournal
    ) {
        self.source = source
        self.allSources = allSources
        self.batching = batching
        self.key = key
        self.column = column
        self.session = session
        self.tables = tables
        self.journal = journal
        size = BatchSize(asked: batching.rows, last: nil)
    }

    /// Finds out what earlier attempts have finished.
    func begin() async throws {
        identity = try await sourceIdentity()
        finished = try await journal.begin(batching, identity: identity)
        size = BatchSize(asked: batching.rows, last: finished.last?.size)
        if finished.last?.range.isLast == true { planned = [] }
    }

    /// How many rows the next batch is to read.
    var rows: Int64 { size.rows }

    /// What the next batch reads; nil where all are finished.
    func next() async throws -> BatchRange? {
        if planned == nil { planned = try await cuts() }
        return planned?.first
    }

    /// Keeps the batch that `next` gave.
    func keep(_ batch: FinishedBatch, files: [String]) async throws {
        finished.append(batch)
        planned?.removeFirst()
        // With another size the rest is cut anew.
        if size.batchFinished(), !batch.range.isLast { planned = nil }
        try await journal.keep(batch, files: files)
    }

    /// Makes batches smaller.
    ///
    /// - Returns: False where they are as small as they get.
    func memoryRanOut() -> Bool {
        guard size.memoryRanOut() else { return false }
        planned = nil
        return true
    }

    /// Fills the staging folder with all batches.
    ///
    /// - Throws: `TransformError` where the source has changed since the first one was read.
    func collect() async throws {
        guard try await sourceIdentity() == identity else {
            try await journal.forget()
            throw TransformError(
                .query,
                "The sources of the partition \(key) have changed while it was made in batches. Nothing was published; the "
                    + "partition begins anew.", nature: .transient)
        }
        try await journal.collect()
    }

    private func cuts() async throws -> [BatchRange] {
        try await session.cuts(
            BatchCutRequest(
                source: source, batching: batching, rows: size.rows, from: finished.last?.range.to, key: key,
                column: column, tables: try await snapshots(of: [source]))
        ).ranges
    }

    private func snapshots(of sources: [Source]) async throws -> [String: TableSnapshot] {
        let sources = sources.filter { $0.format == .delta }
        guard !sources.isEmpty, let tables else { return [:] }
        return try await tables.snapshots(of: sources, key: key, column: column)
    }

    /// What all sources are; nil where nobody can tell of one of them.
    private func sourceIdentity() async throws -> String? {
        let snapshots = try await snapshots(of: allSources)
        return try await BlockingThread(label: "reprocess.identity").run { [key, column, allSources] in
            for source in allSources {
                let alone = Query("", sources: [source])
                guard try alone.sourceIdentity(for: key, column: column, tables: snapshots) != nil else { return nil }
            }
            return try Query("", sources: allSources).sourceIdentity(for: key, column: column, tables: snapshots)?
                .digest
        }
    }
}
