/// A batch that is finished: its rows are in files.
public struct FinishedBatch: Sendable, Hashable {
    /// Its number, from 0 on.
    public var number: Int
    /// What it has read.
    public var range: BatchRange
    /// The rows that it wrote.
    public var rows: Int64
    /// The bytes of its files.
    public var bytes: Int64
    /// How many rows it was to read.
    public var size: Int64
    /// What the job wrote down with it.
    public var fields: [String: String]

    /// Creates a finished batch.
    public init(
        number: Int, range: BatchRange, rows: Int64, bytes: Int64, size: Int64, fields: [String: String] = [:]
    ) {
        self.number = number
        self.range = range
        self.rows = rows
        self.bytes = bytes
        self.size = size
        self.fields = fields
    }
}

extension BatchRange {
    /// Puts a range together that was written down.
    public init(from: BatchKey?, to: BatchKey?) {
        self.init(from: from, to: to, greatest: nil)
    }
}

/// Where the finished batches of one attempt are kept, so that a later attempt can go on after them.
public protocol BatchJournal: Sendable {
    /// The batches that attempts before this one have finished, and that still count, in their order.
    ///
    /// What does not count any more is forgotten by this call.
    ///
    /// - Parameters:
    ///   - batching: How the partition is cut.
    ///   - identity: Of what sources it is made now; nil where nobody can tell, and nothing is gone on with then.
    /// - Returns: The batches; none where the partition begins anew.
    /// - Throws: An error of whoever keeps them.
    func begin(_ batching: Batching, identity: String?) async throws -> [FinishedBatch]

    /// Keeps a finished batch: brings its files to the disk, away from the staging, and records it.
    ///
    /// - Parameters:
    ///   - batch: The batch.
    ///   - files: The absolute paths of its files in the staging folder.
    /// - Throws: `BatchLimitReached` where the batch is kept, and the attempt is to end with it.
    func keep(_ batch: FinishedBatch, files: [String]) async throws

    /// Forgets all batches.
    func forget() async throws

    /// Fills the staging folder with the files of all batches.
    func collect() async throws
}

/// The attempt has finished as many batches as it was allowed to: the partition is to be gone on with later.
public struct BatchLimitReached: Error, Sendable, Hashable {
    /// Finished batches of the partition, those of earlier attempts included.
    public var batches: Int
    /// Their rows.
    public var rows: Int64

    /// Creates the error.
    public init(batches: Int, rows: Int64) {
        self.batches = batches
        self.rows = rows
    }
}
