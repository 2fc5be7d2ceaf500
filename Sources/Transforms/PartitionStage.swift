internal import Foundation
internal import Partitions

/// What a closure has done to its partition so far.
actor PartitionStage {
    enum Progress: Equatable {
        case untouched
        case appended([ValueColumn])
        case overwritten
        /// A source is being read in batches.
        case inBatches
        /// All batches are in the staging folder.
        case batched
    }

    static let relation = "appended_rows"
    /// What was appended.
    static let appended = Query("SELECT * FROM temp.\(SQLLiteral.name(relation))")

    let job: Job
    let key: PartitionKey
    let directory: String?
    let session: any EngineSession
    let provenance: [String: String]
    let tables: (any SourceTables)?
    /// Where batches are kept; nil where nothing keeps any.
    let journal: (any BatchJournal)?
    var progress = Progress.untouched
    /// Goes through the batches that a closure reads, also where it is begun again.
    var reader: BatchReader?
    /// The batch that the closure is at.
    var batch: PartitionBatch?
    /// What one statement staged, with its statistics.
    private var staged: StagedResult?

    init(
        job: Job, key: PartitionKey, directory: String?, session: any EngineSession, provenance: [String: String],
        tables: (any SourceTables)?, journal: (any BatchJournal)? = nil
    ) {
        self.job = job
        self.key = key
        self.directory = directory
        self.session = session
        self.provenance = provenance
        self.tables = tables
        self.journal = journal
    }

    func rows(of query: Query) async throws -> [Row] {
        try await session.rows(
            of: query, key: key, column: job.partitioning.column, tables: snapshots(of: query))
    }

    func overwrite(_ query: Query) async throws -> StagedResult {
        switch progress {
        case .untouched: break
        case .appended: throw misuse("appended rows and overwrote its partition as well: do one of the two.")
        case .overwritten:
            throw misuse("overwrote its partition twice: write one statement, with UNION ALL if need be.")
        case .inBatches, .batched: throw inBatches()
        }
        progress = .overwritten
        do {
            let result = try await stage(query, nil)
            staged = result
            return result
        } catch {
            // Nothing was staged: a closure may catch the error and try another statement.
            progress = .untouched
            throw error
        }
    }

    func append(columns: [ValueColumn], rows: [[Value]]) async throws {
        switch progress {
        // What an earlier closure appended in this session, and then failed, must not become part of this partition.
        case .untouched: try await session.drop(PartitionStage.relation)
        case .overwritten: throw misuse("overwrote its partition and appended rows as well: do one of the two.")
        case .inBatches, .batched: throw inBatches()
        case .appended(let before) where before == columns: break
        case .appended: throw misuse("appended rows with other columns than before.")
        }
        guard directory != nil else { throw withoutTarget() }
        guard !columns.isEmpty, rows.allSatisfy({ $0.count == columns.count }) else {
            throw misuse("appended a row whose number of values is not that of the columns.")
        }
        progress = .appended(columns)
        try await session.append(rows, columns: columns, to: PartitionStage.relation)
    }

    /// Collects what the closure left behind, once it has returned.
    func finish() async throws -> StagedResult {
        if case .appended = progress {
            staged = try await stage(PartitionStage.appended, nil)
            try await session.drop(PartitionStage.relation)
        }
        if case .inBatches = progress {
            throw misuse(
                "left its loop over batches before the last one: what is missing would be missing from the table.")
        }
        guard let directory else { return StagedResult(rows: 0, bytes: 0, files: []) }
        let files = try stagedFiles(in: directory)
        guard !files.isEmpty else {
            throw misuse(
                "returned without writing anything. Call overwrite, append rows or write Parquet files into "
                    + "stagingDirectory; for a partition without rows, overwrite with a SELECT that returns none.")
        }
        let paths = files.map(\.path)
        let bytes = files.reduce(0) { $0 + $1.size }
        if let staged, staged.files.sorted() == paths, staged.bytes == bytes { return staged }
        return try await examined(paths, bytes: bytes)
    }

    /// Files of the closure's own: nobody has looked yet whether their rows are the partition's.
    private func examined(_ files: [String], bytes: Int64) async throws -> StagedResult {
        let rows = try await session.countRows(inParquetFiles: files)
        let column = job.partitioning.column
        guard job.measures else {
            try await session.refuseOutside(inParquetFiles: files, key: key, column: column)
            return StagedResult(rows: rows, bytes: bytes, files: files)
        }
        let statistics = try await session.measure(
            MeasureRequest(rows: .files(files), key: key, column: column, refusesOutside: true))
        return StagedResult(rows: rows, bytes: bytes, files: files, statistics: statistics)
    }

    /// Stages a statement; of a batch, which is measured with all others at the end.
    func stage(_ query: Query, _ slice: BatchSlice?) async throws -> StagedResult {
        guard let directory, let target = job.target else { throw withoutTarget() }
        let snapshots = try await snapshots(of: query)
        let versions = snapshots.map { ("reprocess.source_version.\($0.key)", String($0.value.version)) }
        return try await session.stage(
            StageRequest(
                query: query, key: key, column: job.partitioning.column, directory: directory, parquet: target.parquet,
                provenance: provenance.merging(versions) { $1 }, tables: snapshots,
                measures: job.measures && slice == nil && progress != .inBatches, slice: slice))
    }

    /// What the tables among the sources of a query hold.
    private func snapshots(of query: Query) async throws -> [String: TableSnapshot] {
        let sources = query.sources.filter { $0.format == .delta }
        guard !sources.isEmpty, let tables else { return [:] }
        return try await tables.snapshots(of: sources, key: key, column: job.partitioning.column)
    }

    private func stagedFiles(in directory: String) throws -> [(path: String, size: Int64)] {
        guard FileManager.default.fileExists(atPath: directory) else { throw TransformError.stagingGone(directory) }
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        return try names.map { name in
            let path = directory + "/" + name
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            guard attributes[.type] as? FileAttributeType == .typeRegular, let size = attributes[.size] as? NSNumber
            else {
                throw misuse(
                    "left '\(name)' in stagingDirectory, which is not a file: write plain Parquet files there.")
            }
            return (path, size.int64Value)
        }
    }

    private func inBatches() -> TransformError {
        misuse("reads its partition in batches: write with the batch, not with the partition.")
    }

    func withoutTarget() -> TransformError {
        misuse("has no target, so that there is no partition to write: give the job one.")
    }

    func misuse(_ what: String) -> TransformError {
        TransformError(.misuse, "The transform of job '\(job.name)' \(what)")
    }
}
