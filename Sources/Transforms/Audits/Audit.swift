/// A rule by which the staged data of a partition is judged before anybody sees it.
public struct Audit: Sendable, Hashable {
    /// What a violation means.
    public enum Severity: String, Sendable, Hashable, Codable, CaseIterable {
        /// The attempt fails and nothing is published.
        case fail
        /// The staged data waits for somebody to approve or reject it.
        case hold
        /// The data is published, and the violation is recorded and told.
        case warn
    }

    /// What is demanded.
    public enum Rule: Sendable, Hashable {
        /// There is a row.
        case notEmpty
        /// No two rows have the same values in these columns.
        case unique([String])
        /// These columns have a value in every row.
        case notNull([String])
        /// A column has none but these values; rows without a value do not count.
        case acceptedValues(column: String, [Source.Literal])
        /// The values of a column lie between two, both inclusive; rows without a value do not count.
        case range(column: String, min: Source.Literal?, max: Source.Literal?)
        /// The number of rows lies between two, both inclusive.
        case rowCount(min: Int64?, max: Int64?)
        /// There are not fewer rows than in what is replaced, but for this fraction of those.
        case rowCountDrop(limit: Double)
        /// There are neither fewer nor more rows than in what is replaced, but for this fraction of those.
        case rowCountChange(limit: Double)
        /// A query over `staged`, and over `previous` where it names that, returns nothing.
        case noRows(Query)
    }

    /// What is demanded.
    public var rule: Rule
    /// What a violation means.
    public var severity: Severity
    /// Whether up to three of the offending keys are told, which are rows of data.
    public var showsKeys: Bool
    /// How findings call the audit; nil for what its rule is in a configuration.
    public var name: String?

    /// Creates an audit.
    public init(_ rule: Rule, severity: Severity = .fail, showsKeys: Bool = false, name: String? = nil) {
        self.rule = rule
        self.severity = severity
        self.showsKeys = showsKeys
        self.name = name
    }
}

/// What an audit found.
public struct AuditFinding: Sendable, Hashable, Codable {
    /// The audit as it is written in a configuration, in one line: `unique: [combined_key]`.
    public var audit: String
    /// What a violation means.
    public var severity: Audit.Severity
    /// Whether the data is as demanded.
    public var hasPassed: Bool
    /// The number of offending rows, or keys for `unique`; 0 where it has passed.
    public var count: Int64
    /// A sentence about the violation, without any data; empty where it has passed.
    public var message: String
    /// Up to three offending keys, where the job allows them to be shown.
    public var keys: [String]

    /// Creates a finding.
    public init(
        audit: String, severity: Audit.Severity, hasPassed: Bool, count: Int64 = 0, message: String = "",
        keys: [String] = []
    ) {
        self.audit = audit
        self.severity = severity
        self.hasPassed = hasPassed
        self.count = count
        self.message = message
        self.keys = keys
    }
}
