public import Partitions

/// What executes a transform's SQL and writes files.
///
/// One engine lives in a process; each partition in work has a session of its own.
public protocol Engine: Sendable {
    /// The name and version, for `doctor` and for the footers of files.
    var name: String { get }

    /// Opens a session.
    ///
    /// - Throws: `TransformError` where the engine cannot be had, with what to install.
    func openSession() async throws -> any EngineSession

    /// The greatest number of threads that work on one statement.
    var threads: Int { get }

    /// Lets so many threads work on one statement from now on, at most as many as there are: fewer take less memory.
    ///
    /// - Throws: `TransformError` where the engine cannot be had.
    func useThreads(_ count: Int) async throws
}

/// Engines whose threads are not this process's to divide.
extension Engine {
    /// One.
    public var threads: Int { 1 }

    /// Does nothing.
    public func useThreads(_ count: Int) async throws {}
}

extension Engine {
    /// Opens a session for as long as something is done with it.
    ///
    /// - Throws: What opening throws, or what is done.
    public func withSession<Value: Sendable>(
        _ body: (any EngineSession) async throws -> Value
    ) async throws -> Value {
        let session = try await openSession()
        do {
            let value = try await body(session)
            await session.close()
            return value
        } catch {
            await session.close()
            throw error
        }
    }
}

/// One connection to an engine, whose calls come one after the other.
public protocol EngineSession: Sendable {
    /// Checks that a query is one SELECT that the engine can parse, without running it.
    ///
    /// - Throws: `TransformError` with the file, the line and the engine's message.
    func check(_ query: Query) async throws

    /// Runs a query and writes its rows as Parquet files into a folder.
    ///
    /// Every row must lie in the partition where the result has the partition column, which is not written.
    ///
    /// - Throws: `TransformError`. A cancelled task interrupts the query and throws `CancellationError`.
    func stage(_ request: StageRequest) async throws -> StagedResult

    /// Finds out at which keys the batches of a source begin.
    ///
    /// - Throws: `TransformError` where its keys have no order, or a null; `CancellationError` where the task was cancelled.
    func cuts(_ request: BatchCutRequest) async throws -> BatchCuts

    /// Runs a query and returns all its rows, which must fit into memory.
    ///
    /// - Parameters:
    ///   - query: The query.
    ///   - key: The partition, bound as in `stage`.
    ///   - column: The partition column, for sources in partition directories.
    ///   - tables: What the tables among the sources hold, by the sources' names.
    /// - Returns: The rows, in the order of the query.
    /// - Throws: `TransformError`, or `CancellationError` where the task was cancelled.
    func rows(
        of query: Query, key: PartitionKey, column: String, tables: [String: TableSnapshot]
    ) async throws -> [Row]

    /// Appends rows to a relation of this session, which queries may name until it is dropped.
    func append(_ rows: [[Value]], columns: [ValueColumn], to relation: String) async throws

    /// Drops a relation that `append` made; nothing where there is none.
    func drop(_ relation: String) async throws

    /// The number of rows in Parquet files, from their footers.
    func countRows(inParquetFiles files: [String]) async throws -> Int64

    /// Reads the footers of Parquet files, in few statements.
    ///
    /// - Parameter files: Absolute paths.
    /// - Returns: What each footer says; a file that cannot be read fails no other.
    /// - Throws: `TransformError` where the engine cannot work, `CancellationError` where the task was cancelled.
    func footers(ofParquetFiles files: [String]) async throws -> [String: ParquetReading]

    /// Reads every value of a Parquet file.
    ///
    /// - Parameters:
    ///   - file: An absolute path.
    ///   - key: The partition in which its rows must lie, where the file has the partition column.
    ///   - column: The partition column.
    /// - Returns: What was read.
    /// - Throws: `TransformError` where the engine cannot work, `CancellationError` where the task was cancelled.
    func readEverything(
        inParquetFile file: String, key: PartitionKey, column: String
    ) async throws -> ParquetReading

    /// Measures rows: in one pass over them.
    ///
    /// The same rows have the same digest, whether they were measured while they were staged or here.
    ///
    /// - Throws: `TransformError(.outsidePartition)` where that was to be refused, `CancellationError` where the task was
    ///   cancelled.
    func measure(_ request: MeasureRequest) async throws -> PartitionStatistics

    /// Fails where Parquet files hold the partition column, and a row of theirs lies outside of the partition.
    ///
    /// Where the files' footers prove that none does, no row is read.
    ///
    /// - Throws: `TransformError(.outsidePartition)`, or another one where the files cannot be read.
    func refuseOutside(inParquetFiles files: [String], key: PartitionKey, column: String) async throws

    /// Judges staged data by rules.
    ///
    /// - Returns: One finding for each audit, in their order.
    /// - Throws: `TransformError` where an audit cannot be asked, such as of a column that is not there.
    func audit(_ request: AuditRequest) async throws -> [AuditFinding]

    /// Compares two generations of a partition row by row.
    func compare(_ request: RowComparisonRequest) async throws -> RowComparison

    /// The columns of a source's first file of a partition, to tell layouts of files from one another.
    ///
    /// Nothing but a header or a footer is read.
    ///
    /// - Parameters:
    ///   - source: The source.
    ///   - key: The partition.
    ///   - column: The partition column.
    ///   - table: What the table holds, where the source is one.
    /// - Returns: The names, and where the format has them the types, as text; nil where there is no file.
    /// - Throws: `TransformError` where a file cannot be read.
    func schemaSignature(
        of source: Source, key: PartitionKey, column: String, table: TableSnapshot?
    ) async throws -> String?

    /// Ends the session.
    func close() async
}

extension EngineSession {
    /// Runs a query without tables among its sources.
    public func rows(of query: Query, key: PartitionKey, column: String) async throws -> [Row] {
        try await rows(of: query, key: key, column: column, tables: [:])
    }
}

/// A query to be staged.
public struct StageRequest: Sendable {
    /// The query.
    public var query: Query
    /// The partition, bound as `$partition`, `$partition_start` and `$partition_end`.
    public var key: PartitionKey
    /// The partition column.
    public var column: String
    /// The absolute path of the folder for the files.
    public var directory: String
    /// How the files are written.
    public var parquet: ParquetOptions
    /// Keys and values for the footer of every file: who made it.
    public var provenance: [String: String]
    /// What the tables among the query's sources hold, by the sources' names.
    public var tables: [String: TableSnapshot]
    /// Whether the rows are measured while they are written.
    public var measures: Bool
    /// The batch of a source that the statement is to see; nil where it sees all of them.
    public var slice: BatchSlice?

    /// Creates a request.
    public init(
        query: Query, key: PartitionKey, column: String, directory: String, parquet: ParquetOptions,
        provenance: [String: String], tables: [String: TableSnapshot] = [:], measures: Bool = false,
        slice: BatchSlice? = nil
    ) {
        self.query = query
        self.key = key
        self.column = column
        self.directory = directory
        self.parquet = parquet
        self.provenance = provenance
        self.tables = tables
        self.measures = measures
        self.slice = slice
    }
}

/// What was staged.
public struct StagedResult: Sendable, Hashable {
    /// Rows in all files.
    public var rows: Int64
    /// Bytes of all files.
    public var bytes: Int64
    /// The files, absolute paths.
    public var files: [String]
    /// What the rows are in numbers; nil where they were not measured.
    public var statistics: PartitionStatistics?

    /// Creates a result.
    public init(rows: Int64, bytes: Int64, files: [String], statistics: PartitionStatistics? = nil) {
        self.rows = rows
        self.bytes = bytes
        self.files = files
        self.statistics = statistics
    }
}
