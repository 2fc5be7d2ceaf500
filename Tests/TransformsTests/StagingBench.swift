import DuckDBEngine
import Foundation
import Partitions
import TestSupport
import Testing
import Transforms

/// A session on the real engine with a folder for sources and one for staged files.
struct StagingBench {
    /// One engine for all tests, as a process has.
    static let engine = DuckDBSQLEngine(options: EngineOptions(threads: 2))

    let folder: TemporaryDirectory
    let session: any EngineSession
    let staging: String

    init(engine: DuckDBSQLEngine = StagingBench.engine) async throws {
        folder = try TemporaryDirectory()
        session = try await engine.openSession()
        staging = folder.appending("staging")
        try FileManager.default.createDirectory(atPath: staging, withIntermediateDirectories: true)
    }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let path = folder.appending(name)
        let parent = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    func request(
        _ query: Query, day: String = "2024-01-02", as granularity: Granularity = .day, column: String = "day",
        parquet: ParquetOptions = ParquetOptions(), provenance: [String: String] = [:], into directory: String? = nil
    ) throws -> StageRequest {
        StageRequest(
            query: query, key: try PartitionKey(parsing: day, as: granularity), column: column,
            directory: directory ?? staging, parquet: parquet, provenance: provenance)
    }

    func stage(_ sql: String, day: String = "2024-01-02", as granularity: Granularity = .day) async throws
        -> StagedResult
    {
        try await session.stage(try request(Query(sql), day: day, as: granularity))
    }

    /// Reads rows of an SQL query as text, values separated by bars.
    func read(_ sql: String) async throws -> [String] {
        let key = try PartitionKey(parsing: "2024-01-02", as: .day)
        return try await session.rows(of: Query(sql), key: key, column: "day").map { row in
            row.values.map { "\($0)" }.joined(separator: "|")
        }
    }

    /// Writes a Parquet file as somebody else does, with whatever columns.
    @discardableResult
    func copy(_ sql: String, to name: String) throws -> String {
        let path = name.hasPrefix("/") ? name : folder.appending(name)
        let connection = try StagingBench.database.get().connect()
        _ = try connection.run("COPY (\(sql)) TO '\(path)' (FORMAT parquet)", in: CancellationScope())
        return path
    }

    private static let database = Result {
        try Database(options: DatabaseOptions(threads: 1), environment: ProcessInfo.processInfo.environment)
    }

    /// What is in the staging folder.
    func stagedNames() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: staging).sorted()
    }

    /// The error with which a statement fails to be staged.
    func stagingError(_ query: Query, day: String = "2024-01-02") async throws -> TransformError {
        let request = try request(query, day: day)
        let error = await #expect(throws: TransformError.self) { try await session.stage(request) }
        return try #require(error)
    }
}
