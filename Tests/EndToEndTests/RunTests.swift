import Foundation
import Partitions
import TestSupport
import Testing

/// What a user does with a range, from the first plan to the last retry.
@Suite struct RunTests {
    private let january = ["--from", "2024-01-01", "--to", "2024-01-10"]

    private func json(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private func lastEvent(_ output: String) throws -> [String: Any] {
        try json(String(try #require(output.split(separator: "\n").last)))
    }

    @Test func `A range is planned, run, and skipped the second time`() async throws {
        let project = try await Project()
        let plan = try json(
            try await project.run("plan", "--from", "2024-01-01", "--to", "2024-01-10", "--json").output)
        #expect((plan["partitions"] as? [[String: Any]])?.count == 10)
        #expect((plan["partitions"] as? [[String: Any]])?.allSatisfy { $0["action"] as? String == "run" } == true)
        #expect(project.partitions().isEmpty)

        let first = try await project.run("run", "--from", "2024-01-01", "--to", "2024-01-10", "--json")
        #expect(first.code == 0, "\(first)")
        #expect(try lastEvent(first.output)["event"] as? String == "finished")
        #expect(try lastEvent(first.output)["complete"] as? Int == 10)
        #expect(project.partitions().count == 10)

        let files = project.files(below: "lake/orders")
        let second = try await project.run("run", "--from", "2024-01-01", "--to", "2024-01-10", "--json")
        #expect(second.code == 0, "\(second)")
        #expect(try lastEvent(second.output)["skipped"] as? Int == 10)
        #expect(try lastEvent(second.output)["complete"] as? Int == 0)
        #expect(project.files(below: "lake/orders") == files)
    }

    @Test func `The fixed transform replaces every partition once`() async throws {
        let project = try await Project(transform: Project.fixedTransform.replacing("1.10", with: "9.99"))
        #expect(try await project.run("--from", "2024-01-01", "--to", "2024-01-10").code == 0)
        #expect(try await project.sumOfAmounts() == "5494.50")
        try project.write("transforms/orders.sql", Project.fixedTransform)
        let plan = try await project.run("plan", "--from", "2024-01-01", "--to", "2024-01-10", "--json")
        #expect(plan.output.contains("stale transform"), "\(plan)")
        #expect(try await project.run("--from", "2024-01-01", "--to", "2024-01-10").code == 0)
        #expect(try await project.sumOfAmounts() == "605.00")
        let attempts = try await project.query("SELECT count(*), count(DISTINCT fence) FROM \(project.schema).attempt")
        #expect(attempts.first?[0] == "20")
    }

    @Test func `A partition marked COMPLETE by hand is skipped`() async throws {
        let project = try await Project()
        _ = try await project.run("status")
        try await project.query(
            "INSERT INTO \(project.schema).partition_progress (job, partition_key, status) "
                + "VALUES ('orders', '2024-01-05', 'COMPLETE')")
        #expect(try await project.run("--from", "2024-01-01", "--to", "2024-01-10").code == 0)
        #expect(project.partitions().count == 9)
        #expect(!project.partitions().contains("order_date=2024-01-05"))
    }

    @Test func `Failed days are retried alone once their source is back`() async throws {
        let project = try await Project()
        let keys = try Project.keys("2024-01-01"..."2024-01-10")
        try project.remove("bronze/2024-01-03.csv")
        try project.remove("bronze/2024-01-07.csv")
        let run = try await project.run("--from", "2024-01-01", "--to", "2024-01-10")
        #expect(run.code == 1, "\(run)")
        #expect(run.errors.contains("retry"), "\(run)")
        for key in keys { try project.writeBronze(key) }
        let retry = try await project.run("retry", "--from", "2024-01-01", "--to", "2024-01-10", "--json")
        #expect(retry.code == 0, "\(retry)")
        #expect(try lastEvent(retry.output)["complete"] as? Int == 2)
        #expect(try await project.ledger().allSatisfy { $0.hasSuffix("COMPLETE") })
        let explained = try await project.run("explain", "2024-01-03")
        #expect(explained.code == 0)
        #expect((explained.output + explained.errors).contains("FAILED"), "\(explained)")
        #expect((explained.output + explained.errors).contains("COMPLETE"), "\(explained)")
    }

    @Test func `Retries with backoff reach a source that comes late`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-02")
        try project.remove("bronze/2024-01-02.csv")
        let process = try project.start(
            ["run", "--from", "2024-01-01", "--to", "2024-01-02", "--retries", "5", "--json"])
        try await process.wait(untilOutputContains: "\"retrying\"")
        let keys = try Project.keys("2024-01-02"..."2024-01-02")
        try project.writeBronze(keys[keys.startIndex])
        #expect(try await process.wait() == .exited(0), "\(process.errorOutput)")
        #expect(try await project.ledger() == ["2024-01-01 COMPLETE", "2024-01-02 COMPLETE"])
    }

    @Test func `A limited process leaves the rest to others`() async throws {
        let project = try await Project()
        let limited = try await project.run(
            "run", "--from", "2024-01-01", "--to", "2024-01-10", "--max-partitions", "3", "--order", "newest", "--json")
        #expect(try lastEvent(limited.output)["complete"] as? Int == 3, "\(limited)")
        #expect(
            project.partitions() == ["order_date=2024-01-08", "order_date=2024-01-09", "order_date=2024-01-10"])
        #expect(try await project.run("--from", "2024-01-01", "--to", "2024-01-10").code == 0)
        #expect(project.partitions().count == 10)
    }

    @Test func `Dates and exclusions choose partitions`() async throws {
        let project = try await Project()
        let listed = try await project.run("run", "--dates", "2024-01-02,2024-01-05..2024-01-06")
        #expect(listed.code == 0, "\(listed)")
        #expect(project.partitions().count == 3)
        let excluded = try await project.run(
            "run", "--from", "2024-01-01", "--to", "2024-01-04", "--exclude", "2024-01-03")
        #expect(excluded.code == 0, "\(excluded)")
        #expect(!project.partitions().contains("order_date=2024-01-03"))
        #expect(project.partitions().count == 5)
    }

    @Test func `A dry run changes nothing`() async throws {
        let project = try await Project()
        let dry = try await project.run("run", "--from", "2024-01-01", "--to", "2024-01-10", "--dry-run")
        #expect(dry.code == 0, "\(dry)")
        #expect(project.partitions().isEmpty)
        #expect(try await project.ledger().isEmpty)
    }

    @Test func `Split prints commands that cover the range`() async throws {
        let project = try await Project()
        let split = try await project.run("split", "3", "--from", "2024-01-01", "--to", "2024-01-10")
        #expect(split.code == 0, "\(split)")
        let commands = split.output.split(separator: "\n").filter { $0.contains("--from") }
        #expect(commands.count == 3)
        for command in commands {
            let words = command.split(separator: " ").map(String.init)
            let arguments = Array(words.drop { !$0.hasPrefix("run") && !$0.hasPrefix("--") })
            let process = try project.start(arguments)
            try process.closeInput()
            #expect(try await process.wait() == .exited(0), "\(process.errorOutput)")
        }
        #expect(project.partitions().count == 10)
    }

    @Test func `Status tells the counts as JSON and nothing else`() async throws {
        let project = try await Project()
        try project.remove("bronze/2024-01-03.csv")
        _ = try await project.run("--from", "2024-01-01", "--to", "2024-01-10")
        let status = try await project.run("status", "--json")
        #expect(status.code == 0, "\(status)")
        let counts = try #require(try json(status.output)["counts"] as? [String: Int])
        #expect(counts["COMPLETE"] == 9)
        #expect(counts["FAILED"] == 1)
        #expect(Set(counts.keys) == ["PENDING", "RUNNING", "HELD", "COMPLETE", "FAILED", "CANCELLED"])
    }

    @Test func `The embedded ledger needs no server, and leaves none`() async throws {
        let project = try await Project()
        var none: [String: String?] = [:]
        for name in ["REPROCESS_DATABASE_URL", "PGHOST", "PGDATABASE", "PGSERVICE"] { none[name] = .some(.none) }
        for _ in 1...2 {
            let process = try RunningProcess(
                RunningProcess.built("reprocess"), january, environment: none, directory: project.path)
            try process.closeInput()
            #expect(try await process.wait(timeout: .seconds(120)) == .exited(0), "\(process.errorOutput)")
        }
        #expect(project.partitions().count == 10)
        #expect(FileManager.default.fileExists(atPath: project.directory.appending(".reprocess/postgres")))
    }

    @Test func `init makes a project that runs as it is`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-01")
        let empty = try TemporaryDirectory(in: project.path)
        func command(_ arguments: [String]) async throws -> RunningProcess {
            let process = try RunningProcess(
                RunningProcess.built("reprocess"), arguments,
                environment: ["REPROCESS_DATABASE_URL": project.conninfo], directory: empty.path)
            try process.closeInput()
            try await process.wait()
            return process
        }
        let made = try await command(["init"])
        #expect(try await made.wait() == .exited(0), "\(made.errorOutput)")
        let next = try #require((made.errorOutput + made.output).firstMatch(of: /--from (\S+) --to (\S+)/))
        let ran = try await command(["run", "--from", String(next.1), "--to", String(next.2)])
        #expect(try await ran.wait() == .exited(0), "\(ran.errorOutput)")
        let again = try await command(["init"])
        #expect(try await again.wait() == .exited(2), "\(again.errorOutput)")
    }
}

extension Project {
    /// The sum of all converted amounts, read by another engine.
    func sumOfAmounts() async throws -> String {
        let script = """
            import sys, duckdb
            print(duckdb.sql(f"SELECT sum(amount_usd) FROM read_parquet('{sys.argv[1]}/*/*.parquet')").fetchone()[0])
            """
        let python = try RunningProcess(
            try PythonEnvironment.interpreter, ["-c", script, directory.appending("lake/orders")])
        try await python.wait()
        return python.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
