public import Partitions

/// What a partition's rows are, in numbers that can be compared with those of another generation.
public struct PartitionStatistics: Sendable, Hashable, Codable {
    /// One column, in numbers.
    public struct Column: Sendable, Hashable, Codable {
        /// The name.
        public var name: String
        /// The type, as SQL spells it; empty where it is not known.
        public var type: String
        /// Rows without a value; nil where nobody counted them.
        public var nulls: Int64?
        /// Different values, approximately; nil where they were not counted.
        public var distinct: Int64?
        /// The least value as text, cut where it is long; nil where there is none, or the type has no order.
        public var min: String?
        /// The greatest value as text, cut where it is long.
        public var max: String?
        /// The sum as text; nil where the type has none.
        public var sum: String?

        /// Creates a column.
        public init(
            name: String, type: String, nulls: Int64?, distinct: Int64? = nil, min: String? = nil, max: String? = nil,
            sum: String? = nil
        ) {
            self.name = name
            self.type = type
            self.nulls = nulls
            self.distinct = distinct
            self.min = min
            self.max = max
            self.sum = sum
        }
    }

    /// The number of rows.
    public var rows: Int64
    /// A digest of the rows and the columns' names and types, whatever the order of the rows.
    ///
    /// Nil where no row was read, and all the rest is what the footers of the files say: what they do not say is nil too.
    public var digest: String?
    /// The columns, in the order of the files.
    public var columns: [Column]

    /// Creates statistics.
    public init(rows: Int64, digest: String?, columns: [Column]) {
        self.rows = rows
        self.digest = digest
        self.columns = columns
    }
}

/// Where the rows of a partition are.
public enum PartitionRows: Sendable, Hashable {
    /// In Parquet files, by their absolute paths.
    case files([String])
    /// In a table, whose files need not hold all of its columns.
    case table(TableSnapshot)
}

/// Rows to be measured.
public struct MeasureRequest: Sendable {
    /// The rows.
    public var rows: PartitionRows
    /// The partition.
    public var key: PartitionKey
    /// The partition column, which is not measured where the files hold it.
    public var column: String
    /// Fails where the files hold the partition column, and a row of theirs lies outside of the partition.
    public var refusesOutside: Bool

    /// Creates a request.
    public init(rows: PartitionRows, key: PartitionKey, column: String, refusesOutside: Bool) {
        self.rows = rows
        self.key = key
        self.column = column
        self.refusesOutside = refusesOutside
    }
}
