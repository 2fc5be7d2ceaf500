internal import BlockingWork
internal import Lakehouse
internal import Partitions
internal import ProgressStore
internal import Transforms

/// Finds out what a partition holds, at the least cost: what the ledger knows is not read again.
struct PreviousReader: Sendable {
    let job: Job
    let table: any Table
    let key: PartitionKey
    let session: any EngineSession
    let thread: BlockingThread
    /// What the ledger had recorded of the partition; nil where that does not matter.
    let known: KnownContent?
    let tell: @Sendable (BackfillEvent) -> Void

    /// What there is to know of a generation without counting its rows.
    func content(of generation: Generation) async throws -> PreviousContent {
        let own = try await ownVersion(of: generation)
        var content = PreviousContent(generation: generation, ownVersion: own, rows: generation.rows)
        guard job.measures else { return content }
        if let own, let known, known.tableVersion == own, let digest = known.digest {
            content.digest = digest
            return content
        }
        // What is not ours is replaced, be it equal or not: it takes no reading to decide that.
        guard own != nil || job.measuresReplaced else {
            return try await told(content)
        }
        return try await measured(content)
    }

    /// The content as the footers of its files tell it, which costs as much as opening them.
    private func told(_ content: PreviousContent) async throws -> PreviousContent {
        let told = try await reading { () -> PreviousContent in
            var told = content
            told.statistics = try await footers(of: content.generation)
            told.rows = told.rows ?? told.statistics?.rows
            if told.rows == nil { told.rows = try await countRows(of: content.generation) }
            return told
        }
        return told ?? content
    }

    private func footers(of generation: Generation) async throws -> PartitionStatistics? {
        try await thread.run { [table, key, column = job.partitioning.column] in
            let rows = try table.rows(of: generation, key)
            guard rows.isStill(generation) else { return nil }
            return try PartitionStatistics(footersOf: rows, partitionColumn: column)
        }
    }

    /// The content with its columns in numbers, for whoever has to decide about what would replace it.
    func measured(_ content: PreviousContent) async throws -> PreviousContent {
        guard job.measures, content.digest == nil, let statistics = try await measure(content.generation) else {
            return content
        }
        var content = content
        content.rows = statistics.rows
        content.digest = statistics.digest
        content.statistics = statistics
        return content
    }

    /// The version by which COMPLETE can name what is there.
    ///
    /// Where another program has compacted a table, the files are its own, and the rows those of our generation.
    private func ownVersion(of generation: Generation) async throws -> String? {
        // Without the record of its publish only the names speak for it.
        if generation.writer != nil { return generation.rows == nil ? nil : generation.version }
        guard let known else { return nil }
        let inspection = try await thread.run { [table, key] in try table.inspect(key) }
        guard let inspection, inspection.isRearranged, inspection.problems.isEmpty,
            inspection.version == known.tableVersion
        else { return nil }
        return known.tableVersion
    }

    /// Measures what is there; nil where it cannot be read, which must not keep anybody from replacing it.
    private func measure(_ generation: Generation) async throws -> PartitionStatistics? {
        try await reading {
            let rows = try await rows(of: generation)
            // Others have changed it since; publishing will say so.
            guard rows.isStill(generation) else { return nil }
            return try await session.measure(
                MeasureRequest(rows: rows, key: key, column: job.partitioning.column, refusesOutside: false))
        }
    }

    /// What a look at the files says; nil where they cannot be read.
    private func reading<Value>(_ look: () async throws -> Value?) async throws -> Value? {
        do {
            return try await look()
        } catch let error as CancellationError {
            throw error
        } catch {
            tell(.tableNotice(message: "\(key): what is replaced could not be measured. \(error)"))
            return nil
        }
    }

    /// The rows of a generation, for the engine.
    func rows(of generation: Generation) async throws -> PartitionRows {
        try await thread.run { [table, key] in try table.rows(of: generation, key) }
    }

    /// The number of rows, from the footers of the files.
    func countRows(of generation: Generation) async throws -> Int64 {
        try await session.countRows(inParquetFiles: generation.files)
    }
}

extension PartitionRows {
    /// Whether a look at the table that came later saw the same files.
    fileprivate func isStill(_ generation: Generation) -> Bool {
        switch self {
        case .files(let files): files == generation.files
        case .table(let snapshot): snapshot.files.map(\.path).sorted() == generation.files
        }
    }
}

extension Optional {
    /// Transforms what is there.
    func asyncMap<Value>(_ transform: (Wrapped) async throws -> Value) async rethrows -> Value? {
        guard let wrapped = self else { return nil }
        return try await transform(wrapped)
    }
}
