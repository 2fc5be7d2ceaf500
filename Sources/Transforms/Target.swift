/// The table that a job writes.
public struct Target: Sendable, Hashable {
    /// The layout of a table.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        /// Directories `column=value` of Parquet files.
        case hive
        /// A Delta Lake table: Parquet files and a log that says which of them count.
        case delta
    }

    /// The table's folder, absolute or relative to the working directory.
    public var path: String
    /// The layout.
    public var format: Format
    /// How the files are written.
    public var parquet: ParquetOptions
    /// A result without rows may replace a partition that has some.
    public var allowsEmpty: Bool
    /// What a Delta table may take; a table of directories has no such rules, and is refused with others than the usual.
    public var delta: DeltaRules

    /// Creates a target.
    public init(
        path: String, format: Format, parquet: ParquetOptions = ParquetOptions(), allowsEmpty: Bool = false,
        delta: DeltaRules = DeltaRules()
    ) {
        self.path = path
        self.format = format
        self.parquet = parquet
        self.allowsEmpty = allowsEmpty
        self.delta = delta
    }
}

/// How Parquet files are written.
public struct ParquetOptions: Sendable, Hashable {
    /// A codec of Parquet.
    public enum Compression: String, Sendable, Hashable, CaseIterable {
        case zstd, snappy, gzip, lz4, uncompressed
    }

    /// The version of the data pages and encodings.
    public enum Version: String, Sendable, Hashable, CaseIterable {
        case v1, v2
    }

    /// The codec.
    public var compression: Compression
    /// The effort of the codec, 1 to 22; only zstd has levels.
    ///
    /// Level 1 by default: a fifth less time than level 3, for files that are one or two percent larger.
    public var compressionLevel: Int
    /// The version of the data pages and encodings.
    public var version: Version
    /// Rows in a row group; nil leaves it to the engine.
    public var rowGroupSize: Int?
    /// The size in bytes at which a file is ended and the next one begun; nil for one file, however large.
    ///
    /// A file may be larger by a row group for each of the engine's threads: it ends with whole ones. The row groups of
    /// several files are in no order, because the threads write them as they come.
    public var fileSize: Int64?

    /// Creates options.
    public init(
        compression: Compression = .zstd, compressionLevel: Int = 1, version: Version = .v1, rowGroupSize: Int? = nil,
        fileSize: Int64? = nil
    ) {
        self.compression = compression
        self.compressionLevel = compressionLevel
        self.version = version
        self.rowGroupSize = rowGroupSize
        self.fileSize = fileSize
    }

    /// The codec as DuckDB's COPY calls it.
    package var codecName: String {
        // `lz4` would be the framed codec of old Hadoop, which few readers know.
        compression == .lz4 ? "lz4_raw" : compression.rawValue
    }

    /// The level, where the codec has levels.
    package var codecLevel: Int? { compression == .zstd ? compressionLevel : nil }
}
