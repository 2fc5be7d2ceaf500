public import Partitions
public import ProgressStore
public import Transforms

/// One generation of a partition in numbers.
public struct PartitionSummary: Sendable, Hashable {
    /// Its rows; nil where they were not counted.
    public var rows: Int64?
    /// The size of its files; nil where that is not known.
    public var bytes: Int64?
    /// The digest of its rows; nil where they were not measured.
    public var digest: String?
    /// Its columns in numbers; nil where they were not measured.
    public var statistics: PartitionStatistics?

    /// Creates a summary.
    public init(
        rows: Int64?, bytes: Int64?, digest: String? = nil, statistics: PartitionStatistics? = nil
    ) {
        self.rows = rows
        self.bytes = bytes
        self.digest = digest
        self.statistics = statistics
    }
}

/// What an attempt brought, compared with what it found, as it was recorded.
public struct Judged: Sendable, Hashable {
    /// The partition.
    public var key: PartitionKey
    /// The attempt's fence.
    public var fence: Int64
    /// The run on whose behalf the attempt was made.
    public var run: Int64?
    /// What the attempt was: a run's own, an approval, or an undo.
    public var kind: AttemptKind
    /// How it ended: `COMPLETE`, `HELD` or `FAILED`.
    public var outcome: String
    /// Whether the result was what the table held already, so that nothing was published.
    public var wasUnchanged: Bool
    /// Why it was held, or failed.
    public var reason: String?
    /// The version of the transform that made the data.
    public var transformVersion: String?
    /// What the table calls the generation; nil where nothing was published.
    public var tableVersion: String?
    /// What the table called what it held before; nil where there was nothing.
    public var replacedVersion: String?
    /// What the table held before; nil where there was nothing.
    public var old: PartitionSummary?
    /// What the attempt staged; nil where it staged nothing.
    public var new: PartitionSummary?
    /// What the audits found; empty where nothing was audited.
    public var findings: [AuditFinding]

    /// Creates a value.
    public init(
        key: PartitionKey, fence: Int64, run: Int64?, kind: AttemptKind, outcome: String, wasUnchanged: Bool = false,
        reason: String? = nil, transformVersion: String? = nil, tableVersion: String? = nil,
        replacedVersion: String? = nil, old: PartitionSummary? = nil, new: PartitionSummary? = nil,
        findings: [AuditFinding] = []
    ) {
        self.key = key
        self.fence = fence
        self.run = run
        self.kind = kind
        self.outcome = outcome
        self.wasUnchanged = wasUnchanged
        self.reason = reason
        self.transformVersion = transformVersion
        self.tableVersion = tableVersion
        self.replacedVersion = replacedVersion
        self.old = old
        self.new = new
        self.findings = findings
    }
}
