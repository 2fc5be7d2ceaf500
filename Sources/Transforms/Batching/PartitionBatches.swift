internal import Synchronization

extension PartitionContext {
    /// Reads a source in batches, in the order of a key, each of which is finished for good when the loop goes on.
    ///
    /// ```swift
    /// for try await batch in partition.batches(by: ["id"], of: orders, rows: 1_000_000) {
    ///     try await batch.overwrite("SELECT *, amount * 1.1 AS amount_usd FROM source")
    /// }
    /// ```
    ///
    /// At the end of each pass the batch is brought to the disk and recorded. When the process dies, the next attempt of the
    /// same version goes on after the last batch that was recorded, unless the source's files have changed. All batches are
    /// published together, at the end. Loop over all of them: who leaves the loop with `break` has not made the partition.
    ///
    /// Where memory runs out in a batch, the engine's or because the closure throws `TransformError(.outOfMemory, …)`, what
    /// it has written of the batch is dropped and the closure is begun again: its loop goes on with a batch of half the size,
    /// after the last one that was finished. So let nothing in the closure depend on what an earlier pass did, but `fields`.
    ///
    /// - Parameters:
    ///   - columns: The key: columns of the source without nulls. Rows with the same key come in the same batch.
    ///   - source: What is read. Statements of a batch see that batch of it, under its name.
    ///   - rows: How many rows of the source a batch has, but for those with the same key.
    /// - Returns: The batches that are not finished. To read them throws `TransformError`, and `CancellationError` where
    ///   the task was cancelled; what was recorded by then stays recorded.
    public func batches(by columns: [String], of source: Source, rows: Int64) -> PartitionBatches {
        PartitionBatches(stage: stage, source: source, batching: Batching(by: columns, rows: rows, from: source.name))
    }
}

/// The batches of a partition that are not finished, in their order.
public struct PartitionBatches: AsyncSequence, Sendable {
    /// A batch.
    public typealias Element = PartitionBatch

    let stage: PartitionStage
    let source: Source
    let batching: Batching

    /// Begins after the last batch that an earlier attempt has finished.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(stage: stage, source: source, batching: batching)
    }

    /// Goes from batch to batch.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let stage: PartitionStage
        let source: Source
        let batching: Batching
        private var reader: BatchReader?
        private var current: PartitionBatch?

        init(stage: PartitionStage, source: Source, batching: Batching) {
            self.stage = stage
            self.source = source
            self.batching = batching
        }

        /// Records the batch that came before, and gives the next one; nil after the last.
        public mutating func next() async throws -> PartitionBatch? {
            try Task.checkCancellation()
            let reader: BatchReader
            if let begun = self.reader {
                reader = begun
            } else {
                reader = try await stage.beginBatches(of: source, batching)
                self.reader = reader
            }
            if let finished = current {
                try await stage.keep(finished, reader)
                current = nil
            }
            guard let range = try await reader.next() else {
                try await stage.endBatches(reader)
                return nil
            }
            let finished = await reader.finished
            let batch = PartitionBatch(
                number: finished.count, previousFields: finished.last?.fields ?? [:], range: range, source: source,
                batching: batching, stage: stage)
            current = batch
            await stage.begin(batch)
            return batch
        }
    }
}

/// One batch of a partition, and the ways to write what becomes of it.
public final class PartitionBatch: Sendable {
    private struct State {
        var fields: [String: String] = [:]
        var staged: [StagedResult] = []
        var hasAppended = false
    }

    /// Its number, from 0 on; greater than 0 for the first one of an attempt that goes on with an earlier one's work.
    public let number: Int
    /// What was written down with the batch before it, by whatever attempt; empty for the first one.
    public let previousFields: [String: String]
    /// The rows of the source that it has.
    public let range: BatchRange

    let source: Source
    let batching: Batching
    private let stage: PartitionStage
    private let state = Mutex(State())

    init(
        number: Int, previousFields: [String: String], range: BatchRange, source: Source, batching: Batching,
        stage: PartitionStage
    ) {
        self.number = number
        self.previousFields = previousFields
        self.range = range
        self.source = source
        self.batching = batching
        self.stage = stage
    }

    /// What is to be written down with this batch: the next one finds it, also after a crash.
    public var fields: [String: String] {
        get { state.withLock { $0.fields } }
        set { state.withLock { $0.fields = newValue } }
    }

    /// Makes the rows of a SELECT statement part of the partition.
    ///
    /// The source has the rows of this batch alone. `$batch_from` and `$batch_to` are its keys.
    ///
    /// - Returns: What was staged.
    /// - Throws: `TransformError`.
    @discardableResult
    public func overwrite(_ sql: String) async throws -> StagedResult {
        try await overwrite(Query(sql))
    }

    /// Makes the rows of a query with more sources part of the partition.
    ///
    /// - Returns: What was staged.
    /// - Throws: `TransformError`.
    @discardableResult
    public func overwrite(_ query: Query) async throws -> StagedResult {
        let result = try await stage.stage(query, in: self)
        state.withLock { $0.staged.append(result) }
        return result
    }

    /// Makes rows of the closure's own part of the partition.
    ///
    /// - Throws: `TransformError`; `.misuse` where a row has another number of values than there are columns.
    public func append(columns: [ValueColumn], rows: [[Value]]) async throws {
        try await stage.append(columns: columns, rows: rows, to: self)
    }

    var hasAppended: Bool { state.withLock { $0.hasAppended } }

    /// Whether these are the first rows that are appended.
    func beginAppending() -> Bool {
        state.withLock { state in
            defer { state.hasAppended = true }
            return !state.hasAppended
        }
    }

    func takeStaged() -> [StagedResult] { state.withLock { $0.staged } }
}
