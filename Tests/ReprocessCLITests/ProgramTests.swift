import Foundation
import Partitions
import Testing
import TestSupport
import Transforms

@testable import ReprocessCLI

@Suite struct ProgramTests {
    private static let configuration = """
        jobs:
          orders:
            partition: { column: order_date, every: day }
            target: { path: lake/orders }
            transform: orders.sql
          monthly:
            partition: { column: month, every: month }
            target: { path: lake/monthly }
            transform: orders.sql

        """

    private func project(_ configuration: String = Self.configuration) throws -> CapturedProgram {
        let program = try CapturedProgram()
        try program.write(configuration, to: "reprocess.yaml")
        try program.write("SELECT 1", to: "orders.sql")
        return program
    }

    @Test(arguments: [
        "run", "plan", "status", "retry", "split", "explain", "verify", "clean", "doctor", "roles", "init",
        "completion", "man", "diff", "approve", "reject", "undo", "report", "pause", "resume", "drain", "cancel", "set",
    ])
    func `Each command has a help page`(command: String) async throws {
        let result = try await CapturedProgram().run(command, "--help")
        #expect(result.code == .complete)
        #expect(result.messages.isEmpty)
        try GoldenFile.expect(result.output, equals: "help-\(command).txt")
        let widest = result.output.split(separator: "\n").map(\.count).max() ?? 0
        #expect(widest <= 80)
    }

    @Test func `The version is a name and a number, and nothing of the environment`() async throws {
        let program = try CapturedProgram()
        program.environment = ["REPROCESS_DATABASE_URL": "postgresql://ann:secret@db/ledger"]
        #expect(try await program.run("--version").output == "reprocess \(CommandLineProgram.version)\n")
    }

    @Test func `The overview names every command`() async throws {
        let result = try await CapturedProgram().run("--help")
        try GoldenFile.expect(result.output, equals: "help.txt")
    }

    @Test func `No words at all get the overview as a message`() async throws {
        let result = try await CapturedProgram().run()
        #expect(result.code == .usage)
        #expect(result.output.isEmpty)
        #expect(result.messages == (try await CapturedProgram().run("--help").output))
    }

    @Test(arguments: [
        (
            ["plan", "ordres", "--from", "2024-01-01", "--to", "2024-01-02"],
            "There is no job 'ordres'. Did you mean 'orders'?"
        ),
        (["plan", "--from", "2024-01-01", "--to", "2024-01-02"], "Which job? Name one of: orders, monthly."),
        (
            ["run", "orders", "--from", "2024-02-30", "--to", "2024-03-01"],
            "'2024-02-30' is not a date of the calendar."
        ),
        (
            ["run", "orders", "--from", "2024-6-1", "--to", "2024-06-30"],
            "'2024-6-1' is not a day of the form YYYY-MM-DD. Did you mean '2024-06-01'?"
        ),
        (
            ["run", "orders", "--from", "2024-06-30", "--to", "2024-01-01"],
            "The range is empty: from '2024-06-30' lies after to '2024-01-01'. Both ends are inclusive."
        ),
        (
            ["run", "monthly", "--from", "2024-01-01", "--to", "2024-02"],
            "'2024-01-01' is a day, but the job is partitioned by month: write it as YYYY-MM, for example 2024-01."
        ),
        (
            ["run", "orders", "--from", "2024-01-01"],
            "--from 2024-01-01 has no --to. Both are inclusive; for one partition write it twice."
        ),
        (
            ["run", "orders"],
            "Which partitions? Give --from and --to, as in --from 2024-01-01 --to 2024-01-31, or --dates."
        ),
        (
            ["run", "orders", "--dates", "2024-01-01", "--from", "2024-01-01", "--to", "2024-01-01"],
            "--dates stands instead of --from and --to: give either."
        ),
        (
            ["run", "orders", "--dates", "2024-01-05,2024-01-07.."],
            "'2024-01-07..' is not a range: both ends are written, as in 2024-01-31..2024-01-31."
        ),
        (["run", "orders", "--dates", "2024-01-01", "--exclude", "2024-01-01"], "Nothing is left after --exclude."),
        (
            ["run", "orders", "--dates", "2024-01-01", "--workers", "0"],
            "--workers is '0', but must be a whole number, 1 to 256."
        ),
        (
            ["run", "orders", "--dates", "2024-01-01", "--lease", "5"],
            "--lease: '5' is not a duration: write a number with ms, s, m, h or d, such as 90s or 1h30m."
        ),
        (
            ["run", "orders", "--dates", "2024-01-01", "--lease", "2d"], "--lease is '2d'. A lease lasts 1s to 1d."
        ),
        (
            ["split", "orders", "x", "--from", "2024-01-01", "--to", "2024-01-02"],
            "N is 'x', but must be a whole number, 1 to 10000."
        ),
        (["explain", "orders", "yesterday"], "'yesterday' is not a day of the form YYYY-MM-DD."),
    ])
    func `A bad argument is a usage error and changes nothing`(words: [String], message: String) async throws {
        let program = try project()
        let before = try program.listing()
        let result = try await program.run(words)
        #expect(result.code == .usage)
        #expect(result.output.isEmpty)
        let lines = result.messages.split(separator: "\n").map(String.init)
        #expect(lines.first == "error: " + message)
        #expect(lines.last == "See 'reprocess \(words[0]) --help'.")
        #expect(lines.count == 3)
        #expect(try program.listing() == before)
    }

