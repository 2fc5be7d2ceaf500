/// The values of the partition columns, as text; nil is null.
typealias PartitionValues = [String: String?]

/// Rows of a data file that are deleted, without the file being rewritten.
struct DeletionVector: Hashable, Codable {
    var storageType: String
    var pathOrInlineDv: String
    var offset: Int?
    var sizeInBytes: Int
    var cardinality: Int64
    var maxRowIndex: Int64?

    /// What tells this deletion vector from others ("Deletion Vectors", derived fields).
    var uniqueID: String {
        storageType + pathOrInlineDv + (offset.map { "@\($0)" } ?? "")
    }
}

/// What a log knows a file by: two entries with the same file and another deletion vector are two logical files.
struct FileKey: Hashable {
    /// The decoded path: two ways of writing it are one file.
    let path: String
    let deletionVector: String?

    init(path: String, deletionVector: DeletionVector?) {
        self.path = DeltaPath.canonical(path)
        self.deletionVector = deletionVector?.uniqueID
    }
}

/// A data file that becomes part of the table.
struct AddedFile: Hashable, Codable {
    /// The path as the log spells it: URI-encoded, relative to the table or absolute.
    var path: String
    var partitionValues: PartitionValues
    var size: Int64
    var modificationTime: Int64?
    /// False where the file holds only rows that were in the table before.
    var dataChange: Bool
    /// Statistics as JSON within JSON.
    var stats: String?
    var tags: [String: String?]?
    var deletionVector: DeletionVector?

    /// What the log knows the file by.
    var key: FileKey { FileKey(path: path, deletionVector: deletionVector) }
}

/// A data file that is no part of the table any more.
struct RemovedFile: Hashable, Codable {
    var path: String
    var deletionTimestamp: Int64?
    var dataChange: Bool?
    var extendedFileMetadata: Bool?
    var partitionValues: PartitionValues?
    var size: Int64?
    var deletionVector: DeletionVector?

    /// What the log knows the file by.
    var key: FileKey { FileKey(path: path, deletionVector: deletionVector) }
}
