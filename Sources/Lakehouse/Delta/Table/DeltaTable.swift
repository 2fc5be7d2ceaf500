package import FaultPoints
internal import Foundation
public import Partitions
internal import Synchronization

/// A Delta Lake table on a local file system, of which one partition is replaced at a time.
///
/// A partition is replaced by one log entry, and an attempt is fenced by taking away the name of the file that becomes its
/// entry. `docs/delta-protocol.md` has the protocol and why it holds.
public struct DeltaTable: Table {
    /// `delta:` and the canonical path of the table's folder.
    public let identity: String

    let layout: DeltaLayout
    let granularity: Granularity
    let options: DeltaOptions
    let log: DeltaLog
    let faults: FaultInjector
    /// Milliseconds since 1970, for people who read the table's history; nothing is decided by it.
    let clock: @Sendable () -> Int64
    let durable = DurableFolders()
    let durableDataFolders = KnownPaths()
    let failedSyncs = FailedSyncs()
    let footers = LazyFooters()
    let commits = CommitLine()
    let marks = EmptyFiles()
    let begunColumns = BegunColumns()
    let checkpoints: CheckpointSchedule
    let notices = TableNotices()
    let history = SharedHistory()
    let tombstones = SharedTombstones()
    let committedAttempts = SharedCommits()
    let pastMetadata = PastMetadata()

    /// Creates the table of a folder, which need not exist yet.
    ///
    /// This reads the file system and changes nothing.
    ///
    /// - Parameters:
    ///   - path: The table's folder, absolute or relative to the working directory.
    ///   - column: The partition column by which it is replaced; it may have others.
    ///   - granularity: The size of its partitions.
    ///   - options: What is allowed beyond replacing rows.
    /// - Throws: `TableError` where there can be no such table.
    public init(
        path: String, column: String, every granularity: Granularity, options: DeltaOptions = DeltaOptions()
    ) throws {
        try self.init(path: path, column: column, every: granularity, options: options, faults: .fromEnvironment)
    }

    package init(
        path: String, column: String, every granularity: Granularity, options: DeltaOptions = DeltaOptions(),
        faults: FaultInjector,
        clock: @escaping @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1000) }
    ) throws {
        let root = try reporting("find the table \(path)") { try Path.canonical(path) }
        try HiveTable.check(root: root)
        layout = DeltaLayout(root: root, column: column)
        let checkpoints = CheckpointSchedule()
        self.checkpoints = checkpoints
        log = DeltaLog(root: root, column: column) { checkpoints.note($0) }
        identity = "delta:" + root
        self.granularity = granularity
        self.options = options
        self.faults = faults
        self.clock = clock
    }

    /// How many attempts of this process wait for their turn to commit; tests wait for it.
    package var waitingCommits: Int { commits.waiting }

    /// What the partition holds now; nil where it has no files.
    public func current(_ key: PartitionKey) throws -> Generation? {
        try reporting("read partition \(key)") {
            guard let partition = try look(at: key).table?.partition, !partition.isEmpty else { return nil }
            return try generation(of: partition)
        }
    }

    private func generation(of files: [LiveFile]) throws -> Generation {
        let paths = files.map { DeltaPath.location(of: $0.path, in: layout.root) }.sorted()
        let bytes = files.reduce(0) { $0 + $1.size }
        guard let writer = DeltaTable.soleWriter(of: files) else {
            return Generation(
                writer: nil, version: "foreign-" + PartitionBase.digest(of: files), files: paths, bytes: bytes,
                rows: nil)
        }
        // A checkpoint is read without the statistics; then the files themselves are asked.
        let rows = try files.reduce(Int64(0)) { sum, file in
            if let rows = file.rows { return sum + rows }
            return sum + (try footers.footer(of: DeltaPath.location(of: file.path, in: layout.root)).rows)
        }
        return Generation(writer: writer, version: writer.name, files: paths, bytes: bytes, rows: rows)
    }

    /// The one attempt that published all of the files as they are, and no others; nil where there is none.
    static func soleWriter(of files: [LiveFile]) -> Writer? {
        let names = files.map { PublishedFileName(Path.name(of: DeltaPath.canonical($0.path))) }
        guard let first = names.first, let writer = first?.writer, names.allSatisfy({ $0?.writer == writer }),
            files.allSatisfy({ $0.deletionVector == nil && ($0.publishedFiles ?? files.count) == files.count })
        else { return nil }
        return writer
    }
}

/// DuckDB, for as long as a table is in use, and not before a file has to be looked into.
final class LazyFooters: Sendable {
    private let made = Mutex<ParquetFooters?>(nil)

    /// Reads the footer of a file; without DuckDB where it is a plain one.
    func footer(of path: String) throws -> ParquetFooter {
        try PlainFooter.footer(of: path) ?? value().footer(of: path)
    }

    func value() throws -> ParquetFooters {
        try made.withLock { made in
            if let made { return made }
            let new = try ParquetFooters()
            made = new
            return new
        }
    }
}
