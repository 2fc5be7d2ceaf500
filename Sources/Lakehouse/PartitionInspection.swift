/// What readers see in a partition, as one look saw it.
public struct PartitionInspection: Sendable, Hashable {
    /// A data file.
    public struct File: Sendable, Hashable {
        /// Its absolute path.
        public let path: String
        /// Its size.
        public let bytes: Int64

        /// Creates a file.
        public init(path: String, bytes: Int64) {
            self.path = path
            self.bytes = bytes
        }
    }

    /// Something that should not be, judged by what the table itself recorded.
    public enum Problem: Sendable, Hashable {
        /// Files of the generation that are not there, by name, and how many it has.
        case filesMissing([String], of: Int)
        /// Files that are not of the generation, by name.
        case extraFiles([String])
        /// Folders or links where readers expect files, by name.
        case notFiles([String])
        /// The files have other sizes than when they were published.
        case size(found: Int64, recorded: Int64)
        /// Rows of the generation that readers skip, and the names of the files that they are in.
        case rowsDeleted([String], rows: Int64)
    }

    /// The latest attempt that named a file here; nil where every file is somebody else's.
    public let writer: Writer?
    /// What the table calls the generation of that attempt.
    public let version: String?
    /// The files of that attempt; all of them where it is nil.
    public let files: [File]
    /// The number of rows that the table recorded when the generation was published; nil where it did not.
    public let recordedRows: Int64?
    /// What speaks against the generation.
    public let problems: [Problem]
    /// Whether another program has put the rows of that attempt into other files, as the table says, and kept them all.
    public let isRearranged: Bool

    /// The size of the files.
    public var bytes: Int64 { files.reduce(0) { $0 + $1.bytes } }

    /// Creates an inspection.
    public init(
        writer: Writer?, version: String?, files: [File], recordedRows: Int64?, problems: [Problem],
        isRearranged: Bool = false
    ) {
        self.writer = writer
        self.version = version
        self.files = files
        self.recordedRows = recordedRows
        self.problems = problems
        self.isRearranged = isRearranged
    }
}
