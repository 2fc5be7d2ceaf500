public import Partitions

/// A run about to be opened: one request over a frozen set of partitions.
public struct RunRequest: Sendable {
    /// The job.
    public var job: String
    /// The range asked for.
    public var range: PartitionRange
    /// The partitions to be run, which get a PENDING row where they have none.
    public var planned: PartitionSet
    /// The table that the job writes.
    public var tableIdentity: String?
    /// The options of the run, as text, for people who read the history.
    public var options: String
    /// Why the run was made, in the user's words.
    public var reason: String?
    /// The version of the transform.
    public var transformVersion: String

    /// Creates a request.
    public init(
        job: String, range: PartitionRange, planned: PartitionSet, tableIdentity: String?, options: String,
        reason: String?, transformVersion: String
    ) {
        self.job = job
        self.range = range
        self.planned = planned
        self.tableIdentity = tableIdentity
        self.options = options
        self.reason = reason
        self.transformVersion = transformVersion
    }
}

/// What a person at any machine has asked of a run.
public enum RunControl: String, Sendable, Hashable {
    /// Go on.
    case run = "RUN"
    /// Claim nothing until told to go on.
    case pause = "PAUSE"
    /// Finish what runs, claim nothing more, end.
    case drain = "DRAIN"
    /// Interrupt what runs, give it back, end.
    case cancel = "CANCEL"
}

/// How a run ended.
public struct RunResult: Sendable, Hashable {
    /// Partitions that this run made COMPLETE.
    public var complete: Int
    /// Partitions that this run left FAILED.
    public var failed: Int
    /// Partitions that the plan skipped.
    public var skipped: Int
    /// How it ended: `FINISHED`, `STOPPED`, `PAUSED`, `DRAINED`, `CANCELLED` or `CRASHED`.
    public var outcome: String

    /// Creates a result.
    public init(complete: Int, failed: Int, skipped: Int, outcome: String) {
        self.complete = complete
        self.failed = failed
        self.skipped = skipped
        self.outcome = outcome
    }
}

/// The ledger's answer to a heartbeat.
public struct HeartbeatReply: Sendable, Hashable {
    /// The attempts whose lease was extended.
    ///
    /// One that was sent and is not here has been lost: stop it at once.
    public var held: Set<ClaimToken>
    /// What has been asked of the run.
    public var control: RunControl

    /// Creates a reply.
    public init(held: Set<ClaimToken>, control: RunControl) {
        self.held = held
        self.control = control
    }
}

/// How many partitions of a job stand where, and how fast they went.
public struct StatusSummary: Sendable, Hashable {
    /// Rows by status within the range asked for.
    public var counts: [Status: Int]
    /// Partitions made COMPLETE within the last minute, ten minutes at most since the first.
    public var completedPerMinute: Double?

    /// Creates a summary.
    public init(counts: [Status: Int], completedPerMinute: Double?) {
        self.counts = counts
        self.completedPerMinute = completedPerMinute
    }
}
