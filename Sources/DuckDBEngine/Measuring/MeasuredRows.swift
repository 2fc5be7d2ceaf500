/// What was measured of the rows of a statement.
package struct MeasuredRows: Sendable, Hashable {
    /// A column in numbers; see `PartitionStatistics.Column`.
    package struct Column: Sendable, Hashable {
        package let name: String
        package let type: String
        package let nulls: Int64
        package let distinct: Int64
        package let least: String?
        package let greatest: String?
        package let sum: String?
    }

    /// The number of rows.
    package let rows: Int64
    /// The digest of rows and columns.
    package let digest: String
    /// The columns that were measured, in the order of the result.
    package let columns: [Column]
    /// Whether the result has the column that was left out.
    package let hasExcludedColumn: Bool
}
