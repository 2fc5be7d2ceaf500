import Foundation
import Partitions
import TestSupport
import Testing

/// Each mistake gets a sentence that names it, the right exit code, and changes nothing.
@Suite struct BadInputTests {
    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var arguments: [String]
        var code: Int32
        var message: String
    }

    @Test(arguments: [
        Case(
            testDescription: "no such date", arguments: ["--from", "2024-02-30", "--to", "2024-03-01"], code: 64,
            message: "'2024-02-30' is not a date of the calendar"),
        Case(
            testDescription: "no leading zeros", arguments: ["--from", "2024-6-1", "--to", "2024-06-02"], code: 64,
            message: "Did you mean '2024-06-01'?"),
        Case(
            testDescription: "from after to", arguments: ["--from", "2024-06-30", "--to", "2024-01-01"], code: 64,
            message: "from '2024-06-30' lies after to '2024-01-01'"),
        Case(
            testDescription: "no range", arguments: ["run"], code: 64, message: "--from"),
        Case(
            testDescription: "misspelt option", arguments: ["run", "--form", "2024-01-01", "--to", "2024-01-02"],
            code: 64, message: "--from"),
        Case(
            testDescription: "misspelt command", arguments: ["statsu"], code: 64, message: "status"),
        Case(
            testDescription: "misspelt job", arguments: ["run", "order", "--from", "2024-01-01", "--to", "2024-01-02"],
            code: 64, message: "orders"),
        Case(
            testDescription: "no workers",
            arguments: ["--from", "2024-01-01", "--to", "2024-01-02", "--workers", "0"], code: 64, message: "--workers"),
        Case(
            testDescription: "no number of workers",
            arguments: ["--from", "2024-01-01", "--to", "2024-01-02", "--workers", "many"], code: 64, message: "many"),
        Case(
            testDescription: "missing configuration",
            arguments: ["--config", "nowhere.yaml", "--from", "2024-01-01", "--to", "2024-01-02"], code: 2,
            message: "nowhere.yaml"),
    ])
    func `A wrong command line`(example: Case) async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-02")
        let process = try project.start(example.arguments)
        try process.closeInput()
        #expect(try await process.wait() == .exited(example.code))
        #expect(process.errorOutput.contains(example.message), "\(process.errorOutput)")
        #expect(process.output.isEmpty)
        #expect(project.partitions().isEmpty)
    }

    struct Configuration: CustomTestStringConvertible {
        var testDescription: String
        var yaml: String
        var messages: [String]
    }

    @Test(arguments: [
        Configuration(
            testDescription: "unknown key",
            yaml: """
                jobs:
                  orders:
                    partition: { column: order_date, evry: day }
                """, messages: ["reprocess.yaml:3", "evry", "every"]),
        Configuration(
            testDescription: "no YAML", yaml: "jobs:\n  orders: [unclosed\n  x: y\n",
            messages: ["reprocess.yaml:"]),
        Configuration(
            testDescription: "a missing transform",
            yaml: """
                jobs:
                  orders:
                    partition: { column: order_date, every: day }
                    source: { path: bronze/%Y-%m-%d.csv, format: csv }
                    target: { path: lake/orders, format: hive }
                    transform: transforms/nowhere.sql
                """, messages: ["transforms/nowhere.sql"]),
        Configuration(
            testDescription: "an undefined variable",
            yaml: """
                jobs:
                  orders:
                    partition: { column: order_date, every: day }
                    source: { path: "${NO_SUCH_VARIABLE_HERE}/%Y-%m-%d.csv", format: csv }
                    target: { path: lake/orders, format: hive }
                    transform: transforms/orders.sql
                """, messages: ["NO_SUCH_VARIABLE_HERE"]),
    ])
    func `A wrong configuration`(example: Configuration) async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-02", configuration: example.yaml)
        let finished = try await project.run("--from", "2024-01-01", "--to", "2024-01-02")
        #expect(finished.code == 2, "\(finished)")
        for message in example.messages { #expect(finished.errors.contains(message), "\(finished)") }
        #expect(project.partitions().isEmpty)
    }

    @Test(arguments: ["plan", "run", "doctor"])
    func `A syntax error in the transform is found before any work`(command: String) async throws {
        let project = try await Project(
            days: "2024-01-01"..."2024-01-02", transform: "SELECT order_date,\n    order_id\nFORM source\n")
        let range = command == "doctor" ? [] : ["--from", "2024-01-01", "--to", "2024-01-02"]
        let process = try project.start([command] + range)
        try process.closeInput()
        #expect(try await process.wait() == .exited(2))
        let text = process.errorOutput + process.output
        #expect(text.contains("transforms/orders.sql:3"), "\(text)")
        #expect(text.contains("syntax error"), "\(text)")
        #expect(project.partitions().isEmpty)
    }

    @Test func `A day without a source fails and the others go on`() async throws {
        let project = try await Project()
        try project.remove("bronze/2024-01-04.csv")
        let finished = try await project.run("--from", "2024-01-01", "--to", "2024-01-10")
        #expect(finished.code == 1, "\(finished)")
        #expect(finished.errors.contains("2024-01-04.csv"), "\(finished)")
        let ledger = try await project.ledger()
        #expect(ledger.filter { $0.hasSuffix("COMPLETE") }.count == 9)
        #expect(ledger.contains("2024-01-04 FAILED"))
        #expect(!project.partitions().contains("order_date=2024-01-04"))
    }

    @Test func `A broken line is named, and its content is not`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-03")
        try project.write(
            "bronze/2024-01-02.csv",
            "order_date,order_id,amount\n2024-01-02,1,1.00\n2024-01-02,secret,2.00,extra,extra\n")
        let finished = try await project.run("--from", "2024-01-01", "--to", "2024-01-03")
        #expect(finished.code == 1, "\(finished)")
        #expect(finished.errors.contains("2024-01-02.csv"), "\(finished)")
        #expect(!finished.errors.contains("secret"), "\(finished)")
        let errors = try await project.query("SELECT error_message FROM \(project.schema).partition_progress")
        #expect(!errors.contains { $0[0]?.contains("secret") == true })
        #expect(try await project.ledger().filter { $0.hasSuffix("COMPLETE") }.count == 2)
    }

    @Test func `A row of another day publishes nothing`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-02")
        #expect(try await project.run("--from", "2024-01-01", "--to", "2024-01-02").code == 0)
        let before = project.files(below: "lake/orders")
        let key = try Project.keys("2024-01-01"..."2024-01-02")[Project.keys("2024-01-01"..."2024-01-02").startIndex]
        try project.writeBronze(key, day: key.next)
        let finished = try await project.run("--from", "2024-01-01", "--to", "2024-01-02", "--only", "all")
        #expect(finished.code == 1, "\(finished)")
        #expect(finished.errors.contains("10"), "\(finished)")
        let after = project.files(below: "lake/orders")
        // The other day was made as well, and is what it was.
        #expect(before == after)
        #expect(try await project.ledger() == ["2024-01-01 FAILED", "2024-01-02 COMPLETE"])
        #expect(try await project.query("SELECT count(*) FROM \(project.schema).attempt") == [["4"]])
    }

    @Test func `A partition with rows is not replaced by none`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-01")
        #expect(try await project.run("--from", "2024-01-01", "--to", "2024-01-01").code == 0)
        let before = project.files(below: "lake/orders")
        try project.write("bronze/2024-01-01.csv", "order_date,order_id,amount\n")
        let finished = try await project.run("--from", "2024-01-01", "--to", "2024-01-01", "--only", "all")
        #expect(finished.code == 1, "\(finished)")
        #expect(finished.errors.contains("allow_empty"), "\(finished)")
        #expect(project.files(below: "lake/orders") == before)
    }

    @Test func `A server that is not there is named without the password`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-02")
        let url = "postgresql://reprocess:topsecret@127.0.0.1:1/ledger"
        let finished = try await project.run(
            "--from", "2024-01-01", "--to", "2024-01-02", environment: ["REPROCESS_DATABASE_URL": url])
        #expect(finished.code == 2, "\(finished)")
        #expect(finished.errors.contains("127.0.0.1") && finished.errors.contains("port 1"), "\(finished)")
        #expect(!(finished.errors + finished.output).contains("topsecret"), "\(finished)")
    }

    @Test func `A ledger of a newer version is left alone`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-02")
        #expect(try await project.run("--from", "2024-01-01", "--to", "2024-01-02").code == 0)
        try await project.query(
            "INSERT INTO \(project.schema).schema_version (version, applied_by) VALUES (999, 'a later release')")
        let finished = try await project.run("status")
        #expect(finished.code == 2, "\(finished)")
        #expect(finished.errors.contains("999"), "\(finished)")
    }

    @Test(arguments: ["plan", "run", "doctor"])
    func `A missing engine is named with what brings it`(command: String) async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-02")
        let finished = try await project.run(
            command, "--from", "2024-01-01", "--to", "2024-01-02",
            environment: ["DUCKDB_LIBRARY": "/nowhere/libduckdb.so"])
        #expect(finished.code == 2, "\(finished)")
        let text = finished.output + finished.errors
        #expect(text.contains("/nowhere/libduckdb.so") && text.contains("DUCKDB_LIBRARY"), "\(finished)")
        #expect(project.partitions().isEmpty)
    }

    @Test func `A target that cannot be written is refused before any work`() async throws {
        let project = try await Project(days: "2024-01-01"..."2024-01-02")
        try project.write("lake", "a file where the folder should be")
        let finished = try await project.run("--from", "2024-01-01", "--to", "2024-01-02")
        #expect(finished.code == 2, "\(finished)")
        #expect(finished.errors.contains("lake"), "\(finished)")
    }
}
