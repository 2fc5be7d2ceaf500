/// What a job allows its Delta table beyond replacing rows.
public struct DeltaRules: Sendable, Hashable {
    /// What happens to a result with columns that the table does not have.
    public enum Schema: String, Sendable, Hashable, CaseIterable {
        /// It is refused, and the partition fails.
        case strict
        /// They are added to the table.
        case evolve
    }

    /// What happens to rows that others wrote into the partition while the attempt was at work.
    public enum ConcurrentWrites: String, Sendable, Hashable, CaseIterable {
        /// The attempt fails; the next one replaces them.
        case fail
        /// They are replaced as well.
        case supersede
    }

    /// What happens to a result with columns that the table does not have.
    public var schema: Schema
    /// What happens to rows that others wrote into the partition while the attempt was at work.
    public var concurrentWrites: ConcurrentWrites

    /// Creates rules; without any, nothing but the rows of the partition is ever changed.
    public init(schema: Schema = .strict, concurrentWrites: ConcurrentWrites = .fail) {
        self.schema = schema
        self.concurrentWrites = concurrentWrites
    }
}
