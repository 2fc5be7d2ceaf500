/// What is asked of runs while they run.
public struct SteerRequest: Sendable, Hashable {
    /// The job.
    public var job: String
    /// The run; nil for every run of the job that is at work.
    public var run: Int64?
    /// What the runs shall do; nil leaves that as it is.
    public var control: RunControl?
    /// Settings by name, as text; those that are not named stay as they are.
    public var settings: [String: String]
    /// Who asks.
    public var user: String
    /// Why, in the user's words.
    public var reason: String?

    /// Creates a request.
    public init(
        job: String, run: Int64? = nil, control: RunControl? = nil, settings: [String: String] = [:], user: String,
        reason: String? = nil
    ) {
        self.job = job
        self.run = run
        self.control = control
        self.settings = settings
        self.user = user
        self.reason = reason
    }
}

/// A run of which something was asked.
public struct SteeredRun: Sendable, Hashable {
    /// The run.
    public var run: Int64
    /// The process that opened it.
    public var worker: String
    /// What it was asked to do before.
    public var before: RunControl
    /// Whether its process has given a sign of life lately.
    ///
    /// Of one that has not nothing was asked.
    public var isLive: Bool
    /// Whether it was asked: a run that ends goes on ending.
    public var obeys: Bool

    /// Creates the answer.
    public init(run: Int64, worker: String, before: RunControl, isLive: Bool, obeys: Bool) {
        self.run = run
        self.worker = worker
        self.before = before
        self.isLive = isLive
        self.obeys = obeys
    }
}
