public import Partitions

/// How the staged rows of an attempt were judged: what they are, what they would replace, and what the audits found.
///
/// Texts called JSON are understood by nobody here. They come back as the same JSON, and not always as the same text: the
/// database has its own order of keys, and its own spaces.
public struct JudgementRecord: Sendable, Hashable {
    /// The digest of the staged rows.
    public var contentDigest: String?
    /// The statistics of the staged rows, as JSON.
    public var statistics: String?
    /// What the table calls the generation that it held; nil where it held none.
    public var replacedVersion: String?
    /// The rows of that generation.
    public var replacedRows: Int64?
    /// The bytes of that generation.
    public var replacedBytes: Int64?
    /// The digest of the rows of that generation.
    public var replacedDigest: String?
    /// The statistics of that generation, as JSON; nil where the ledger has them with the attempt that made it.
    public var replacedStatistics: String?
    /// What the audits found, as a JSON array; nil where nothing was audited.
    public var findings: String?

    /// Creates a record.
    public init(
        contentDigest: String? = nil, statistics: String? = nil, replacedVersion: String? = nil,
        replacedRows: Int64? = nil, replacedBytes: Int64? = nil, replacedDigest: String? = nil,
        replacedStatistics: String? = nil, findings: String? = nil
    ) {
        self.contentDigest = contentDigest
        self.statistics = statistics
        self.replacedVersion = replacedVersion
        self.replacedRows = replacedRows
        self.replacedBytes = replacedBytes
        self.replacedDigest = replacedDigest
        self.replacedStatistics = replacedStatistics
        self.findings = findings
    }
}

/// What an attempt brought, with how it was judged.
public struct JudgementRow: Sendable, Hashable {
    /// The partition.
    public var key: PartitionKey
    /// The attempt.
    public var fence: Int64
    /// The run on whose behalf the attempt was made.
    public var runID: Int64?
    /// How the attempt ended: see `AttemptRow.outcome`.
    public var outcome: String
    /// The table held the same rows already, and nothing was published.
    public var wasUnchanged: Bool
    /// What the attempt was made for.
    public var kind: AttemptKind
    /// Rows staged, or adopted.
    public var rowsWritten: Int64?
    /// Bytes staged.
    public var bytesWritten: Int64?
    /// The version of the transform that made the rows.
    public var transformVersion: String?
    /// What the table calls the published generation; nil where nothing was published.
    public var tableVersion: String?
    /// The judgement, with the statistics of what was replaced wherever the ledger knows them.
    public var record: JudgementRecord
    /// There is a judgement: not where the attempt adopted what another had published, or nothing was to be measured.
    public var hasRecord: Bool
    /// Why the attempt failed, or is held.
    public var errorMessage: String?

    /// Creates a row.
    public init(
        key: PartitionKey, fence: Int64, runID: Int64? = nil, outcome: String, wasUnchanged: Bool = false,
        kind: AttemptKind = .run, rowsWritten: Int64? = nil, bytesWritten: Int64? = nil,
        transformVersion: String? = nil, tableVersion: String? = nil, record: JudgementRecord,
        hasRecord: Bool = true, errorMessage: String? = nil
    ) {
        self.key = key
        self.fence = fence
        self.runID = runID
        self.outcome = outcome
        self.wasUnchanged = wasUnchanged
        self.kind = kind
        self.rowsWritten = rowsWritten
        self.bytesWritten = bytesWritten
        self.transformVersion = transformVersion
        self.tableVersion = tableVersion
        self.record = record
        self.hasRecord = hasRecord
        self.errorMessage = errorMessage
    }
}

/// A generation that was measured after it had been replaced.
public struct MeasuredReplacement: Sendable, Hashable {
    /// What the table called it.
    public var version: String
    /// Its rows.
    public var rows: Int64
    /// Their digest.
    public var digest: String
    /// Their statistics, as JSON.
    public var statistics: String

    /// Creates a value.
    public init(version: String, rows: Int64, digest: String, statistics: String) {
        self.version = version
        self.rows = rows
        self.digest = digest
        self.statistics = statistics
    }
}
