internal import BlockingWork
internal import Lakehouse
package import Partitions
internal import Synchronization
package import Transforms

/// The Delta tables that jobs of this process read, each with its log read once.
package final class DeltaSources: Sendable {
    private let tables = Mutex<[String: DeltaSourceTable]>([:])

    /// Creates an empty collection.
    package init() {}

    /// The table of a folder; its log is read when it is first asked.
    fileprivate func table(root: String, column: String?) -> DeltaSourceTable {
        tables.withLock { tables in
            if let table = tables[root] { return table }
            let table = DeltaSourceTable(root: root, column: column ?? "")
            tables[root] = table
            return table
        }
    }

    /// Looks at a source as an attempt would.
    ///
    /// This call blocks.
    ///
    /// - Throws: `TableError` or `TransformError` where the attempt would fail.
    package func examine(_ source: Source, key: PartitionKey, column: String) throws -> TableSnapshot {
        let (root, selection) = try DeltaSources.selection(source, key: key, column: column)
        let snapshot = try table(root: root, column: selection.column).snapshot([selection])
        return TableSnapshot(snapshot, snapshot.parts[0])
    }

    /// Looks at everything that a query reads of a partition.
    ///
    /// This call blocks.
    ///
    /// - Returns: What the tables among the sources hold, by the sources' names, and what tells all files from others; nil
    ///   where nothing is known of any source.
    /// - Throws: `TableError` or `TransformError` where an attempt would fail.
    func examine(
        _ query: Query, key: PartitionKey, column: String
    ) throws -> (snapshots: [String: TableSnapshot], identity: SourceIdentity?) {
        var snapshots: [String: TableSnapshot] = [:]
        for source in query.sources where source.format == .delta {
            snapshots[source.name] = try examine(source, key: key, column: column)
        }
        return (snapshots, try query.sourceIdentity(for: key, column: column, tables: snapshots))
    }

    /// Checks that the tables among the sources of a job are there and can be read, whatever their partitions hold.
    ///
    /// This call blocks.
    ///
    /// - Throws: `TableError` or `TransformError` where no attempt could read a table.
    package func check(_ sources: [Source], key: PartitionKey, column: String) throws {
        for source in sources where source.format == .delta {
            let (root, selection) = try DeltaSources.selection(source, key: key, column: column)
            _ = try table(root: root, column: selection.column).snapshot([])
        }
    }

    /// Where a source's table is, and which of its rows are meant.
    fileprivate static func selection(
        _ source: Source, key: PartitionKey, column: String
    ) throws -> (root: String, DeltaSelection) {
        let root = try DeltaSourceTable.root(of: source.pattern(for: key, column: column))
        switch source.rows {
        case .all: return (root, DeltaSelection(column: nil, key: key))
        case .ofPartition(let own): return (root, DeltaSelection(column: own ?? column, key: key))
        }
    }
}

/// The Delta tables that one attempt reads, each in one version.
final class AttemptSources: SourceTables {
    private struct State {
        /// The version of each table, from when it was first read.
        var versions: [String: Int64] = [:]
        var known: [String: [DeltaSelection: TableSnapshot]] = [:]
    }

    /// The tables of this process.
    let tables: DeltaSources
    private let thread: BlockingThread
    private let state = Mutex(State())

    init(_ tables: DeltaSources, thread: BlockingThread) {
        self.tables = tables
        self.thread = thread
    }

    /// What was read so far: versions by the tables' folders.
    var versions: [String: Int64] { state.withLock { $0.versions } }

    func snapshots(
        of wanted: [Source], key: PartitionKey, column: String
    ) async throws -> [String: TableSnapshot] {
        try await thread.run { try self.read(wanted, key, column) }
    }

    private func read(_ wanted: [Source], _ key: PartitionKey, _ column: String) throws -> [String: TableSnapshot] {
        let named = try wanted.map { source in
            let (root, selection) = try DeltaSources.selection(source, key: key, column: column)
            return (name: source.name, root: root, selection: selection)
        }
        for (root, group) in Dictionary(grouping: named, by: \.root) {
            try look(at: root, Array(Set(group.map(\.selection))))
        }
        let known = state.withLock { $0.known }
        var result: [String: TableSnapshot] = [:]
        for source in named { result[source.name] = known[source.root]?[source.selection] }
        return result
    }

    /// Answers all selections out of one version of a table.
    private func look(at root: String, _ selections: [DeltaSelection]) throws {
        let missing = state.withLock { state in selections.filter { state.known[root]?[$0] == nil } }
        guard !missing.isEmpty else { return }
        let table = tables.table(root: root, column: missing.compactMap(\.column).first)
        let snapshot = try table.snapshot(missing)
        try state.withLock { state in
            if let version = state.versions[root], version != snapshot.version {
                throw TransformError(
                    .query,
                    "The Delta table '\(root)' has changed from version \(version) to \(snapshot.version) between two "
                        + "queries of this attempt, which ask for different rows of it. Run the partition again, or name "
                        + "all of its sources in one query.")
            }
            state.versions[root] = snapshot.version
            for (selection, part) in zip(missing, snapshot.parts) {
                state.known[root, default: [:]][selection] = TableSnapshot(snapshot, part)
            }
        }
    }
}

extension TableSnapshot {
    init(_ snapshot: DeltaSnapshot, _ part: DeltaSnapshot.Part) {
        self.init(
            path: snapshot.root, version: snapshot.version,
            columns: snapshot.columns.map { Column(name: $0.name, type: $0.type, valueIndex: $0.valueIndex) },
            files: part.files.map {
                File(
                    path: $0.path, values: $0.values, deletionVector: $0.deletionVector, bytes: $0.bytes, rows: $0.rows)
            },
            filterColumn: part.filterColumn,
            features: part.features)
    }
}
