import Foundation
import PartitionBackfill
import TestSupport

@testable import ReprocessCLI

/// The starter project with a ledger of its own, whose transform is changed as a user would change it.
struct OrdersProject: Sendable {
    static let range = ["--from", "2024-01-01", "--to", "2024-01-07"]

    let directory: TemporaryDirectory
    private let environment: [String: String]

    init() async throws {
        let cluster = try await TestCluster.shared()
        directory = try TemporaryDirectory()
        environment = ["REPROCESS_DATABASE_URL": cluster.conninfo(database: try await cluster.freshDatabase())]
        _ = try await run(["init"])
    }

    func run(
        _ words: [String], stop: StopSignal = StopSignal(), terminal: Int32? = nil
    ) async throws -> CapturedProgram.Result {
        try await CapturedProgram.run(
            words, in: directory.path, environment: environment, stop: stop, terminal: terminal)
    }

    func run(_ words: String...) async throws -> CapturedProgram.Result { try await run(words) }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: directory.appending(name)))
    }

    /// Makes the table, by the transform that the project begins with.
    static func done() async throws -> OrdersProject {
        let project = try await OrdersProject()
        _ = try await project.run(["run"] + range)
        return project
    }

    /// Writes a transform with another rate, and without the orders of some days.
    func change(rate: String, without days: [String] = []) throws {
        let conditions = days.map { "order_date <> DATE '\($0)'" }
        let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        try write(
            "SELECT order_id, customer, order_date, amount_eur, round(amount_eur * \(rate), 2) AS amount_usd "
                + "FROM source\(filter)\n", to: StarterProject.transformPath)
    }

    /// The last line of output as an object.
    func json(_ words: [String]) async throws -> (code: ExitCode, object: [String: Any]) {
        let result = try await run(words + ["--json"])
        return (result.code, try Self.lastObject(of: result.output))
    }

    static func lastObject(of output: String) throws -> [String: Any] {
        let line = output.split(separator: "\n").last.map(String.init) ?? "{}"
        return try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
    }
}
