/// One SELECT statement with the sources that it may name.
public struct Query: Sendable, Hashable {
    /// The statement.
    public var text: String
    /// The file from which the statement was read, for error messages.
    public var file: String?
    /// Relations that the statement may name besides what the engine knows.
    public var sources: [Source]
    /// How the partition is read in batches, by one statement each; nil where one statement reads all of it.
    ///
    /// It is no part of the version: the rows of a statement that is made for it are the same.
    public var batching: Batching?

    /// Creates a query.
    public init(_ text: String, file: String? = nil, sources: [Source] = [], batching: Batching? = nil) {
        self.text = text
        self.file = file
        self.sources = sources
        self.batching = batching
    }
}

extension Query {
    /// No rows, with the columns that Parquet files hold.
    ///
    /// - Parameter files: Their paths, which are taken literally, whatever characters they have.
    /// - Returns: A query that can be staged.
    package static func withoutRows(likeParquetFiles files: [String]) -> Query {
        let list = SQLLiteral.list(files.map(FileGlob.escaped))
        return Query("SELECT * FROM read_parquet(\(list), hive_partitioning = false) WHERE false")
    }
}
