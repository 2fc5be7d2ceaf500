public import Partitions

/// Something that is kept of a partition where no reader looks.
public struct Leftover: Sendable, Hashable {
    /// What it is.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// What an attempt staged and has not published.
        case staging
        /// A publish that has happened, and that its attempt did not bring to an end.
        ///
        /// It is finished, and never thrown away.
        case unfinishedPublish = "unfinished publish"
        /// A generation that was replaced.
        case replaced = "replaced generation"
        /// What an attempt staged and that was set aside until somebody decides.
        case held = "held staging"
        /// Finished batches of a partition, which a later attempt goes on with as long as the ledger knows them.
        case batches = "finished batches"
        /// What is left of a removal that was interrupted.
        case remains = "half-removed generation"
        /// A fence or a record that is not needed any more.
        case record
    }

    /// What it is.
    public let kind: Kind
    /// The attempt that staged, published or replaced it.
    public let writer: Writer
    /// Its absolute path.
    public let path: String
    /// The number of files in it.
    public let files: Int
    /// The size of these files.
    public let bytes: Int64
    /// For a record: the attempts whose leftovers it describes, so that it is kept for as long as they are.
    public let neededBy: Set<Writer>

    /// Creates a leftover.
    public init(
        kind: Kind, writer: Writer, path: String, files: Int = 0, bytes: Int64 = 0, neededBy: Set<Writer> = []
    ) {
        self.kind = kind
        self.writer = writer
        self.path = path
        self.files = files
        self.bytes = bytes
        self.neededBy = neededBy
    }
}

/// Everything of a partition that may have become garbage, as one look saw it.
public struct PartitionLeftovers: Sendable, Hashable {
    /// The partition.
    public let key: PartitionKey
    /// The leftovers; what must stay whatever the ledger says is not among them.
    public let items: [Leftover]

    /// The attempts that the ledger must be asked about.
    public var writers: Set<Writer> {
        items.reduce(into: []) { $0.formUnion($1.neededBy.union([$1.writer])) }
    }

    /// Creates the leftovers of a partition.
    public init(key: PartitionKey, items: [Leftover]) {
        self.key = key
        self.items = items
    }
}
