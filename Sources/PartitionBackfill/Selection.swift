/// Which partitions of a range a run works on.
public enum Selection: String, Sendable, Hashable, CaseIterable {
    /// Everything that is not COMPLETE for this transform.
    case unfinished
    /// Only those that were never COMPLETE and have not failed.
    case missing
    /// Only those that are FAILED.
    case failed
    /// Only those that are COMPLETE for another version of the transform, of their sources, or in another table.
    case stale
    /// Everything, also what is COMPLETE.
    case all
}
