public import Lakehouse
public import Partitions

/// What became of partitions that were to be put back.
public struct UndoReport: Sendable, Hashable {
    /// One partition.
    public struct Entry: Sendable, Hashable {
        /// The partition.
        public var key: PartitionKey
        /// What became of it.
        public var outcome: UndoOutcome

        /// Creates an entry.
        public init(_ key: PartitionKey, _ outcome: UndoOutcome) {
            self.key = key
            self.outcome = outcome
        }
    }

    /// The run under which the ledger recorded it, which can be undone in its turn; nil where nothing was done.
    public var run: Int64?
    /// The partitions, by time.
    public var entries: [Entry]

    /// Creates a report.
    public init(run: Int64?, entries: [Entry]) {
        self.run = run
        self.entries = entries
    }
}

/// What became of one partition that was to be put back.
public enum UndoOutcome: Sendable, Hashable {
    /// The generation before is there again.
    case putBack(Restoration)
    /// It would be; nothing was changed.
    case wouldPutBack(Restoration)
    /// There was nothing before: the partition is there and has no rows.
    case emptied
    /// It would be so; nothing was changed.
    case wouldEmpty
    /// There is nothing to undo: the attempt left what was there, or the partition was never made.
    case nothingToUndo(reason: String)
    /// Others have changed the partition since; `force` puts it back all the same.
    case refused(reason: String)
    /// The generation before is not there any more.
    case gone(reason: String)
    /// It could not be done.
    case failed(error: String)
}

/// A generation that is put back.
public struct Restoration: Sendable, Hashable {
    /// The fence of the attempt that is undone.
    public var undoneFence: Int64
    /// What the table called the generation when it was there before.
    public var version: String
    /// The version of the transform that made it; nil where the ledger does not know.
    public var transformVersion: String?
    /// Its rows, where they are known.
    public var rows: Int64?
    /// The size of its files.
    public var bytes: Int64
    /// The number of its files.
    public var files: Int
    /// How long it can be put back.
    public var expiry: ReplacedGeneration.Expiry

    /// Creates a value.
    public init(
        undoneFence: Int64, version: String, transformVersion: String?, rows: Int64?, bytes: Int64, files: Int,
        expiry: ReplacedGeneration.Expiry
    ) {
        self.undoneFence = undoneFence
        self.version = version
        self.transformVersion = transformVersion
        self.rows = rows
        self.bytes = bytes
        self.files = files
        self.expiry = expiry
    }
}
