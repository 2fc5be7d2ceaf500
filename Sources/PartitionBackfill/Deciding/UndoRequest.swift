public import Partitions

/// What is to be undone.
public struct UndoRequest: Sendable {
    /// Which partitions are meant.
    public enum Scope: Sendable, Hashable {
        /// What these partitions hold now is undone.
        case partitions(PartitionSet)
        /// What this run has changed is undone.
        case run(Int64)
    }

    /// Which partitions are meant.
    public var scope: Scope
    /// Also partitions that others have replaced since are put back.
    public var force: Bool
    /// Nothing is changed; what would be put back is told.
    public var isDryRun: Bool
    /// Who asks for it.
    public var user: String
    /// Why.
    public var reason: String
    /// How many partitions are put back at the same time.
    public var workers: Int
    /// How long a worker may be silent before its partition is taken over.
    public var lease: Duration

    /// Creates a request.
    public init(
        scope: Scope, force: Bool = false, isDryRun: Bool = false, user: String, reason: String, workers: Int = 2,
        lease: Duration = .seconds(90)
    ) {
        self.scope = scope
        self.force = force
        self.isDryRun = isDryRun
        self.user = user
        self.reason = reason
        self.workers = workers
        self.lease = lease
    }
}
