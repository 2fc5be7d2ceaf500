public import Partitions

/// A named transform bound to its sources and one target table.
public struct Job: Sendable {
    /// The name under which the ledger knows the job.
    public let name: String
    /// What the job makes, in a line.
    public var description: String?
    /// How the target is cut into partitions.
    public let partitioning: Partitioning
    /// The table that is written; nil for a transform that does its own work, which only the ledger guards then.
    public let target: Target?
    /// What makes one partition.
    public let transform: Transform
    /// What a partition's COMPLETE stands for: a row that is COMPLETE for another version is stale.
    public let version: String
    /// By what the data of a partition is judged before it is published.
    public var audits: [Audit]
    /// Whether partitions are measured: what `diff` shows, and what tells that a result is what is there already.
    public var measures: Bool
    /// Whether also what a result replaces is measured each time the ledger does not know it, because another program wrote
    /// it: that takes one reading of it.
    ///
    /// Otherwise it is measured only where somebody has to decide about the result. What this program has published is
    /// always known.
    public var measuresReplaced = false
    /// How to run where neither the command line nor the environment says otherwise.
    public var defaults: RunDefaults

    /// Creates a job.
    public init(
        name: String, description: String? = nil, partitioning: Partitioning, target: Target?, transform: Transform,
        version: String, audits: [Audit] = [], measures: Bool = true, defaults: RunDefaults = RunDefaults()
    ) {
        self.name = name
        self.description = description
        self.partitioning = partitioning
        self.target = target
        self.transform = transform
        self.version = version
        self.audits = audits
        self.measures = measures
        self.defaults = defaults
    }
}

/// The column and the granularity by which a table is partitioned.
public struct Partitioning: Sendable, Hashable {
    /// The partition column, which is in the names of folders or in the log, and not in the files.
    public var column: String
    /// The size of a partition.
    public var every: Granularity

    /// Creates a partitioning.
    public init(column: String, every: Granularity = .day) {
        self.column = column
        self.every = every
    }
}

/// How to run a job where nothing else is said.
public struct RunDefaults: Sendable, Hashable {
    /// Partitions worked on at the same time in one process; nil means as many as suit the machine.
    public var workers: Int?
    /// How often a partition is tried again after it failed; nil leaves it to the kind of failure.
    public var retries: Int?
    /// How long a worker may be silent before its partitions are taken over.
    public var lease: Duration

    /// How long an attempt may take before it is interrupted and counts as failed; nil for no limit.
    public var deadline: Duration?
    /// How long ago a partition must have ended for a range to reach it; nil where ranges reach the newest too.
    public var settle: Duration?

    /// How often a partition is taken over from a lost worker before it is FAILED.
    public var takeovers: Int
    /// How many partitions are started in a time by all processes together; nil for no limit.
    public var rate: Rate?
    /// The greatest number of partitions of the job that run at the same time in all processes; nil for no limit.
    public var maxRunning: Int?
    /// The greatest number of bytes that the sources have of the partitions that one process starts; nil for no limit.
    public var maxBytes: Int64?
    /// The hours in which partitions are started; nil for all.
    public var window: TimeWindow?
    /// How many partitions in a row pause a run when they fail with the same error; 0 for never.
    public var breaker: Int
    /// What the shell runs when a run has ended or is paused; nil for nothing.
    public var notify: String?
    /// How far a process stands back behind the others of its machine, 0 to 19, when the command line runs the job.
    public var nice: Int

    /// Creates defaults.
    public init(
        workers: Int? = nil, retries: Int? = nil, lease: Duration = .seconds(90),
        deadline: Duration? = .seconds(86_400),
        settle: Duration? = .seconds(172_800), takeovers: Int = 5, rate: Rate? = nil, maxRunning: Int? = nil,
        window: TimeWindow? = nil, breaker: Int = 5, notify: String? = nil, maxBytes: Int64? = nil,
        nice: Int = 0
    ) {
        self.workers = workers
        self.retries = retries
        self.lease = lease
        self.deadline = deadline
        self.settle = settle
        self.takeovers = takeovers
        self.rate = rate
        self.maxRunning = maxRunning
        self.window = window
        self.breaker = breaker
        self.notify = notify
        self.maxBytes = maxBytes
        self.nice = nice
    }
}
