/// What reading a Parquet file brought.
public enum ParquetReading: Sendable, Hashable {
    /// The number of rows, and how many of them lie outside of the partition.
    case readable(rows: Int64, outside: Int64)
    /// It cannot be read, for a reason without row data.
    case unreadable(String)
}
