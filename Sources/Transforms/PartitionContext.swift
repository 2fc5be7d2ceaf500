public import Partitions

/// What a transform's closure is given: one partition, and the ways to replace it.
public struct PartitionContext: Sendable {
    /// The partition.
    public let key: PartitionKey
    /// The absolute path of the staging folder: files written here become the partition; nil without a target.
    public let stagingDirectory: String?
}
