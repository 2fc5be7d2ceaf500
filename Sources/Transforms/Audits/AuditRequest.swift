public import Partitions

/// Staged data to be judged.
public struct AuditRequest: Sendable {
    /// The audits.
    public var audits: [Audit]
    /// The staged files.
    public var staged: PartitionRows
    /// Their number of rows.
    public var stagedRows: Int64
    /// What they are in numbers, where that is known: audits that it answers do not read the files.
    public var statistics: PartitionStatistics?
    /// What they would replace; nil where there is nothing.
    public var previous: PartitionRows?
    /// Its number of rows; nil where there is nothing.
    public var previousRows: Int64?
    /// The partition.
    public var key: PartitionKey
    /// The partition column.
    public var column: String

    /// Creates a request.
    public init(
        audits: [Audit], staged: PartitionRows, stagedRows: Int64, statistics: PartitionStatistics?,
        previous: PartitionRows?, previousRows: Int64?, key: PartitionKey, column: String
    ) {
        self.audits = audits
        self.staged = staged
        self.stagedRows = stagedRows
        self.statistics = statistics
        self.previous = previous
        self.previousRows = previousRows
        self.key = key
        self.column = column
    }
}
