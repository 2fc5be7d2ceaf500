import Foundation
import Partitions
import TestSupport
import Testing

/// A user's folder: a configuration, a transform and a bronze CSV file for each day, with a ledger of its own on the
/// test server.
///
/// Each day has ten orders; a transform adds a column, so that sums tell which version of it a partition holds.
final class Project: Sendable {
    let directory: TemporaryDirectory
    let schema: String
    let conninfo: String
    /// What is started: `reprocess`, or a program with jobs in Swift.
    let program: String

    init(
        days: ClosedRange<String> = "2024-01-01"..."2024-01-10", transform: String = Project.fixedTransform,
        configuration: String? = nil, format: TableFormat = .hive, program: String = "reprocess"
    ) async throws {
        self.program = program
        let cluster = try await TestCluster.shared()
        directory = try TemporaryDirectory()
        schema = cluster.freshSchema()
        conninfo = cluster.conninfo
        try write("reprocess.yaml", configuration ?? Project.configuration(schema: schema, format: format))
        try write("transforms/orders.sql", transform)
        for key in try Project.keys(days) { try writeBronze(key) }
    }

    static let fixedTransform = """
        SELECT order_date::DATE AS order_date, order_id::BIGINT AS order_id, amount::DECIMAL(12, 2) AS amount,
            round(amount::DECIMAL(12, 2) * 1.10, 2) AS amount_usd
        FROM source
        """

    static func configuration(
        schema: String, extra: String = "", format: TableFormat = .hive, every: String = "day", target: String = ""
    ) -> String {
        """
        schema: \(schema)
        jobs:
          orders:
            partition: { column: order_date, every: \(every) }
            source: { path: bronze/%Y-%m-%d.csv, format: csv }
            target: { path: lake/orders, format: \(format.rawValue)\(target) }
            transform: transforms/orders.sql
        \(extra)
        """
    }

    static func keys(_ days: ClosedRange<String>) throws -> PartitionRange {
        try PartitionRange(
            from: PartitionKey(parsing: days.lowerBound, as: .day),
            through: PartitionKey(parsing: days.upperBound, as: .day))
    }

    var path: String { directory.path }

    func write(_ name: String, _ text: String) throws {
        let path = directory.appending(name)
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: directory.appending(name)) }

    /// Ten orders of one, two … ten units of money, all on the day.
    func writeBronze(_ key: PartitionKey, orders: ClosedRange<Int> = 1...10, day: PartitionKey? = nil) throws {
        let rows = orders.map { "\(day ?? key),\($0),\($0).00" }
        try write("bronze/\(key).csv", (["order_date,order_id,amount"] + rows).joined(separator: "\n") + "\n")
    }

    /// Starts the program in the folder.
    func start(
        _ arguments: [String], environment: [String: String?] = [:],
        attachment: RunningProcess.Attachment = .pipes
    ) throws -> RunningProcess {
        var environment = environment
        if environment["REPROCESS_DATABASE_URL"] == nil { environment["REPROCESS_DATABASE_URL"] = conninfo }
        return try RunningProcess(
            RunningProcess.built(program), arguments, environment: environment, directory: path,
            attachment: attachment)
    }

    /// What a finished command left behind.
    struct Finished: CustomStringConvertible {
        let code: Int32
        let output: String
        let errors: String
        var description: String { "exit \(code)\n--- stdout\n\(output)\n--- stderr\n\(errors)" }
    }

    /// Runs the program in the folder to its end.
    func run(_ arguments: String..., environment: [String: String?] = [:]) async throws -> Finished {
        let process = try start(arguments, environment: environment)
        try process.closeInput()
        switch try await process.wait(timeout: .seconds(120)) {
        case .exited(let code): return Finished(code: code, output: process.output, errors: process.errorOutput)
        case .signalled(let signal): throw TestSupportError("ended by signal \(signal)\n\(process.errorOutput)")
        }
    }

    /// The ledger's rows as `key status`, by key.
    func ledger() async throws -> [String] {
        try await query("SELECT partition_key || ' ' || status FROM \(schema).partition_progress ORDER BY 1")
            .map { $0[0] ?? "" }
    }

    /// Rows of a query on the test server.
    @discardableResult
    func query(_ sql: String) async throws -> [[String?]] { try await TestCluster.shared().execute(sql) }

    /// The names of the partitions in the lake.
    func partitions(of table: String = "lake/orders") -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory.appending(table))) ?? []).sorted()
    }

    /// Every file below the folder, relative, sorted.
    func files(below name: String) -> [String] {
        let base = directory.appending(name)
        let all = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
        return all.filter { path in
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(atPath: base + "/" + path, isDirectory: &isDirectory)
                && !isDirectory.boolValue
        }.sorted()
    }
}
