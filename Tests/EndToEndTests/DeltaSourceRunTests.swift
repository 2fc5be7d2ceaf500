import Foundation
import TestSupport
import Testing

/// A job that reads a Delta table, from the plan to what the ledger keeps of it.
@Suite struct DeltaSourceRunTests {
    private static func configuration(_ schema: String, _ source: String) -> String {
        """
        schema: \(schema)
        jobs:
          orders:
            partition: { column: order_date, every: day }
            \(source)
            target: { path: lake/orders, format: hive }
            transform: transforms/orders.sql
            run: { settle: 0s }
        """
    }

    private func project(_ source: String = "source: { path: bronze/orders, format: delta }") async throws -> Project {
        let project = try await Project(days: "2024-01-01"..."2024-01-01", transform: Project.fixedTransform)
        try project.write("reprocess.yaml", Self.configuration(project.schema, source))
        return project
    }

    /// Ten orders a day, as deltalake writes them.
    private func write(_ project: Project, _ days: String..., mode: String = "append", more: String = "") async throws {
        try await python(
            """
            import datetime, os, sys
            import pyarrow as pa
            from deltalake import DeltaTable, write_deltalake
            path = sys.argv[1]
            for day in sys.argv[2:]:
                n = 10
                rows = pa.table({
                    "order_id": pa.array(range(1, n + 1), pa.int64()), "amount": pa.array(range(1, n + 1), pa.float64()),
                    "order_date": pa.array([datetime.date.fromisoformat(day)] * n, pa.date32())})
                write_deltalake(path, rows, mode="\(mode)", partition_by=["order_date"])
            \(more)
            sys.stdout.flush()
            os._exit(0)
            """, [project.directory.appending("bronze/orders")] + days)
    }

    private func python(_ script: String, _ arguments: [String]) async throws {
        let process = try RunningProcess(try PythonEnvironment.interpreter, ["-c", script] + arguments)
        let end = try await process.wait(timeout: .seconds(300))
        try #require(end == .exited(0), "\(process.errorOutput)")
    }

