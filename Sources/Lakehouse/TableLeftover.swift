/// Something that is kept of a table as a whole and that nobody needs any more.
public struct TableLeftover: Sendable, Hashable {
    /// What it is.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// What a process that died was about to make a checkpoint.
        case abandonedCheckpoint = "abandoned checkpoint"
        /// What dead processes were about to commit for several attempts at once.
        case abandonedGroup = "abandoned group"
        /// Entries and checkpoints of a log that are older than the table keeps them.
        case expiredLog = "expired log"
    }

    /// What it is.
    public let kind: Kind
    /// The folder that it is in.
    public let path: String
    /// The number of files.
    public let files: Int
    /// The size of these files.
    public let bytes: Int64

    /// Creates a leftover.
    public init(kind: Kind, path: String, files: Int, bytes: Int64) {
        self.kind = kind
        self.path = path
        self.files = files
        self.bytes = bytes
    }
}
