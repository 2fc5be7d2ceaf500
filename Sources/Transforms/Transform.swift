/// What makes one partition.
public enum Transform: Sendable {
    /// One SELECT.
    case sql(Query)
    /// A closure that calls `overwrite`, or writes files into the staging directory itself.
    case closure(@Sendable (PartitionContext) async throws -> Void)
}
