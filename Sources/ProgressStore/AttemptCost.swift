/// What an attempt took, however it ended.
public struct AttemptCost: Sendable, Hashable {
    /// The size of the files that the partition was made of; nil where nobody can tell.
    public var bytesRead: Int64?
    /// The rows that these files have, before any filter; nil where nobody can tell.
    public var rowsRead: Int64?
    /// The time that was spent in the engine, in seconds; nil where nobody measured it.
    public var engineSeconds: Double?

    /// Creates a cost.
    public init(bytesRead: Int64? = nil, rowsRead: Int64? = nil, engineSeconds: Double? = nil) {
        self.bytesRead = bytesRead
        self.rowsRead = rowsRead
        self.engineSeconds = engineSeconds
    }

    /// What it took as parameters of a statement: bytes, seconds and rows, in this order.
    var parameters: [String?] { [bytesRead?.description, engineSeconds?.description, rowsRead?.description] }
}
