public import Partitions

/// A mark that a person, or a program that repairs the ledger, puts on a partition, planned or not.
public struct Mark: Sendable, Hashable {
    /// The partition.
    public var key: PartitionKey
    /// Where it shall stand; anything but RUNNING, which takes a claim.
    public var status: Status
    /// For COMPLETE: the version of the transform that it counts for; nil counts for every one.
    public var transformVersion: String?
    /// For FAILED: why.
    public var errorMessage: String?
    /// The table that the job writes; nil leaves what the ledger knows.
    public var tableIdentity: String?

    /// Creates a mark.
    public init(
        key: PartitionKey, status: Status, transformVersion: String? = nil, errorMessage: String? = nil,
        tableIdentity: String? = nil
    ) {
        self.key = key
        self.status = status
        self.transformVersion = transformVersion
        self.errorMessage = errorMessage
        self.tableIdentity = tableIdentity
    }
}
