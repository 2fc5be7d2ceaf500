/// Files that a transform reads as a relation.
public struct Source: Sendable, Hashable {
    /// A file format that the engine can read.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        case csv, parquet, json, hive, delta
    }

    /// The name of the relation; `source` where a job has one.
    public var name: String
    /// The path, with strftime fields of the partition (`%Y-%m-%d`) and globs.
    public var path: String
    /// The file format.
    public var format: Format
    /// Options of the reader, as SQL literals are written: `["all_varchar": .bool(true)]`.
    public var options: [String: Literal]
    /// Which rows of a Delta table the relation has; other formats have those of their files.
    public var rows: Rows

    /// A value of a reader's option.
    public indirect enum Literal: Sendable, Hashable {
        case bool(Bool), integer(Int64), double(Double), text(String), list([Literal]), map([String: Literal])
    }

    /// Which rows of a table belong to a partition.
    public enum Rows: Sendable, Hashable {
        /// Those whose column lies in the partition; nil for the job's own partition column.
        case ofPartition(column: String?)
        /// All of them, whatever the partition.
        case all
    }

    /// Creates a source.
    public init(
        name: String = "source", path: String, format: Format, options: [String: Literal] = [:],
        rows: Rows = .ofPartition(column: nil)
    ) {
        self.name = name
        self.path = path
        self.format = format
        self.options = options
        self.rows = rows
    }
}
