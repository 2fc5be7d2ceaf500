/// What a partition will probably cost; what nobody knows is nil.
public struct PartitionPrice: Sendable, Hashable {
    /// The size of its source files.
    public var bytes: Int64?
    /// The rows that it had the last time.
    public var rows: Int64?
    /// The seconds that one worker will be at it.
    public var seconds: Double?

    /// Creates a price.
    public init(bytes: Int64? = nil, rows: Int64? = nil, seconds: Double? = nil) {
        self.bytes = bytes
        self.rows = rows
        self.seconds = seconds
    }
}
