import DuckDBEngine
import FaultPoints
import Foundation
import Lakehouse
import Partitions
import TestSupport

/// A Delta table in a folder of its own, and the files that tests put into it.
struct DeltaSample {
    /// The first day of 2024.
    static let key = PartitionKey(granularity: .day, ordinal: 19_723)

    /// Three rows of two columns.
    static let query = "SELECT i AS v, 'n' || i AS name FROM range(3) t(i)"

    let folder: TemporaryDirectory
    var root: String { folder.appending("orders") }
    var log: String { root + "/_delta_log" }
    var sibling: String { root + ".reprocess" }
    var held: String { sibling + "/held/2024-01-01" }
    var attempts: String { sibling + "/staging/2024-01-01" }

    init(in parent: String? = nil) throws {
        folder = try TemporaryDirectory(in: parent)
    }

    func table(
        every granularity: Granularity = .day, _ body: @escaping @Sendable (FaultPoint) throws -> Void = { _ in }
    ) throws -> DeltaTable {
        try DeltaTable(path: root, column: "order_date", every: granularity, faults: FaultInjector(body))
    }

    /// Begins, stages one file and publishes.
    @discardableResult
    func publish(
        _ fence: Int64, of table: DeltaTable? = nil, _ key: PartitionKey = key, rows: Int64 = 3, query: String = query
    ) throws -> PublishOutcome {
        let table = try table ?? self.table()
        let staging = try table.begin(key, writer: .attempt(fence))
        try DeltaSample.stage(staging, query)
        return try table.publish(staging, rows: rows)
    }

    static func stage(_ staging: Staging, _ query: String = query, as name: String = "data.parquet") throws {
        try write(query, to: staging.directory + "/" + name)
    }

    /// Writes the result of a query into a Parquet file.
    static func write(_ query: String, to path: String) throws {
        let connection = try database.get().connect()
        _ = try connection.run("COPY (\(query)) TO '\(path)' (FORMAT parquet)", in: CancellationScope())
    }

    private static let database = Result {
        try Database(options: DatabaseOptions(threads: 1), environment: ProcessInfo.processInfo.environment)
    }

    /// The actions of an entry, as JSON objects.
    func actions(of version: Int) throws -> [[String: Any]] {
        let text = try String(contentsOfFile: log + "/" + String(format: "%020d.json", version), encoding: .utf8)
        return try text.split(separator: "\n").map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        }
    }

    /// The versions that have an entry.
    var versions: [Int64] {
        DeltaSample.names(in: log).compactMap { $0.hasSuffix(".json") ? Int64($0.dropLast(5)) : nil }
    }

    /// What a program other than ours does.
    func other(_ action: String, _ arguments: String...) async throws {
        _ = try await Python.run("other_writer.py", [root, action] + arguments)
    }

    /// The names in a folder, sorted; none where there is no folder.
    static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    /// Everything below a folder.
    static func paths(below folder: String) -> [String] {
        (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).sorted()
    }

    /// The data files in the table's folder, live or not.
    var dataFiles: [String] { DeltaSample.paths(below: root).filter { $0.hasSuffix(".parquet") && !$0.hasPrefix("_") } }
}

/// A table as independent readers see it.
struct ReadTable: Decodable {
    struct Commit: Decodable, Equatable {
        let operation: String?
        let engine: String?
        let txn: String?
    }

    let version: Int64
    let columns: [String]
    let deltalake: [[String?]]
    let duckdb: [[String?]]
    let history: [Commit]
    let files: Int
    let skipping: Int?
    let full: Int?
    let pruned: Int?
    let fullInArrow: Int?

    static func read(_ sample: DeltaSample, where condition: String? = nil) async throws -> ReadTable {
        let output = try await Python.run("read_table.py", [sample.root] + (condition.map { [$0] } ?? []))
        return try JSONDecoder().decode(ReadTable.self, from: output)
    }

    /// The values of one column, where another column has a value.
    func values(_ column: String, where other: String, is value: String) -> [String?] {
        guard let index = columns.firstIndex(of: column), let key = columns.firstIndex(of: other) else { return [] }
        return deltalake.filter { $0[key] == value }.map { $0[index] }
    }
}

extension Writer {
    /// The attempt of a fence, always with the same claim id.
    static func attempt(_ fence: Int64) -> Writer {
        let digits = String(fence)
        let text = "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
        return Writer(fence: fence, claimID: UUID(uuidString: text) ?? UUID())
    }

    /// The attempt as it stands in names.
    var text: String { String(format: "%020lld-", fence) + claimID.uuidString.lowercased() }
}

extension PublishOutcome {
    var generation: Generation? {
        if case .published(let generation) = self { generation } else { nil }
    }
}
