public import Partitions

/// Something in which ledger and table do not agree on a partition.
public enum Difference: Sendable, Hashable {
    /// The table has no file of the partition; it may be that the ledger recorded another table.
    case gone(recordedTable: String?)
    /// Another program has put its own files in the place of ours.
    case foreignFiles([String])
    /// The files are of another attempt than the one that was recorded.
    case otherGeneration(Origin, fence: Int64)
    /// Files of the generation are not there.
    case filesMissing([String], of: Int)
    /// There are files that are not of the generation.
    case extraFiles([String])
    /// Something other than a file is among them.
    case notFiles([String])
    /// The files are larger or smaller than recorded.
    case bytes(found: Int64, recorded: Int64)
    /// The files have more or fewer rows than recorded.
    case rows(found: Int64, recorded: Int64)
    /// Somebody has deleted rows without rewriting the files that they are in.
    case rowsDeleted([String], rows: Int64)
    /// A file cannot be read.
    case unreadable(file: String, reason: String)
    /// Rows of other partitions are in the files.
    case rowsOutside(Int64)

    /// Where a generation comes from that is not the recorded one.
    public enum Origin: Sendable, Hashable {
        /// It is older: somebody has put it back.
        case earlier
        /// It is newer, and its attempt was never recorded as COMPLETE.
        case unrecorded(outcome: String)
        /// It is newer, and another attempt of the job is recorded as having made it.
        case later
        /// It was made for another partition, or by a job that writes another table.
        case otherPartition(job: String, PartitionKey)
        /// The ledger does not know its attempt.
        case unknown
    }

    /// What it is, in a word or two that do not change.
    public var kind: String {
        switch self {
        case .gone: "gone"
        case .foreignFiles: "foreign files"
        case .otherGeneration(.earlier, _): "earlier generation"
        case .otherGeneration(.unrecorded, _): "unrecorded generation"
        case .otherGeneration(.later, _): "later generation"
        case .otherGeneration(.otherPartition, _): "other partition"
        case .otherGeneration(.unknown, _): "unknown generation"
        case .filesMissing: "files missing"
        case .extraFiles: "extra files"
        case .notFiles: "not files"
        case .bytes: "size differs"
        case .rows: "rows differ"
        case .rowsDeleted: "rows deleted"
        case .unreadable: "unreadable"
        case .rowsOutside: "rows outside"
        }
    }
}