    private func json(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func `Each day is made from its rows, and the ledger says from which version`() async throws {
        let project = try await project()
        try await write(project, "2024-01-01", "2024-01-02", "2024-01-03")
        let run = try await project.run("--from", "2024-01-01", "--to", "2024-01-03")
        #expect(run.code == 0, "\(run)")
        #expect(try await project.sumOfAmounts() == "181.50")
        let explained = try await project.run("explain", "2024-01-02")
        #expect(explained.output.contains("read version 2 of bronze/orders"), "\(explained)")

        // A later version is what a later attempt reads.
        try await write(project, "2024-01-02")
        let again = try await project.run("run", "--dates", "2024-01-02", "--only", "all", "--rewrite")
        #expect(again.code == 0, "\(again)")
        #expect(try await project.sumOfAmounts() == "242.00")
        let history = try json(try await project.run("explain", "2024-01-02", "--json").output)
        let attempts = try #require(history["attempts"] as? [[String: Any]])
        #expect(attempts.map { ($0["source_versions"] as? [String: Int])?.values.first } == [2, 3])
    }

    @Test func `A day that the table does not have fails alone`() async throws {
        let project = try await project()
        try await write(project, "2024-01-01", "2024-01-03")
        let run = try await project.run("--from", "2024-01-01", "--to", "2024-01-03")
        #expect(run.code == 1, "\(run)")
        #expect(run.errors.contains("has no files where order_date is 2024-01-02"), "\(run)")
        #expect(project.partitions() == ["order_date=2024-01-01", "order_date=2024-01-03"])
    }

    @Test func `Two sources of one table are read in one version`() async throws {
        let project = try await project(
            """
            sources:
                  days: { path: bronze/orders, format: delta }
                  everything: { path: bronze/orders, format: delta, rows: all }
            """)
        try project.write(
            "transforms/orders.sql",
            "SELECT order_date, order_id, amount, (SELECT count(*) FROM everything) * 1.0 AS amount_usd FROM days")
        try await write(project, "2024-01-01", "2024-01-02")
        #expect(try await project.run("--from", "2024-01-01", "--to", "2024-01-02").code == 0)
        #expect(try await project.sumOfAmounts() == "400.0")
        let versions = try await project.query("SELECT DISTINCT source_versions::text FROM \(project.schema).attempt")
        #expect(versions.count == 1 && versions[0][0]?.contains("bronze/orders\": 1") == true, "\(versions)")
    }

    @Test func `What cannot be read is refused before anything is claimed`() async throws {
        let project = try await project()
        for arguments in [["plan"], ["run"]] {
            let refused = try await project.finished(arguments + ["--from", "2024-01-01", "--to", "2024-01-03"])
            #expect(refused.code == 2 && refused.errors.contains("is no Delta table"), "\(refused)")
        }
        let doctor = try await project.run("doctor", "--from", "2024-01-01", "--to", "2024-01-01")
        #expect(doctor.code == 2 && (doctor.output + doctor.errors).contains("is no Delta table"), "\(doctor)")

        let feature =
            #"{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["variantType"],"writerFeatures":["variantType"]}}"#
        try await write(project, "2024-01-01")
        try project.write("bronze/orders/_delta_log/00000000000000000001.json", feature + "\n")
        let run = try await project.run("--from", "2024-01-01", "--to", "2024-01-03")
        #expect(run.code == 2 && run.errors.contains("the table feature variantType"), "\(run)")
        #expect(try await project.ledger().isEmpty)
    }

    @Test(.enabled(if: SharedData.path != nil, "the golden tables are not there"))
    func `Deletion vectors are read by DuckDB's extension, and without it nothing is guessed`() async throws {
        let project = try await project("source: { path: bronze/vectors, format: delta, rows: all }")
        try project.write("transforms/orders.sql", "SELECT part, col1, col2 FROM source")
        let golden = try #require(SharedData.path) + "/delta_golden/dv-partitioned-with-checkpoint"
        try FileManager.default.createDirectory(
            atPath: project.directory.appending("bronze"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: golden, toPath: project.directory.appending("bronze/vectors"))

        // DuckDB itself from where it is, and its extensions from where none are.
        let environment = ProcessInfo.processInfo.environment
        let data = environment["XDG_DATA_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        let home = (data ?? NSHomeDirectory() + "/.local/share") + "/reprocess/duckdb/1.5.5"
        let library = try #require(
            try FileManager.default.contentsOfDirectory(atPath: home).first { $0.hasPrefix("_duckdb") })
        let poor = try await project.run(
            "run", "--dates", "2024-01-01",
            environment: ["DUCKDB_LIBRARY": home + "/" + library, "XDG_DATA_HOME": project.directory.appending("none")])
        #expect(poor.code == 1 && poor.errors.contains("uses deletion vectors"), "\(poor)")
        #expect(poor.errors.contains("Run scripts/setup"), "\(poor)")
        #expect(project.partitions().isEmpty)

        #expect(try await project.run("retry", "--dates", "2024-01-01").code == 0)
        let rows = try await project.query("SELECT rows_written FROM \(project.schema).partition_progress")
        #expect(rows == [["35"]])
    }

    @Test func `The doctor tells the version that a run would read`() async throws {
        let project = try await project()
        try await write(project, "2024-01-01", "2024-01-02")
        let good = try await project.run("doctor", "--from", "2024-01-01", "--to", "2024-01-02")
        #expect(good.code == 0 && good.output.contains("1 file, version 1 of the table"), "\(good)")
        let bad = try await project.run("doctor", "--from", "2024-01-01", "--to", "2024-01-03")
        #expect(bad.code == 2 && bad.output.contains("has no files where order_date is 2024-01-03"), "\(bad)")
    }
}

extension Project {
    fileprivate func finished(_ arguments: [String]) async throws -> Finished {
        let process = try start(arguments)
        try process.closeInput()
        switch try await process.wait(timeout: .seconds(120)) {
        case .exited(let code): return Finished(code: code, output: process.output, errors: process.errorOutput)
        case .signalled(let signal): throw TestSupportError("ended by signal \(signal)")
        }
    }
}
