public import Partitions

/// Two generations of a partition to be compared row by row.
public struct RowComparisonRequest: Sendable {
    /// The new rows.
    public var new: PartitionRows
    /// The old rows.
    public var old: PartitionRows
    /// The columns that tell rows apart; empty where whole rows are compared, so that none is changed.
    public var keyColumns: [String]
    /// The greatest number of rows of each kind to show.
    public var sampleSize: Int
    /// The partition.
    public var key: PartitionKey
    /// The partition column.
    public var column: String

    /// Creates a request.
    public init(
        new: PartitionRows, old: PartitionRows, keyColumns: [String], sampleSize: Int, key: PartitionKey,
        column: String
    ) {
        self.new = new
        self.old = old
        self.keyColumns = keyColumns
        self.sampleSize = sampleSize
        self.key = key
        self.column = column
    }
}

/// How two generations differ, row by row.
public struct RowComparison: Sendable, Hashable, Codable {
    /// A column of a sampled row.
    public struct Cell: Sendable, Hashable, Codable {
        /// The column.
        public var column: String
        /// Its old value as text; nil is null, or that there was no such row.
        public var old: String?
        /// Its new value as text; nil is null, or that there is no such row any more.
        public var new: String?

        /// Creates a cell.
        public init(column: String, old: String?, new: String?) {
            self.column = column
            self.old = old
            self.new = new
        }
    }

    /// Rows that only the new generation has.
    public var added: Int64
    /// Rows that only the old generation has.
    public var removed: Int64
    /// Rows of both whose other values differ.
    public var changed: Int64
    /// Rows that are equal.
    public var unchanged: Int64
    /// Keys that stand in more than one row of a generation; their rows are compared as they are counted.
    public var duplicateKeys: Int64
    /// Columns that only the new generation has: the old one's rows count as having no value there.
    public var onlyNew: [String]
    /// Columns that only the old generation has.
    public var onlyOld: [String]
    /// Some added rows, all columns.
    public var addedSample: [[Cell]]
    /// Some removed rows, all columns.
    public var removedSample: [[Cell]]
    /// Some changed rows: the key columns and those that differ.
    public var changedSample: [[Cell]]

    /// Creates a comparison.
    public init(
        added: Int64, removed: Int64, changed: Int64, unchanged: Int64, duplicateKeys: Int64 = 0,
        onlyNew: [String] = [], onlyOld: [String] = [], addedSample: [[Cell]] = [], removedSample: [[Cell]] = [],
        changedSample: [[Cell]] = []
    ) {
        self.added = added
        self.removed = removed
        self.changed = changed
        self.unchanged = unchanged
        self.duplicateKeys = duplicateKeys
        self.onlyNew = onlyNew
        self.onlyOld = onlyOld
        self.addedSample = addedSample
        self.removedSample = removedSample
        self.changedSample = changedSample
    }
}
