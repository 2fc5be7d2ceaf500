import PartitionBackfill
import TestSupport
import Testing
import Transforms

@testable import ReprocessCLI

/// Whole command lines, with variables, an environment file and a configuration that disagree.
@Suite struct EnvironmentPrecedenceTests {
    private func project(file: String? = nil, schema: String? = nil) throws -> CapturedProgram {
        let program = try CapturedProgram()
        let configuration = """
            \(schema.map { "schema: \($0)" } ?? "")
            jobs:
              orders:
                partition: { column: order_date, every: day }
                target: { path: lake/orders, format: "${FORMAT:-hive}" }
                transform: orders.sql
            """
        try program.write(configuration, to: "lake/reprocess.yaml")
        try program.write("SELECT 1", to: "lake/orders.sql")
        if let file { try program.write(file, to: "lake/.env") }
        return program
    }

    /// The schema that a command takes: `roles --sql` prints it and connects to nothing.
    private func schema(_ program: CapturedProgram, _ words: String...) async throws -> String? {
        let result = try await program.run(["roles", "--sql", "--config", "lake/reprocess.yaml"] + words)
        #expect(result.code == .complete, "\(result)")
        return ["typed", "set", "filed", "written", "reprocess"].first { result.output.contains("\"\($0)\"") }
    }

    @Test func `A setting is taken from the first of four places that has it`() async throws {
        let program = try project(file: "REPROCESS_SCHEMA=filed\n", schema: "written")
        program.environment = ["REPROCESS_SCHEMA": "set"]
        #expect(try await schema(program, "--schema", "typed") == "typed")
        #expect(try await schema(program) == "set")
        program.environment = [:]
        #expect(try await schema(program) == "filed")
        // Set and empty: nothing is said here, and the file beside the configuration does not count any more.
        program.environment = ["REPROCESS_SCHEMA": ""]
        #expect(try await schema(program) == "written")
        #expect(try await schema(try project(schema: "written")) == "written")
        #expect(try await schema(try project()) == "reprocess")
    }

    @Test func `The file that counts is the one beside the configuration`() async throws {
        let program = try project(file: "REPROCESS_FROM=2024-01-01\nREPROCESS_TO=2024-01-02\n")
        try program.write("REPROCESS_FROM=2020-01-01\n", to: ".env")
        let words = ["split", "1", "--config", "lake/reprocess.yaml"]
        let result = try await program.run(words)
        #expect(result.output == "reprocess run --from 2024-01-01 --to 2024-01-02 --config lake/reprocess.yaml\n")
        program.environment = ["REPROCESS_CONFIG": "lake/reprocess.yaml"]
        #expect(try await program.run("split", "1").output == "reprocess run --from 2024-01-01 --to 2024-01-02\n")
    }

    @Test func `Its variables are put into the configuration`() async throws {
        let program = try project(file: "FORMAT=fancy\n")
        let result = try await program.run("completion", "jobs", "--config", "lake/reprocess.yaml")
        #expect(result.code == .refused)
        #expect(result.messages.contains("'fancy'"), "\(result.messages)")
        program.environment = ["FORMAT": "hive"]
        #expect(try await program.run("completion", "jobs", "--config", "lake/reprocess.yaml").output == "orders\n")
    }

    @Test(arguments: [
        (
            "REPROCESS_FROM=2024-13-01\nREPROCESS_TO=2024-01-02\n", ExitCode.usage,
            "error: REPROCESS_FROM (lake/.env:1): '2024-13-01' is not a date of the calendar."
        ),
        (
            "REPROCESS_QUIET=perhaps\n", .usage,
            "error: REPROCESS_QUIET (lake/.env:1) is 'perhaps', but must be true or false: --quiet takes no other value."
        ),
        ("REPROCESS_TO=2024-01-02\n", .usage, "error: REPROCESS_TO (lake/.env:1) 2024-01-02 has no --from."),
        ("nonsense\n", .refused, "error: lake/.env:1:1: The line sets nothing"),
        ("A=\"\u{0}", .refused, "error: lake/.env:1:1: The quotes of A are not closed."),
    ])
    func `A bad value is named by its variable, file and line`(
        file: String, code: ExitCode, message: String
    ) async throws {
        let program = try project(file: file)
        let result = try await program.run("split", "1", "--config", "lake/reprocess.yaml")
        #expect(result.code == code)
        #expect(result.messages.hasPrefix(message), "\(result.messages)")
        #expect(result.output.isEmpty)
    }

    @Test func `A lease out of its bounds is named by its variable`() async throws {
        let program = try project()
        program.environment = ["REPROCESS_LEASE": "2d", "REPROCESS_CONFIG": "lake/reprocess.yaml"]
        let result = try await program.run("run", "--dates", "2024-01-01")
        #expect(result.messages.hasPrefix("error: REPROCESS_LEASE is '2d'. A lease lasts 1s to 1d."))
    }

    @Test func `Commands that need no project read no file, and a folder of that name is none`() async throws {
        let broken = try project(file: "nonsense\n")
        broken.environment = ["REPROCESS_CONFIG": "lake/reprocess.yaml"]
        for words in [["completion", "bash"], ["man"], ["--version"], ["run", "--help"], ["init", "new"]] {
            #expect(try await broken.run(words).code == .complete, "\(words)")
        }
        #expect(try await broken.run("completion", "jobs").code == .refused)
        let folder = try project()
        try folder.write("", to: "lake/.env/bin/activate")
        folder.environment = broken.environment
        #expect(try await folder.run("completion", "jobs").output == "orders\n")
    }

    @Test func `A program with jobs in Swift reads the file of the folder that it is started in`() async throws {
        let program = try CapturedProgram()
        program.origin = .code {
            [
                Job(
                    name: "orders", partitioning: Partitioning(column: "d"), target: nil,
                    transform: .closure { _ in }, version: "1")
            ]
        }
        try program.write("REPROCESS_FROM=2024-01-01\nREPROCESS_TO=2024-01-02\n", to: ".env")
        #expect(try await program.run("split", "1").output == "reprocess run --from 2024-01-01 --to 2024-01-02\n")
    }

    @Test func `What is to be pasted names the partitions that came from the environment`() async throws {
        let program = try project(file: "REPROCESS_DATES=2024-01-01,2024-01-03\nREPROCESS_WORKERS=2\n")
        let parser = CommandLineParser(
            commands: CommandLineProgram.commands(of: .configuration), globalOptions: GlobalOptions.all,
            environment: ProgramEnvironment(
                values: ["REPROCESS_DATES": "2024-01-01,2024-01-03", "REPROCESS_WORKERS": "2"]))
        guard case .run(_, let arguments) = try parser.parse(["run", "--config", "lake/reprocess.yaml"]) else {
            Issue.record("The line is not understood as a command.")
            return
        }
        let context = CommandContext(
            program: "reprocess", origin: .configuration, environment: [:], workingDirectory: program.directory.path,
            console: Console(output: FileOutput(descriptor: 1), messages: FileOutput(descriptor: 2)),
            stop: StopSignal())
        let words = CommandWords(
            project: try Project.load(arguments, context), arguments: arguments, context: context, job: "orders")
        #expect(words.retry == "reprocess retry --dates 2024-01-01,2024-01-03 --config lake/reprocess.yaml")
    }
}
