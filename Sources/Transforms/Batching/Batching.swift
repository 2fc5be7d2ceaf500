/// How a partition that is too big for one pass is read in batches: by an ordered key, so many rows of a source at a time.
public struct Batching: Sendable, Hashable {
    /// The columns of the key, by which the source is ordered.
    ///
    /// Rows with the same key stay together, so the key need not be unique. It must have no nulls.
    public var by: [String]
    /// How many rows of the source a batch reads.
    public var rows: Int64
    /// The name of the source that is cut into batches; the others are read whole by each batch.
    public var from: String

    /// Creates a batching.
    public init(by columns: [String], rows: Int64, from source: String = "source") {
        by = columns
        self.rows = rows
        from = source
    }
}

/// The parameters that a statement which is run batch by batch may have beside those of its partition.
enum BatchParameter {
    static let from = "batch_from"
    static let to = "batch_to"
    static let names = [from, to]
}
