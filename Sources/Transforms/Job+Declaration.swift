public import Partitions

/// A target together with the column by which it is cut, as a job in Swift declares it.
public struct PartitionedTarget: Sendable, Hashable {
    /// The table.
    public var target: Target
    /// The partition column.
    public var column: String

    /// Creates a partitioned target.
    public init(target: Target, column: String) {
        self.target = target
        self.column = column
    }

    /// Directories `column=value` of Parquet files below a folder.
    ///
    /// - Parameters:
    ///   - path: The table's folder, absolute or relative to the working directory.
    ///   - column: The partition column.
    ///   - parquet: How the files are written.
    ///   - allowsEmpty: A result without rows may replace a partition that has some.
    /// - Returns: The target.
    public static func hive(
        _ path: String, partitionedBy column: String, parquet: ParquetOptions = ParquetOptions(),
        allowsEmpty: Bool = false
    ) -> PartitionedTarget {
        PartitionedTarget(
            target: Target(path: path, format: .hive, parquet: parquet, allowsEmpty: allowsEmpty), column: column)
    }

    /// A Delta Lake table on a local file system, which is made where it is not there.
    ///
    /// - Parameters:
    ///   - path: The table's folder, absolute or relative to the working directory.
    ///   - column: The partition column; the table may have others.
    ///   - schema: What happens to a result with columns that the table does not have.
    ///   - concurrentWrites: What happens to rows that others wrote into the partition meanwhile.
    ///   - parquet: How the files are written.
    ///   - allowsEmpty: A result without rows may replace a partition that has some.
    /// - Returns: The target.
    public static func delta(
        _ path: String, partitionedBy column: String, schema: DeltaRules.Schema = .strict,
        concurrentWrites: DeltaRules.ConcurrentWrites = .fail, parquet: ParquetOptions = ParquetOptions(),
        allowsEmpty: Bool = false
    ) -> PartitionedTarget {
        let rules = DeltaRules(schema: schema, concurrentWrites: concurrentWrites)
        return PartitionedTarget(
            target: Target(path: path, format: .delta, parquet: parquet, allowsEmpty: allowsEmpty, delta: rules),
            column: column)
    }
}

extension Job {
    /// Declares a job whose partitions a closure makes.
    ///
    /// For example:
    ///
    /// ```swift
    /// Job("orders_usd", version: "2", target: .hive("lake/silver/orders", partitionedBy: "order_date")) { partition in
    ///     try await partition.overwrite("SELECT * FROM read_parquet('lake/bronze/\(partition.key)/*.parquet')")
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - name: The name under which the ledger knows the job.
    ///   - version: Change it when the closure changes: partitions that are COMPLETE for another version are stale. A
    ///     closure cannot be compared, so that only you can say so.
    ///   - target: The table and its partition column.
    ///   - every: The size of a partition.
    ///   - description: What the job makes, in a line.
    ///   - audits: By what the data of a partition is judged before it is published.
    ///   - measures: Whether partitions are measured; see `Job.measures`.
    ///   - defaults: How to run where nothing else is said.
    ///   - transform: Makes one partition.
    public init(
        _ name: String, version: String, target: PartitionedTarget, every: Granularity = .day,
        description: String? = nil, audits: [Audit] = [], measures: Bool = true, defaults: RunDefaults = RunDefaults(),
        transform: @escaping @Sendable (PartitionContext) async throws -> Void
    ) {
        self.init(
            name: name, description: description, partitioning: Partitioning(column: target.column, every: every),
            target: target.target, transform: .closure(transform), version: version, audits: audits,
            measures: measures, defaults: defaults)
    }

    /// Declares a job without a target: its closure does what it likes for one partition.
    ///
    /// Only the ledger's guarantees hold then: no two workers have a partition at the same time, but what the closure
    /// did before it failed stays done.
    public init(
        _ name: String, version: String, every: Granularity = .day, description: String? = nil,
        defaults: RunDefaults = RunDefaults(),
        transform: @escaping @Sendable (PartitionContext) async throws -> Void
    ) {
        self.init(
            name: name, description: description, partitioning: Partitioning(column: "partition", every: every),
            target: nil, transform: .closure(transform), version: version, defaults: defaults)
    }

    /// Declares a job whose partitions are the results of one query.
    ///
    /// - Parameters:
    ///   - name: The name under which the ledger knows the job.
    ///   - target: The table and its partition column.
    ///   - every: The size of a partition.
    ///   - query: The query, with `$partition`, `$partition_start` and `$partition_end`.
    ///   - version: What COMPLETE stands for; the query's fingerprint where none is given.
    ///   - description: What the job makes, in a line.
    ///   - audits: By what the data of a partition is judged before it is published.
    ///   - measures: Whether partitions are measured; see `Job.measures`.
    ///   - defaults: How to run where nothing else is said.
    public init(
        _ name: String, target: PartitionedTarget, every: Granularity = .day, query: Query, version: String? = nil,
        description: String? = nil, audits: [Audit] = [], measures: Bool = true, defaults: RunDefaults = RunDefaults()
    ) {
        self.init(
            name: name, description: description, partitioning: Partitioning(column: target.column, every: every),
            target: target.target, transform: .sql(query), version: version ?? query.fingerprint(), audits: audits,
            measures: measures, defaults: defaults)
    }
}
