/// Where a partition stands in its life cycle.
///
/// ```
/// PENDING ──claim──> RUNNING ──complete──> COMPLETE
///    ^                 │ ├────fail───────> FAILED
///    └──release, retry─┘ ├────hold───────> HELD
///                        └────cancel─────> CANCELLED
/// ```
/// What is HELD a person approves, which is a claim that publishes what was staged, or rejects: then it is FAILED.
/// A claim may also start from FAILED, CANCELLED and, where the plan asks for it, COMPLETE or HELD for another version of
/// the transform; it always brings a new fence.
public enum Status: String, Sendable, Hashable, CaseIterable, Codable {
    /// Planned, or given back; anybody may claim it.
    case pending = "PENDING"
    /// Claimed by a worker whose lease is kept alive by heartbeats.
    case running = "RUNNING"
    /// Staged and judged, not published; waits for a person.
    case held = "HELD"
    /// The table holds the generation of this attempt, or a later one.
    case complete = "COMPLETE"
    /// The last attempt failed and no retry is left.
    case failed = "FAILED"
    /// A run was cancelled before the partition was done.
    case cancelled = "CANCELLED"
}
