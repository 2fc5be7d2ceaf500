public import Partitions

/// What is to be verified, with every default filled in.
public struct VerificationRequest: Sendable {
    /// The partitions; nil for everything of the job that is COMPLETE.
    public var partitions: PartitionSet?
    /// Whether every value of every file is read, rather than footers alone.
    public var isDeep: Bool
    /// Whether partitions that differ are made PENDING again.
    public var repairs: Bool
    /// How many groups of partitions are looked at at the same time.
    public var workers: Int

    /// Creates a request.
    public init(partitions: PartitionSet? = nil, isDeep: Bool = false, repairs: Bool = false, workers: Int = 2) {
        self.partitions = partitions
        self.isDeep = isDeep
        self.repairs = repairs
        self.workers = workers
    }
}

/// What was found out about one partition, by time.
public enum VerificationFinding: Sendable, Hashable {
    /// Ledger and table agree.
    case agrees(PartitionKey)
    /// The table holds what the ledger recorded, in other files: another program has rearranged them.
    case rearranged(PartitionKey)
    /// The row was written by hand, and the partition is there.
    case recordedByHand(PartitionKey)
    /// Another job of the same ledger has replaced the partition since.
    case superseded(PartitionKey, byJob: String)
    /// Ledger and table do not agree, also not at a second look.
    case differs(PartitionKey, [Difference], reopened: Bool)
    /// Somebody else began to work on the partition meanwhile.
    case changedMeanwhile(PartitionKey)

    /// The partition.
    public var key: PartitionKey {
        switch self {
        case .agrees(let key), .rearranged(let key), .recordedByHand(let key), .superseded(let key, _),
            .differs(let key, _, _),
            .changedMeanwhile(let key):
            key
        }
    }
}

/// How a verification ended.
public struct VerificationReport: Sendable, Hashable {
    /// Partitions on which ledger and table agree.
    public var agreeing = 0
    /// Partitions that hold what was recorded in other files, because another program has rearranged them.
    public var rearranged = 0
    /// Partitions on which they do not.
    public var differing = 0
    /// Those of them that were made PENDING again.
    public var reopened = 0
    /// Partitions whose rows were written by hand: they exist, and nothing more was recorded.
    public var recordedByHand = 0
    /// Partitions that other jobs have replaced since, by job.
    public var superseded: [String: Int] = [:]
    /// Partitions on which somebody else began to work meanwhile.
    public var changedMeanwhile = 0

    /// All partitions that were looked at.
    public var checked: Int {
        agreeing + rearranged + differing + recordedByHand + changedMeanwhile + superseded.reduce(0) { $0 + $1.value }
    }

    /// Creates a report of nothing.
    public init() {}

    /// Takes a finding in.
    public mutating func add(_ finding: VerificationFinding) {
        switch finding {
        case .agrees: agreeing += 1
        case .rearranged: rearranged += 1
        case .recordedByHand: recordedByHand += 1
        case .superseded(_, let job): superseded[job, default: 0] += 1
        case .differs(_, _, let isReopened):
            differing += 1
            if isReopened { reopened += 1 }
        case .changedMeanwhile: changedMeanwhile += 1
        }
    }
}
