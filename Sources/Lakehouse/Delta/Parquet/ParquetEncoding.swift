/// How files are written that a table itself makes out of staged ones.
///
/// It does so where a table has more partition columns than one, so that the rows of a file belong to several of its folders.
public struct ParquetEncoding: Sendable, Hashable {
    /// The codec, as DuckDB's COPY calls it.
    public var codec: String
    /// The effort of the codec; nil where it has no levels.
    public var level: Int?
    /// The version of the data pages and encodings, as DuckDB's COPY calls it.
    public var version: String
    /// Rows in a row group; nil leaves it to DuckDB.
    public var rowGroupSize: Int?
    /// The size in bytes from which on a file is divided into several; nil divides none.
    public var fileSize: Int64?

    /// Creates an encoding.
    public init(
        codec: String = "zstd", level: Int? = 1, version: String = "v1", rowGroupSize: Int? = nil,
        fileSize: Int64? = nil
    ) {
        self.codec = codec
        self.level = level
        self.version = version
        self.rowGroupSize = rowGroupSize
        self.fileSize = fileSize
    }

    /// The options of COPY.
    var copyOptions: [String] {
        var options = ["FORMAT parquet", "COMPRESSION \(codec)", "PARQUET_VERSION \(version)"]
        if let level { options.append("COMPRESSION_LEVEL \(level)") }
        if let rowGroupSize { options.append("ROW_GROUP_SIZE \(rowGroupSize)") }
        return options
    }
}
