public import Partitions

/// What became of partitions about which somebody has decided.
public struct DecisionReport: Sendable, Hashable {
    /// One partition.
    public struct Entry: Sendable, Hashable {
        /// The partition.
        public var key: PartitionKey
        /// What became of it.
        public var outcome: DecisionOutcome

        /// Creates an entry.
        public init(_ key: PartitionKey, _ outcome: DecisionOutcome) {
            self.key = key
            self.outcome = outcome
        }
    }

    /// The partitions, by time.
    public var entries: [Entry]

    /// Whether every partition became what was decided.
    public var isAsDecided: Bool { entries.allSatisfy(\.outcome.isAsDecided) }

    /// Creates a report.
    public init(entries: [Entry]) {
        self.entries = entries
    }
}

/// What became of one partition about which somebody has decided.
public enum DecisionOutcome: Sendable, Hashable {
    /// What was held is published.
    case published(version: String, rows: Int64?)
    /// What was held is dropped; the partition is FAILED until it is run again.
    case rejected
    /// It is not what was judged any more: nothing was published, and the partition is PENDING again.
    case changedMeanwhile(reason: String)
    /// Nobody waits for a decision any more: somebody else has decided, or claimed the partition.
    case notHeld
    /// It could not be done; what was held still is, unless the message says otherwise.
    case failed(error: String)

    /// Whether the partition became what was decided.
    public var isAsDecided: Bool {
        switch self {
        case .published, .rejected: true
        case .changedMeanwhile, .notHeld, .failed: false
        }
    }
}
