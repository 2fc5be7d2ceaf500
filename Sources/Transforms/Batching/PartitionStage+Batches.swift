internal import Partitions

extension PartitionStage {
    /// Replaces the partition by the rows of a statement that is run once for each batch of a source.
    ///
    /// Memory that runs out makes the batches smaller. Statistics are taken at the end, over all files.
    func overwrite(_ query: Query, _ batching: Batching) async throws -> StagedResult {
        guard let source = query.sources.first(where: { $0.name == batching.from }) else {
            throw misuse(
                "is to be read in batches of the source '\(batching.from)', which it does not have: name one of its "
                    + "sources in 'batch'.")
        }
        let reader = try await reader(of: source, among: query.sources, batching)
        while let range = try await reader.next() {
            guard let staged = try await stage(query, range, of: source, reader) else { continue }
            try await keep(range, [staged], fields: [:], reader)
        }
        try await reader.collect()
        return try await finish()
    }

    /// Stages one batch; nil where memory ran out, and smaller ones are to be tried.
    private func stage(
        _ query: Query, _ range: BatchRange, of source: Source, _ reader: BatchReader
    ) async throws -> StagedResult? {
        do {
            return try await stage(query, BatchSlice(source: source.name, range: range))
        } catch let error as TransformError {
            guard error.code == .outOfMemory else { throw error }
            guard await reader.memoryRanOut() else { throw withAdvice(error, rows: await reader.rows) }
            return nil
        }
    }

    private func reader(
        of source: Source, among sources: [Source], _ batching: Batching
    ) async throws -> BatchReader {
        guard directory != nil, let journal else { throw withoutTarget() }
        let reader = BatchReader(
            source: source, allSources: sources, batching: batching, key: key, column: job.partitioning.column,
            session: session,
            tables: tables, journal: journal)
        try await reader.begin()
        return reader
    }

    func keep(
        _ range: BatchRange, _ staged: [StagedResult], fields: [String: String], _ reader: BatchReader
    ) async throws {
        let batch = FinishedBatch(
            number: await reader.finished.count, range: range, rows: staged.reduce(0) { $0 + $1.rows },
            bytes: staged.reduce(0) { $0 + $1.bytes }, size: await reader.rows, fields: fields)
        try await reader.keep(batch, files: staged.flatMap(\.files))
    }
}

/// What a closure does batch by batch.
extension PartitionStage {
    /// Begins to read a source in batches.
    func beginBatches(of source: Source, _ batching: Batching) async throws -> BatchReader {
        guard progress == .untouched else {
            throw misuse("read its partition in batches after it had written something: do one of the two.")
        }
        progress = .inBatches
        if let reader {
            guard reader.source == source, reader.batching == batching else {
                throw misuse(
                    "read its partition in other batches when it was begun again, after memory had run out. Let them "
                        + "follow from the partition alone: they are made smaller without its help.")
            }
            return reader
        }
        let reader = try await reader(of: source, among: [source], batching)
        self.reader = reader
        return reader
    }

    /// A closure is given its next batch.
    func begin(_ batch: PartitionBatch) { self.batch = batch }

    /// Keeps what a closure has done with a batch.
    func keep(_ batch: PartitionBatch, _ reader: BatchReader) async throws {
        try check(batch)
        var staged = batch.takeStaged()
        if batch.hasAppended {
            staged.append(try await stage(PartitionStage.appended, nil))
            try await session.drop(PartitionStage.relation)
        }
        self.batch = nil
        try await keep(batch.range, staged, fields: batch.fields, reader)
    }

    /// What is written with a batch that is over would be no part of it, and of the partition all the same.
    private func check(_ batch: PartitionBatch) throws {
        guard self.batch === batch else {
            throw misuse("used a batch whose pass of the loop is over: wait in the loop for what you do with it.")
        }
    }

    /// All batches are finished.
    func endBatches(_ reader: BatchReader) async throws {
        // The folder is about to be filled with the batches, and with them alone.
        guard try stagedNames().isEmpty else {
            throw misuse(
                "wrote files of its own into stagingDirectory and read its partition in batches, of which they are no "
                    + "part: write with the batch, or into the folder after the loop.")
        }
        try await reader.collect()
        progress = .batched
    }

    /// Stages a statement of which one source is cut down to a batch.
    func stage(_ query: Query, in batch: PartitionBatch) async throws -> StagedResult {
        try check(batch)
        var query = query
        query.batching = batch.batching
        if !query.sources.contains(where: { $0.name == batch.source.name }) { query.sources.append(batch.source) }
        return try await stage(query, BatchSlice(source: batch.source.name, range: batch.range))
    }

    /// Appends rows to those of a batch.
    func append(columns: [ValueColumn], rows: [[Value]], to batch: PartitionBatch) async throws {
        try check(batch)
        guard !columns.isEmpty, rows.allSatisfy({ $0.count == columns.count }) else {
            throw misuse("appended a row whose number of values is not that of the columns.")
        }
        // What an earlier batch or attempt appended in this session, and then failed, must not become part of this one.
        if batch.beginAppending() { try await session.drop(PartitionStage.relation) }
        try await session.append(rows, columns: columns, to: PartitionStage.relation)
    }
}
