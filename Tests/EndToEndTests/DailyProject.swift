import Foundation
import TestSupport

/// A copy of the example of a daily pipeline in Python, with sources and a ledger of its own.
final class DailyProject: Sendable {
    static let days = (1...5).map { "2024-01-0\($0)" }
    /// The day that the two sides fight for.
    static let day = "2024-01-03"

    private let directory: TemporaryDirectory
    private let database: String
    private let environment: [String: String?]

    init() async throws {
        directory = try TemporaryDirectory()
        let cluster = try await TestCluster.shared()
        database = try await cluster.freshDatabase()
        environment = ["REPROCESS_DATABASE_URL": cluster.conninfo(database: database)]
        let example = SharedData.packageDirectory + "/examples/daily-python"
        for name in ["reprocess.yaml", "claim.py", "daily.py", "transforms"] {
            try FileManager.default.copyItem(atPath: example + "/" + name, toPath: directory.appending(name))
        }
        let bronze = directory.appending("bronze")
        try FileManager.default.createDirectory(atPath: bronze, withIntermediateDirectories: false)
        for day in Self.days {
            let rows = (1...10).map { "\(day),\($0),\($0).00" }
            try (["order_date,order_id,amount"] + rows).joined(separator: "\n")
                .write(toFile: "\(bronze)/\(day).csv", atomically: false, encoding: .utf8)
        }
        // Judges what was staged, and keeps the pipeline waiting until a test lets it go.
        try write("judge", "#!/bin/sh\ntouch judged\nuntil [ -e go ]; do sleep 0.05; done\ntest -n \"$(ls \"$1\")\"\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.appending("judge"))
    }

    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: directory.appending(name), atomically: true, encoding: .utf8)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: directory.appending(name)) }

    /// Starts the daily pipeline.
    func startDaily(_ arguments: String...) throws -> RunningProcess {
        try RunningProcess(
            try PythonEnvironment.interpreter, ["daily.py", "--day", Self.day] + arguments, environment: environment,
            directory: directory.path)
    }

    /// Starts the daily pipeline, and waits until it has the day and its files are staged.
    func startDailyThatWaits(_ arguments: String...) async throws -> RunningProcess {
        let process = try RunningProcess(
            try PythonEnvironment.interpreter, ["daily.py", "--day", Self.day, "--check", "./judge"] + arguments,
            environment: environment, directory: directory.path)
        while !FileManager.default.fileExists(atPath: directory.appending("judged")) {
            guard !process.hasEnded else { throw TestSupportError("the pipeline ended: \(process.errorOutput)") }
            try await Task.sleep(for: .milliseconds(20))
        }
        return process
    }

    /// Starts the backfill, over all of the days where none is named.
    func startBackfill(_ arguments: String..., day: String? = nil, fault: String? = nil) throws -> RunningProcess {
        let range = day.map { ["--dates", $0] } ?? ["--from", Self.days[0], "--to", Self.days[4]]
        var environment = environment
        if let fault { environment["REPROCESS_FAULT"] = fault }
        return try RunningProcess(
            RunningProcess.built("reprocess"),
            ["run", "--json"] + range + arguments, environment: environment, directory: directory.path)
    }

    /// What `plan` says of the day.
    func plannedReason() async throws -> String? {
        let finished = try await FinishedProgram.run(
            RunningProcess.built("reprocess"), ["plan", "--from", Self.days[0], "--to", Self.days[4], "--json"],
            environment: environment, directory: directory.path)
        let plan: PlanDocument = try finished.json()
        return plan.partitions.first { $0.partition == Self.day }?.reason
    }

    /// The names of the day's files in the table.
    var files: [String] {
        let folder = directory.appending("lake/orders/order_date=\(Self.day)")
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    /// What is staged beside the table by pipelines.
    var staged: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: directory.appending("lake/orders.daily"))) ?? []
    }

    /// The rows of the day in the table and the sum of their amounts, as DuckDB reads them.
    func rowsOfDay() async throws -> String {
        let script = """
            import duckdb
            duckdb.sql("SET enable_progress_bar = false")
            print(*duckdb.sql("SELECT count(*), sum(amount_usd) FROM 'lake/orders/order_date=\(Self.day)/*.parquet'").fetchone())
            """
        return try await FinishedProgram.run(
            PythonEnvironment.interpreter, ["-c", script], environment: environment, directory: directory.path
        ).output.trimmingCharacters(in: .newlines)
    }

    /// The attempts at the day as `worker outcome`, oldest first; workers are `daily` or `backfill`.
    func attempts() async throws -> [String] {
        try await query(
            """
            SELECT CASE WHEN worker LIKE '%:daily' THEN 'daily ' ELSE 'backfill ' END || outcome
            FROM reprocess.attempt WHERE partition_key = '\(Self.day)' ORDER BY fence
            """
        ).map { $0[0] ?? "" }
    }

    /// Waits until the ledger answers a query with true.
    func wait(until condition: String) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while try await query("SELECT \(condition)") != [["t"]] {
            guard ContinuousClock.now < end else { throw TestSupportError("it never came true that \(condition)") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    @discardableResult
    func query(_ sql: String) async throws -> [[String?]] {
        try await TestCluster.shared().execute(sql, database: database)
    }
}
