/// Files that a transform reads as a relation.
public struct Source: Sendable, Hashable {
    /// A file format that the engine can read.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        case csv, parquet, json, hive
    }

    /// The name of the relation; `source` where a job has one.
    public var name: String
    /// The path, with strftime fields of the partition (`%Y-%m-%d`) and globs.
    public var path: String
    /// The file format.
    public var format: Format
    /// Options of the reader, as SQL literals are written: `["all_varchar": .bool(true)]`.
    public var options: [String: Literal]

    /// A value of a reader's option.
    public indirect enum Literal: Sendable, Hashable {
        case bool(Bool), integer(Int64), double(Double), text(String), list([Literal]), map([String: Literal])
    }

    /// Creates a source.
    public init(name: String = "source", path: String, format: Format, options: [String: Literal] = [:]) {
        self.name = name
        self.path = path
        self.format = format
        self.options = options
    }
}
