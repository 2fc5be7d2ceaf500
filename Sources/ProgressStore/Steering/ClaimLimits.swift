/// Limits of claims that all processes share.
public struct ClaimLimits: Sendable, Hashable {
    /// The greatest number of partitions of the job that run at the same time, in whatever process; nil for no limit.
    public var maxRunning: Int?
    /// The time from the start of one partition of the job to that of the next, in whatever process that keeps to a rate;
    /// nil for no rate.
    public var timeApart: Duration?

    /// Whether there is no limit.
    public var isNone: Bool { maxRunning == nil && timeApart == nil }

    /// Creates limits.
    public init(maxRunning: Int? = nil, timeApart: Duration? = nil) {
        self.maxRunning = maxRunning
        self.timeApart = timeApart
    }
}

/// What a claim within limits brought.
public struct LimitedClaims: Sendable, Hashable {
    /// The claims, in the order of the candidates.
    public var claims: [Claim]
    /// How many claims the limits admitted.
    ///
    /// Fewer were granted where fewer of the candidates were free.
    public var admitted: Int
    /// When the rate admits the next one; nil where it does now, or where there is no rate.
    public var nextIn: Duration?

    /// Creates the answer.
    public init(claims: [Claim], admitted: Int, nextIn: Duration? = nil) {
        self.claims = claims
        self.admitted = admitted
        self.nextIn = nextIn
    }
}
