import PartitionBackfill
import Partitions
import ProgressStore
import Testing
import Transforms

@testable import ReprocessCLI

/// How `approve [JOB] KEY…` and its kin read what is typed.
@Suite struct PartitionWordsTests {
    private func words(_ line: [String], jobs: [String] = ["orders", "2024"]) throws -> PartitionWords {
        let output = FileOutput(descriptor: 1)
        let program = CommandLineProgram(
            program: "reprocess", origin: .configuration, environment: [:], workingDirectory: "/", output: output,
            messages: output)
        let parser = CommandLineParser(commands: program.commands, globalOptions: GlobalOptions.all, environment: [:])
        guard case .run(_, let arguments) = try parser.parse(line) else { throw UsageError("This runs no command.") }
        let jobs = jobs.map { name in
            Job(
                name: name, partitioning: Partitioning(column: "d"), target: nil, transform: .closure { _ in },
                version: "1")
        }
        let project = Project(
            configuration: nil, jobs: jobs, ledger: .environment, schema: "reprocess", engine: EngineSettings(),
            directory: "/", notices: LedgerNotices(console: Console(output: output, messages: output)))
        return try PartitionWords(arguments, project)
    }

    @Test(arguments: [
        (["orders", "2024-01-05", "2024-02-01..2024-02-03"], "orders", "2024-01-05,2024-02-01..2024-02-03", 1),
        (["2024", "2024-01-05,2024-01-06"], "2024", "2024-01-05..2024-01-06", 2),
        (["orders", "--dates", "2024-01-05"], "orders", "2024-01-05", 1),
        (["orders", "--from", "2024-01-05", "--to", "2024-01-06"], "orders", "2024-01-05..2024-01-06", 0),
        (["orders"], "orders", nil, 0),
    ])
    func `The first word may be the job, and all others are partitions`(
        line: [String], job: String, partitions: String?, singles: Int
    ) throws {
        let words = try words(["diff"] + line)
        #expect(words.job.name == job)
        #expect(words.partitions.map(PartitionList.text) == partitions)
        #expect(words.singles.count == singles)
    }

    @Test func `Of one job the name may be left out`() throws {
        #expect(try words(["diff", "2024-01-05", "2024-01-06"], jobs: ["orders"]).partitions?.count == 2)
    }

    @Test(arguments: [
        (["diff", "ordres", "2024-01-05"], "There is no job 'ordres'. Did you mean 'orders'?"),
        (["diff", "2024-01-05"], "Which job? Name one of: orders, 2024."),
        (
            ["diff", "orders", "2024-01-05", "--dates", "2024-01-06"],
            "Partitions are named twice: by '2024-01-05' and by an option."
        ),
    ])
    func `What is meant must be clear`(line: [String], message: String) throws {
        let error = #expect(throws: UsageError.self) { try words(line) }
        #expect(error?.message == message)
    }

    @Test func `A partition that does not exist is named`() {
        #expect(throws: PartitionError.self) { try words(["diff", "orders", "2024-02-30"]) }
    }
}

/// What decisions ask for before anything is opened.
@Suite struct DecisionUsageTests {
    @Test(arguments: [
        (["approve", "2024-01-05"], "--reason is missing: say why, for those who read the history, as in --reason"),
        (["reject", "2024-01-05", "--reason", " "], "--reason is missing"),
        (["approve", "--reason", "x"], "Which partitions? Name them, as in 'approve 2024-03-05', or give --all"),
        (["approve", "--all", "2024-01-05", "--reason", "x"], "--all stands instead of partitions"),
        (["undo", "--yes", "--reason", "x"], "Of what? Name partitions, as in 'undo 2024-03-05', or give --run N."),
        (["undo", "2024-01-05", "--run", "1", "--yes", "--reason", "x"], "--run stands instead of partitions"),
        (["undo", "2024-01-05", "--yes"], "--reason is missing"),
        (["undo", "2024-01-05", "--reason", "x"], "Nobody can be asked here: look with --dry-run, then give --yes."),
        (["undo", "--run", "0", "--yes", "--reason", "x"], "--run is '0', but must be a whole number, 1 or more."),
        (["diff"], "Of what? Name partitions, as in 'diff 2024-03-05', or give --run N or --held."),
        (["diff", "--held", "--run", "1"], "Give one of partitions, --run and --held."),
        (["diff", "--held", "--key", "a"], "--key belongs to --rows, which is not given."),
        (["run", "--dates", "2024-01-05", "--ignore", "sorce"], "Did you mean 'source'?"),
        (["report", "--run", "x"], "--run is 'x', but must be a whole number, 1 or more."),
    ])
    func `What is missing is said`(line: [String], message: String) async throws {
        let program = try CapturedProgram()
        program.origin = .code { [Job("mail", version: "1") { _ in }] }
        let result = try await program.run(line)
        #expect(result.code == .usage)
        #expect(result.messages.hasPrefix("error: ") && result.messages.contains(message), "\(result.messages)")
    }
}
