package import Partitions

/// Which rows of a table are asked for.
package struct DeltaSelection: Sendable, Hashable {
    /// The column by which rows belong to the partition; nil where all rows are meant.
    package let column: String?
    /// The partition.
    package let key: PartitionKey

    /// Asks for the rows of a partition, or for all.
    package init(column: String?, key: PartitionKey) {
        self.column = column
        self.key = key
    }
}

/// A table in one of its versions, with the files that were asked for.
package struct DeltaSnapshot: Sendable, Hashable {
    /// A column of the table.
    package struct Column: Sendable, Hashable {
        package let name: String
        /// The type, as SQL spells it.
        package let type: String
        /// The place of its value among the values of a file; nil where the files have it.
        package let valueIndex: Int?
    }

    /// A data file.
    package struct File: Sendable, Hashable {
        /// The absolute path.
        package let path: String
        /// The values of the partition columns as the log spells them; nil is null.
        package let values: [String?]
        /// What tells the deleted rows of the file from those of another version; nil where none are deleted.
        package let deletionVector: String?
        /// The size, as the log has it.
        package let bytes: Int64
        /// The rows that are not deleted; nil where the log does not say.
        package let rows: Int64?
    }

    /// The answer to one selection.
    package struct Part: Sendable, Hashable {
        package let files: [File]
        /// The column by which the files' rows have still to be told apart.
        package var filterColumn: String?
        /// What the files cannot be read without.
        package let features: [String]
    }

    /// The table's folder.
    package let root: String
    /// The version.
    package let version: Int64
    /// Every column, in the table's order.
    package let columns: [Column]
    /// An answer to each selection, in their order.
    package let parts: [Part]
}
