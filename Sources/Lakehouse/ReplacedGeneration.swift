/// What an attempt replaced, and whether it can be put back.
public enum ReplacedGeneration: Sendable, Hashable {
    /// It is there, whole.
    case kept(Kept)
    /// There was nothing before: the attempt made the partition, as far as the table knows.
    case nothing
    /// It cannot be put back; the reason is a sentence for the user.
    case gone(reason: String)

    /// A generation that was replaced and is still there.
    public struct Kept: Sendable, Hashable {
        /// The attempt that had published it; nil where the files are not ours.
        public let writer: Writer?
        /// What the table called it: the `Generation.version` of then.
        public let version: String
        /// The absolute paths of its files, sorted.
        public let files: [String]
        /// The size of its files in bytes.
        public let bytes: Int64
        /// The number of its rows; nil where nobody has counted them.
        public let rows: Int64?
        /// How long it can be put back.
        public let expiry: Expiry
        /// By file, the values of columns that no file holds, where the table has such besides that of the partition.
        public let otherValues: [String: [String: String?]]

        /// Creates a kept generation.
        public init(
            writer: Writer?, version: String, files: [String], bytes: Int64, rows: Int64?, expiry: Expiry,
            otherValues: [String: [String: String?]] = [:]
        ) {
            self.writer = writer
            self.version = version
            self.files = files
            self.bytes = bytes
            self.rows = rows
            self.expiry = expiry
            self.otherValues = otherValues
        }
    }

    /// How long a replaced generation can be put back.
    public enum Expiry: Sendable, Hashable {
        /// Until `clean` removes it: as soon as the attempt that replaced it ended longer than `--keep` ago.
        case cleaning
        /// The table's retention keeps its files for so long; then anybody's cleaning up may remove them, at any time.
        ///
        /// Zero where that time has come already.
        case after(Duration)
        /// The table says something of its retention that cannot be understood.
        case unknown
    }
}
