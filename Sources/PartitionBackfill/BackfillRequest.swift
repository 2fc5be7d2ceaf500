public import Partitions
public import Transforms

/// What a run is asked to do, with every default filled in.
public struct BackfillRequest: Sendable {
    /// The order in which partitions are claimed.
    public enum Order: String, Sendable, Hashable, CaseIterable {
        /// By time.
        case oldest
        /// By time, backwards.
        case newest
        /// Those that will take longest first, or with the largest sources where no times are known.
        case largest
    }

    /// What a failed partition means for the rest.
    public enum FailurePolicy: String, Sendable, Hashable, CaseIterable {
        /// The others go on.
        case `continue`
        /// What runs is finished, nothing more is claimed.
        case stop
    }

    /// The partitions asked for, exclusions taken out.
    public var partitions: PartitionSet
    /// Which of them.
    public var selection: Selection
    /// The order in which they are claimed.
    public var order: Order
    /// How many are worked on at the same time in this process.
    public var workers: Int
    /// How often a partition is tried again after it failed; nil where the user did not say.
    ///
    /// Then what passes by itself is tried again three times, and nothing else is. What fails in the same way each time
    /// never is.
    public var retries: Int?
    /// The greatest number of partitions that this process claims; nil for no limit.
    public var maxPartitions: Int?
    /// The greatest number of bytes that the sources of the partitions have that this process starts; nil for no limit.
    ///
    /// A partition of unknown size counts as the mean of the others.
    public var maxBytes: Int64?
    /// How many batches of a partition an attempt finishes before it gives the partition back; nil for all of them.
    public var maxBatches: Int?
    /// What a failed partition means for the rest.
    public var onFailure: FailurePolicy
    /// How long a worker may be silent before its partitions are taken over.
    public var lease: Duration
    /// How long an attempt may take before it is interrupted and counts as failed; nil for no limit.
    public var deadline: Duration?
    /// How often a partition is taken over from a lost worker before it is FAILED.
    public var takeovers: Int
    /// How long ago a partition must have ended to be worked on; nil where also the newest are meant.
    ///
    /// The newest partitions are those that a daily job is still writing. Time is the database's, as UTC.
    public var settle: Duration?
    /// Why, in the user's words.
    public var reason: String?
    /// Whether a partition counts as complete although its source files have changed since it was made.
    public var ignoresSources: Bool
    /// Whether also a result that the table holds already is published.
    public var rewritesUnchanged: Bool
    /// Whether everything that would change the table is held until somebody approves it.
    public var holdsEverything: Bool
    /// How many partitions are started in a time by all processes together; nil for no limit.
    public var rate: Rate?
    /// The greatest number of partitions of the job that run at the same time in all processes; nil for no limit.
    public var maxRunning: Int?
    /// The hours in which partitions are started; nil for all.
    public var window: TimeWindow?
    /// When the same error again and again pauses the run; nil for never.
    public var breaker: BreakerPolicy?
    /// What this process does when the breaker pauses the run.
    public var onBreaker: BreakerReaction

    /// What a process does when the breaker pauses its run.
    public enum BreakerReaction: String, Sendable, Hashable, CaseIterable {
        /// It finishes what runs, and ends.
        case exit
        /// It waits until somebody tells the run to go on.
        case wait
    }

    /// Creates a request.
    public init(
        partitions: PartitionSet, selection: Selection = .unfinished, order: Order = .oldest, workers: Int = 2,
        retries: Int? = nil, maxPartitions: Int? = nil, maxBytes: Int64? = nil, maxBatches: Int? = nil,
        onFailure: FailurePolicy = .continue,
        lease: Duration = .seconds(90), deadline: Duration? = nil, takeovers: Int = 5,
        settle: Duration? = nil, reason: String? = nil, ignoresSources: Bool = false, rewritesUnchanged: Bool = false,
        holdsEverything: Bool = false, rate: Rate? = nil, maxRunning: Int? = nil, window: TimeWindow? = nil,
        breaker: BreakerPolicy? = BreakerPolicy(), onBreaker: BreakerReaction = .exit
    ) {
        self.partitions = partitions
        self.selection = selection
        self.order = order
        self.workers = workers
        self.retries = retries
        self.maxPartitions = maxPartitions
        self.maxBytes = maxBytes
        self.maxBatches = maxBatches
        self.onFailure = onFailure
        self.lease = lease
        self.deadline = deadline
        self.takeovers = takeovers
        self.settle = settle
        self.reason = reason
        self.ignoresSources = ignoresSources
        self.rewritesUnchanged = rewritesUnchanged
        self.holdsEverything = holdsEverything
        self.rate = rate
        self.maxRunning = maxRunning
        self.window = window
        self.breaker = breaker
        self.onBreaker = onBreaker
    }
}

extension BackfillRequest {
    /// The options as text, for people who read the history of runs.
    var options: String {
        var options = ["--only \(selection.rawValue)", "--order \(order.rawValue)", "--workers \(workers)"]
        if let retries { options.append("--retries \(retries)") }
        if let maxPartitions { options.append("--max-partitions \(maxPartitions)") }
        if let maxBytes { options.append("--max-bytes \(maxBytes)B") }
        if let maxBatches { options.append("--max-batches \(maxBatches)") }
        if onFailure == .stop { options.append("--on-failure stop") }
        if ignoresSources { options.append("--ignore source") }
        if rewritesUnchanged { options.append("--rewrite") }
        if holdsEverything { options.append("--canary") }
        if let rate { options.append("--rate \(rate)") }
        if let maxRunning { options.append("--max-running \(maxRunning)") }
        if let window { options.append("--window '\(window)'") }
        return options.joined(separator: " ")
    }

    /// The range of a request without partitions.
    var emptyRange: PartitionRange {
        PartitionRange(granularity: partitions.granularity, ordinals: 0..<0)
    }
}
