public import Partitions

/// What a transform's closure is given: one partition, and the ways to replace it.
///
/// A closure makes the partition in one of three ways: `overwrite` with a statement, `append` with rows of its own, or
/// files that it writes into `stagingDirectory`. Nothing that it does is visible to readers before it has returned and
/// the table has published the files.
public struct PartitionContext: Sendable {
    /// The partition.
    public let key: PartitionKey
    /// The absolute path of the staging folder: files written here become the partition; nil without a target.
    public let stagingDirectory: String?

    let stage: PartitionStage

    init(key: PartitionKey, stagingDirectory: String?, stage: PartitionStage) {
        self.key = key
        self.stagingDirectory = stagingDirectory
        self.stage = stage
    }

    /// Where the partition starts, inclusive.
    public var start: CivilTime { key.start }

    /// Where the partition ends, exclusive.
    public var end: CivilTime { key.end }

    /// Replaces the partition by the rows of a SELECT statement.
    ///
    /// In the statement, `$partition` is the key as text, `$partition_start` and `$partition_end` are the half-open
    /// bounds as dates, or timestamps where partitions are hours. For example:
    ///
    /// ```swift
    /// try await partition.overwrite("""
    ///     SELECT *, amount * 1.1 AS amount_usd FROM read_parquet('lake/orders/*.parquet')
    ///     WHERE order_date = $partition_start
    ///     """)
    /// ```
    ///
    /// - Parameter sql: The statement. Rows of other partitions fail it.
    /// - Returns: What was staged.
    /// - Throws: `TransformError`; `.misuse` where the partition was overwritten already.
    @discardableResult
    public func overwrite(_ sql: String) async throws -> StagedResult {
        try await overwrite(Query(sql))
    }

    /// Replaces the partition by the rows of a query with sources.
    ///
    /// - Returns: What was staged.
    /// - Throws: `TransformError`; `.misuse` where the partition was overwritten already.
    @discardableResult
    public func overwrite(_ query: Query) async throws -> StagedResult {
        try await stage.overwrite(query)
    }

    /// Runs a SELECT statement with the same parameters, and returns its rows, which must fit into memory.
    ///
    /// - Throws: `TransformError`.
    public func query(_ sql: String) async throws -> [Row] {
        try await query(Query(sql))
    }

    /// Runs a query with sources, and returns its rows, which must fit into memory.
    ///
    /// - Throws: `TransformError`.
    public func query(_ query: Query) async throws -> [Row] {
        try await stage.rows(of: query)
    }

    /// Adds rows to those that replace the partition; call it as often as there are batches.
    ///
    /// - Parameters:
    ///   - columns: The columns, the same ones in every call. With the partition column, every row must lie in the
    ///     partition.
    ///   - rows: The rows, each with one value a column.
    /// - Throws: `TransformError`; `.misuse` where a row has another number of values than there are columns.
    public func append(columns: [ValueColumn], rows: [[Value]]) async throws {
        try await stage.append(columns: columns, rows: rows)
    }
}
