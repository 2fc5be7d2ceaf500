/// What a partition will probably cost; what nobody knows is nil.
public struct PartitionPrice: Sendable, Hashable {
    /// How the rows of a partition are known.
    public enum RowsBasis: String, Sendable, Hashable, CaseIterable {
        /// Rows of its sources, which their logs and footers tell.
        case counted
        /// Rows of its sources, by the size of these.
        case estimated
        /// Rows that its last attempt wrote.
        case lastAttempt = "last_attempt"
    }

    /// The size of its source files.
    public var bytes: Int64?
    /// The rows of its sources, or else those that it had the last time.
    public var rows: Int64?
    /// How the rows are known.
    public var rowsBasis: RowsBasis?
    /// The seconds that one worker will be at it.
    public var seconds: Double?

    /// Creates a price.
    public init(bytes: Int64? = nil, rows: Int64? = nil, rowsBasis: RowsBasis? = nil, seconds: Double? = nil) {
        self.bytes = bytes
        self.rows = rows
        self.rowsBasis = rowsBasis
        self.seconds = seconds
    }
}
