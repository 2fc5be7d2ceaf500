public import Foundation

/// A finished batch of a partition's next generation, as the ledger has it.
public struct BatchCheckpoint: Sendable, Hashable {
    /// Its number, from 0 on.
    public var number: Int
    /// The names of its files, which lie where the table keeps those of the attempt.
    public var files: [String]
    /// Rows in its files.
    public var rows: Int64
    /// Bytes of its files.
    public var bytes: Int64
    /// The key of its first row, as JSON; nil where there are no rows.
    public var firstKey: String?
    /// The key of the next batch's first row, as JSON; nil where it is the last batch.
    public var nextKey: String?
    /// How many rows a batch was to read by then.
    public var batchSize: Int64
    /// What the job wrote down with it, as a JSON object.
    public var fields: String
    /// Of what sources it was made; nil where nobody can tell.
    public var sourceIdentity: String?
    /// The version of the transform that made it.
    public var transformVersion: String

    /// Creates a checkpoint.
    public init(
        number: Int, files: [String], rows: Int64, bytes: Int64, firstKey: String?, nextKey: String?,
        batchSize: Int64, fields: String = "{}", sourceIdentity: String?, transformVersion: String
    ) {
        self.number = number
        self.files = files
        self.rows = rows
        self.bytes = bytes
        self.firstKey = firstKey
        self.nextKey = nextKey
        self.batchSize = batchSize
        self.fields = fields
        self.sourceIdentity = sourceIdentity
        self.transformVersion = transformVersion
    }
}

/// A finished batch, and the attempt that made it.
public struct RecordedBatch: Sendable, Hashable {
    /// The fence of the attempt.
    public var fence: Int64
    /// The claim id of the attempt.
    public var claimID: UUID
    /// The batch.
    public var checkpoint: BatchCheckpoint

    /// Creates a recorded batch.
    public init(fence: Int64, claimID: UUID, checkpoint: BatchCheckpoint) {
        self.fence = fence
        self.claimID = claimID
        self.checkpoint = checkpoint
    }
}

/// An attempt whose finished batches are gone on with.
public struct BatchOwner: Sendable, Hashable {
    /// The fence of the attempt.
    public var fence: Int64
    /// The claim id of the attempt.
    public var claimID: UUID

    /// Creates an owner.
    public init(fence: Int64, claimID: UUID) {
        self.fence = fence
        self.claimID = claimID
    }
}
