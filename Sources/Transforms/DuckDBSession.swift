internal import BlockingWork
internal import DuckDBEngine
internal import Partitions
internal import Synchronization

/// One connection to DuckDB with a thread of its own.
final class DuckDBSession: EngineSession {
    let instance: DuckDBInstance
    private let connection: Mutex<Connection?>
    private let thread: BlockingThread

    init(instance: DuckDBInstance, connection: Connection, thread: BlockingThread) {
        self.instance = instance
        self.connection = Mutex(connection)
        self.thread = thread
    }

    func check(_ query: Query) async throws {
        try await perform { try $0.check(query) }
    }

    func stage(_ request: StageRequest) async throws -> StagedResult {
        try await instance.slots.run { try await perform { try $0.stage(request) } }
    }

    func cuts(_ request: BatchCutRequest) async throws -> BatchCuts {
        try await instance.slots.run { try await perform { try $0.cuts(request) } }
    }

    func rows(
        of query: Query, key: PartitionKey, column: String, tables: [String: TableSnapshot]
    ) async throws -> [Row] {
        try await perform { try $0.rows(of: query, key: key, column: column, tables: tables) }
    }

    func append(_ rows: [[Value]], columns: [ValueColumn], to relation: String) async throws {
        try await perform { try $0.append(rows, columns: columns, to: relation) }
    }

    func drop(_ relation: String) async throws {
        try await perform { try $0.drop(relation) }
    }

    func countRows(inParquetFiles files: [String]) async throws -> Int64 {
        try await perform { try $0.countRows(inParquetFiles: files) }
    }

    func footers(ofParquetFiles files: [String]) async throws -> [String: ParquetReading] {
        try await perform { try $0.footers(ofParquetFiles: files) }
    }

    func readEverything(
        inParquetFile file: String, key: PartitionKey, column: String
    ) async throws -> ParquetReading {
        try await perform { try $0.readEverything(inParquetFile: file, key: key, column: column) }
    }

    func measure(_ request: MeasureRequest) async throws -> PartitionStatistics {
        try await instance.slots.run { try await perform { try $0.measure(request) } }
    }

    func refuseOutside(inParquetFiles files: [String], key: PartitionKey, column: String) async throws {
        try await perform { try $0.refuseOutside(inParquetFiles: files, key: key, column: column) }
    }

    func audit(_ request: AuditRequest) async throws -> [AuditFinding] {
        guard !request.audits.isEmpty else { return [] }
        return try await instance.slots.run { try await perform { try $0.audit(request) } }
    }

    func compare(_ request: RowComparisonRequest) async throws -> RowComparison {
        try await instance.slots.run { try await perform { try $0.compare(request) } }
    }

    func schemaSignature(
        of source: Source, key: PartitionKey, column: String, table: TableSnapshot?
    ) async throws -> String? {
        try await perform { try $0.schemaSignature(of: source, key: key, column: column, table: table) }
    }

    func close() async {
        connection.withLock { $0 = nil }
    }

    /// Runs work on the session's thread; cancelling the task interrupts the statement in progress.
    private func perform<Result: Sendable>(
        _ body: @Sendable (DuckDBWork) throws -> Result
    ) async throws -> Result {
        guard let connection = connection.withLock({ $0 }) else {
            throw TransformError(.misuse, "The session was closed before its work was done.")
        }
        let scope = CancellationScope()
        let work = DuckDBWork(instance: instance, connection: connection, scope: scope)
        let meter = EngineMeter.current
        return try await withTaskCancellationHandler {
            do {
                return try await thread.run { try meter?.measure { try body(work) } ?? body(work) }
            } catch  where scope.isCancelled {
                // Whatever the interrupted statement complained about, the reason was the cancellation.
                throw CancellationError()
            }
        } onCancel: {
            scope.cancel()
        }
    }
}
