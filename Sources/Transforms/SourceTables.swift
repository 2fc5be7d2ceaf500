public import Partitions

/// Finds out what tables hold that a query names as its sources.
///
/// One value stands for one attempt: whatever the attempt reads of a table, it reads of one version.
public protocol SourceTables: Sendable {
    /// The tables of sources, by the names of these.
    ///
    /// - Parameters:
    ///   - sources: Sources whose format is a table's.
    ///   - key: The partition.
    ///   - column: The job's partition column.
    /// - Returns: A snapshot for each source.
    /// - Throws: `TransformError`, or an error of whoever reads the tables, where one is not there or cannot be read.
    func snapshots(
        of sources: [Source], key: PartitionKey, column: String
    ) async throws -> [String: TableSnapshot]
}

/// What a table holds for a partition, in one of its versions.
public struct TableSnapshot: Sendable, Hashable {
    /// A column of the table.
    public struct Column: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The type, as SQL spells it.
        public var type: String
        /// The place of its value among a file's `values`; nil where the files hold the column themselves.
        public var valueIndex: Int?

        /// Creates a column.
        public init(name: String, type: String, valueIndex: Int?) {
            self.name = name
            self.type = type
            self.valueIndex = valueIndex
        }
    }

    /// A Parquet file of the table.
    public struct File: Sendable, Hashable {
        /// The absolute path.
        public var path: String
        /// The values of the columns that are not in the file, as text; nil is null.
        public var values: [String?]
        /// What tells the deleted rows of the file from those of another version; nil where none are deleted.
        public var deletionVector: String?
        /// The size, as the table's log has it; nil where it does not say.
        public var bytes: Int64?
        /// The rows without those that are deleted, as the table's log has them; nil where it does not say.
        public var rows: Int64?
        /// The rows that are deleted, but still in the file.
        public var deletedRows: Int64

        /// Creates a file.
        public init(
            path: String, values: [String?], deletionVector: String? = nil, bytes: Int64? = nil, rows: Int64? = nil,
            deletedRows: Int64 = 0
        ) {
            self.path = path
            self.values = values
            self.deletionVector = deletionVector
            self.bytes = bytes
            self.rows = rows
            self.deletedRows = deletedRows
        }
    }

    /// The table's folder.
    public var path: String
    /// The version.
    public var version: Int64
    /// Every column, in the table's order.
    public var columns: [Column]
    /// The files whose rows are meant.
    public var files: [File]
    /// The column by which rows of the files belong to the partition or do not; nil where all of them belong to it.
    public var filterColumn: String?
    /// What the files cannot be read without: the engine's own reader of such tables has to read them.
    public var features: [String]
    /// Whether the files may have rows that do not belong to the partition, or are not all named.
    public var hasOtherRows: Bool

    /// Whether `files` are the files whose rows are meant: of a table with other column names in its files than in itself
    /// nobody but the engine tells them.
    public var namesItsFiles: Bool { !files.isEmpty || features.isEmpty }

    /// Creates a snapshot.
    public init(
        path: String, version: Int64, columns: [Column], files: [File], filterColumn: String?, features: [String],
        hasOtherRows: Bool = false
    ) {
        self.path = path
        self.version = version
        self.columns = columns
        self.files = files
        self.filterColumn = filterColumn
        self.features = features
        self.hasOtherRows = hasOtherRows
    }
}
