public import Foundation
public import Partitions

/// What identifies one attempt everywhere: the fence orders attempts, the claim id tells them apart.
public struct ClaimToken: Sendable, Hashable {
    /// The partition claimed.
    public let key: PartitionKey
    /// A number from one sequence that is never reset; a later claim has a higher one.
    public let fence: Int64
    /// A random id, made anew for each claim.
    public let claimID: UUID

    /// Creates a token.
    public init(key: PartitionKey, fence: Int64, claimID: UUID) {
        self.key = key
        self.fence = fence
        self.claimID = claimID
    }
}

/// A partition that this worker may work on until its lease ends.
public struct Claim: Sendable, Hashable {
    /// The identity of the attempt.
    public let token: ClaimToken
    /// How many attempts the partition has had since it was last reopened, this one included.
    public let attempt: Int
    /// How many of these attempts failed; an attempt that was released or whose worker was lost is none of them.
    public let failures: Int
    /// The attempt whose worker was lost, where this claim took its partition over.
    public let predecessor: ClaimToken?
    /// What the ledger had recorded of the table's partition before this claim; nil where it never was COMPLETE in this
    /// table.
    public let knownContent: KnownContent?

    /// The partition claimed.
    public var key: PartitionKey { token.key }

    /// Creates a claim.
    public init(
        token: ClaimToken, attempt: Int, failures: Int = 0, predecessor: ClaimToken?, knownContent: KnownContent? = nil
    ) {
        self.token = token
        self.attempt = attempt
        self.failures = failures
        self.predecessor = predecessor
        self.knownContent = knownContent
    }
}

/// What the ledger knows of a generation of a partition.
public struct KnownContent: Sendable, Hashable {
    /// What the table calls the generation.
    public var tableVersion: String
    /// The digest of its rows; nil where it was not measured, or can no longer be trusted.
    public var digest: String?
    /// The version of the transform that made it; nil where it was marked by hand.
    public var transformVersion: String?

    /// Creates what is known.
    public init(tableVersion: String, digest: String? = nil, transformVersion: String? = nil) {
        self.tableVersion = tableVersion
        self.digest = digest
        self.transformVersion = transformVersion
    }
}

/// What a worker asks of the ledger when it wants work.
public struct ClaimRequest: Sendable {
    /// The job.
    public var job: String
    /// The table that the job writes, in its canonical form; one claim at most of each of its partitions is live,
    /// whatever job it comes from.
    ///
    /// Nil for a job without a table.
    public var tableIdentity: String?
    /// The run on whose behalf the claim is made.
    public var run: Int64
    /// The version of the transform; a partition COMPLETE, or HELD, for another version may be claimed.
    public var transformVersion: String
    /// The partitions wanted, in the order of preference.
    ///
    /// The ledger grants those that are free.
    public var candidates: [PartitionKey]
    /// The greatest number of claims to grant.
    public var limit: Int
    /// The fence up to which the plan has seen the ledger: what ended after the plan was made is not reopened by it.
    ///
    /// Except what an attempt ended that had begun before the plan, and was made for another version: that is not yet
    /// what this plan is for.
    public var planFence: Int64
    /// Also partitions that are COMPLETE for this version are claimed (`--only all`).
    public var includesComplete: Bool
    /// Those of the candidates that are wanted although they are COMPLETE for this version, because their sources have
    /// changed since.
    public var staleSources: Set<PartitionKey>
    /// How long the lease lasts without a heartbeat.
    public var lease: Duration
    /// How long an attempt may take in all, if there is a limit.
    public var deadline: Duration?
    /// How often a partition may be taken over from a lost worker.
    ///
    /// One that takes its workers with it, for want of memory perhaps, would otherwise do so for ever: where it has been
    /// taken over that often and its worker is lost again, it is marked FAILED instead of being granted. A claim of
    /// another job on the same table, whose worker is lost, is judged by the same number.
    public var takeoverLimit: Int

    /// Creates a request.
    public init(
        job: String, tableIdentity: String?, run: Int64, transformVersion: String, candidates: [PartitionKey],
        limit: Int, planFence: Int64, includesComplete: Bool = false, staleSources: Set<PartitionKey> = [],
        lease: Duration, deadline: Duration? = nil, takeoverLimit: Int = 5
    ) {
        self.job = job
        self.tableIdentity = tableIdentity
        self.run = run
        self.transformVersion = transformVersion
        self.candidates = candidates
        self.limit = limit
        self.planFence = planFence
        self.includesComplete = includesComplete
        self.staleSources = staleSources
        self.lease = lease
        self.deadline = deadline
        self.takeoverLimit = takeoverLimit
    }
}
