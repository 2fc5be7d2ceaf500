/// What a job allows its Delta table beyond replacing rows.
public struct DeltaOptions: Sendable, Hashable {
    /// A result with columns that the table does not have adds them to the table.
    ///
    /// Otherwise such a result is refused.
    public var addsColumns: Bool
    /// Rows that others wrote into the partition while the attempt was at work are replaced as well.
    ///
    /// Otherwise the attempt fails, and the next one replaces them.
    public var supersedes: Bool
    /// How files are written that have to be divided among the folders of other partition columns.
    public var encoding: ParquetEncoding

    /// Creates options; without any, both are refused.
    public init(
        addsColumns: Bool = false, supersedes: Bool = false, encoding: ParquetEncoding = ParquetEncoding()
    ) {
        self.addsColumns = addsColumns
        self.supersedes = supersedes
        self.encoding = encoding
    }
}