    @Test(arguments: [
        (
            "jobs: [",
            "error: reprocess.yaml:2:1: This is not YAML: did not find expected node content, while parsing a flow node.\n"
        ),
        ("job: {}", "error: reprocess.yaml:1:1: 'job' is not a key of the configuration. Did you mean 'jobs'?\n"),
        ("schema: x", "error: reprocess.yaml:1:1: The key 'jobs' of the configuration is missing or has no value.\n"),
    ])
    func `A bad configuration is refused and changes nothing`(text: String, message: String) async throws {
        let program = try project(text + "\n")
        let before = try program.listing()
        let result = try await program.run("run", "--from", "2024-01-01", "--to", "2024-01-02")
        #expect(result.code == .refused)
        #expect(result.messages == message)
        #expect(try program.listing() == before)
    }

    @Test func `A missing configuration says how to get one`() async throws {
        let program = try CapturedProgram()
        let result = try await program.run("status")
        #expect(result.code == .refused)
        #expect(
            result.messages == "error: There is no reprocess.yaml in \(program.directory.path) or above it. "
                + "'reprocess init' writes one to start from; --config names one elsewhere.\n")
        let named = try await program.run("status", "--config", "other.yaml")
        #expect(named.messages == "error: The configuration 'other.yaml' cannot be used: there is no such file.\n")
    }

    @Test func `A missing transform file is named with the place that names it`() async throws {
        let program = try project()
        try FileManager.default.removeItem(atPath: program.directory.appending("orders.sql"))
        let result = try await program.run("plan", "orders", "--dates", "2024-01-01")
        #expect(result.code == .refused)
        #expect(
            result.messages == "error: reprocess.yaml:5:16: The transform 'orders.sql' of the job 'orders' cannot be "
                + "used: there is no such file.\n")
    }

    @Test func `The configuration of a folder above is found, and paths are relative to it`() async throws {
        let program = try project()
        try program.write("", to: "deep/er/x")
        let found = ConfigurationFile.find(from: program.directory.appending("deep/er"))
        #expect(found == program.directory.appending("reprocess.yaml"))
    }

    @Test func `Split prints commands that cover the range`() async throws {
        let program = try project()
        let result = try await program.run("split", "orders", "3", "--from", "2024-01-01", "--to", "2024-06-30")
        #expect(
            result.output == """
                reprocess run orders --from 2024-01-01 --to 2024-02-29
                reprocess run orders --from 2024-03-01 --to 2024-04-30
                reprocess run orders --from 2024-05-01 --to 2024-06-30

                """)
        let json = try await program.run("split", "--json", "monthly", "5", "--from", "2024-01", "--to", "2024-01")
        #expect(
            json.output
                == #"{"parts":[{"command":"reprocess run monthly --from 2024-01 --to 2024-01","from":"2024-01","partitions":1,"to":"2024-01"}]}"#
                + "\n")
    }

    @Test func `Split quotes what the shell would read, and leaves the database out`() async throws {
        let program = try CapturedProgram()
        try program.write(BadConfiguration.validJob, to: "my project/it's.yaml")
        try program.write("SELECT 1", to: "my project/orders.sql")
        let result = try await program.run(
            "split", "1", "--from", "2024-01-01", "--to", "2024-01-02", "--config", "my project/it's.yaml",
            "--database", "postgres://u:secret@h/d")
        #expect(
            result.output
                == "reprocess run --from 2024-01-01 --to 2024-01-02 --config 'my project/it'\\''s.yaml'\n")
        #expect(result.messages.contains("set REPROCESS_DATABASE_URL"))
        #expect(!result.messages.contains("secret"))
    }

    @Test func `Init writes a project that is a valid configuration, and never twice`() async throws {
        let program = try CapturedProgram()
        let result = try await program.run("init", "new project")
        #expect(result.code == .complete)
        #expect(
            result.messages == """
                Made reprocess.yaml, transforms/daily_orders.sql and 7 files in data/bronze/orders.
                Now:  cd 'new project' && reprocess run --from 2024-01-01 --to 2024-01-07

                """)
        let split = try await program.run(
            "split", "1", "--config", "new project/reprocess.yaml", "--from", "2024-01-01", "--to", "2024-01-07")
        #expect(split.code == .complete)
        let before = try program.listing()
        let again = try await program.run("init", "new project")
        #expect(again.code == .refused)
        #expect(again.messages.hasPrefix("error: 'new project/reprocess.yaml' is there already"))
        #expect(try program.listing() == before)
    }

    @Test func `A program with jobs in Swift has the same commands but init, and refuses jobs in its configuration`()
        async throws
    {
        let program = try CapturedProgram()
        program.origin = .code {
            [
                Job(
                    name: "orders", partitioning: Partitioning(column: "d"), target: nil,
                    transform: .closure { _ in }, version: "1")
            ]
        }
        let help = try await program.run("--help").output
        #expect(help.contains("\n  run "))
        #expect(!help.contains("\n  init "))
        let split = try await program.run("split", "1", "--from", "2024-01-01", "--to", "2024-01-02")
        #expect(split.output == "reprocess run --from 2024-01-01 --to 2024-01-02\n")
        try program.write("jobs: {}", to: "reprocess.yaml")
        let refused = try await program.run("split", "1", "--from", "2024-01-01", "--to", "2024-01-02")
        #expect(refused.messages.contains("are written in Swift: remove 'jobs'"))
    }

    @Test func `Two jobs of one name are refused`() async throws {
        let program = try CapturedProgram()
        let job = Job(
            name: "orders", partitioning: Partitioning(column: "d"), target: nil, transform: .closure { _ in },
            version: "1")
        program.origin = .code { [job, job] }
        let result = try await program.run("status")
        #expect(result.messages == "error: Two jobs have the name 'orders': rename one of them.\n")
    }

    @Test func `Colours appear only where they are asked for or a terminal is`() async throws {
        let program = try CapturedProgram()
        #expect(try await program.run("status").messages.hasPrefix("error: "))
        #expect(try await program.run("status", "--color", "always").messages.hasPrefix("\u{1B}[31merror: "))
        #expect(Style.chosen(.auto, isTerminal: true, environment: [:]).isEnabled)
        #expect(!Style.chosen(.auto, isTerminal: false, environment: [:]).isEnabled)
        #expect(!Style.chosen(.auto, isTerminal: true, environment: ["NO_COLOR": "1"]).isEnabled)
        #expect(Style.chosen(.always, isTerminal: false, environment: ["NO_COLOR": "1"]).isEnabled)
    }
}
