/// What an attempt was made for.
public enum AttemptKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// To make the partition from its sources.
    case run = "RUN"
    /// To publish what an earlier attempt had staged, and a person has approved.
    case approve = "APPROVE"
    /// To put back what an earlier attempt had replaced.
    case undo = "UNDO"
}
