internal import Synchronization

/// Whether partitions still hold the rows with which attempts of ours published them, as the entries of a log tell.
///
/// Programs that compact a table put the same rows into other files, under names of their own. The names alone cannot be
/// told from files that replace ours; the entries can.
struct PartitionHistory: Sendable {
    /// What was last done to a partition.
    enum State: Hashable {
        /// An attempt put its files there.
        case published(Writer)
        /// The rows that an attempt put there are in other files since.
        case rearranged(Writer)
        /// Anything else.
        case rewritten
    }

    let column: DeltaField
    private(set) var version: Int64
    private var states: [PartitionValue: State] = [:]

    /// Begins behind a version, of which nothing is known.
    init(column: DeltaField, after version: Int64) {
        self.column = column
        self.version = version
    }

    func state(of value: PartitionValue) -> State? { states[value] }

    /// Takes an entry in.
    mutating func apply(_ actions: [DeltaAction], version: Int64) {
        var touched: [PartitionValue: (writers: Set<Writer?>, changesRows: Bool)] = [:]
        func touch(_ values: PartitionValues?, by writer: Writer?? = nil, changesRows: Bool) {
            let value = values?[column.name].map { PartitionValue($0, type: column.type) } ?? .missing
            var before = touched[value] ?? ([], false)
            if let writer { before.writers.insert(writer) }
            before.changesRows = before.changesRows || changesRows
            touched[value] = before
        }
        for action in actions {
            switch action {
            case .add(let added):
                let name = PublishedFileName(Path.name(of: DeltaPath.canonical(added.path)))
                let writer = added.deletionVector == nil ? name?.writer : nil
                touch(added.partitionValues, by: .some(writer), changesRows: added.dataChange)
            case .remove(let removed): touch(removed.partitionValues, changesRows: removed.dataChange != false)
            default: continue
            }
        }
        // A remove need not say where the file was: it may have been anywhere.
        if touched.removeValue(forKey: .missing)?.changesRows == true { states = states.mapValues { _ in .rewritten } }
        for (value, (writers, changesRows)) in touched {
            states[value] = PartitionHistory.state(after: states[value], writers, changesRows)
        }
        self.version = version
    }

    private static func state(after earlier: State?, _ writers: Set<Writer?>, _ changesRows: Bool) -> State {
        if changesRows {
            // One attempt, and nobody else.
            if writers.count == 1, let writer = writers.first ?? nil { return .published(writer) }
            return .rewritten
        }
        switch earlier {
        case .published(let writer), .rearranged(let writer): return .rearranged(writer)
        case .rewritten, nil: return .rewritten
        }
    }
}

/// The history of a table, read once in a process, and only where a partition holds files of others.
final class SharedHistory: Sendable {
    private let history = Mutex<PartitionHistory?>(nil)

    /// What was last done to a partition, as the entries up to a version tell; nil where they do not reach back so far.
    func state(
        of value: PartitionValue, in log: DeltaLog, column: DeltaField, through version: Int64
    ) throws -> PartitionHistory.State? {
        try history.withLock { history in
            var read = history.flatMap { $0.column == column ? $0 : nil }
            if try read == nil || !extend(&read, log, version) {
                read = PartitionHistory(column: column, after: try log.firstEntry(before: version) - 1)
                _ = try extend(&read, log, version)
            }
            history = read
            return read?.state(of: value)
        }
    }

    /// False where an entry has gone.
    private func extend(_ history: inout PartitionHistory?, _ log: DeltaLog, _ version: Int64) throws -> Bool {
        while let known = history?.version, known < version {
            guard let actions = try log.actions(after: known, through: known + 1) else { return false }
            history?.apply(actions, version: known + 1)
        }
        return true
    }
}

extension DeltaLog {
    /// The first of the entries that reach up to a version without a gap.
    func firstEntry(before version: Int64) throws -> Int64 {
        var first = version + 1
        while first > 0, try FileSystem.status(of: path(of: first - 1)) != nil { first -= 1 }
        return first
    }
}
