import PartitionBackfill
import Partitions
import ProgressStore
import Testing
import Transforms

@testable import ReprocessCLI

@Suite struct CommandWordsTests {
    private let year = PartitionRange(granularity: .day, ordinals: 19_723..<20_089)

    private func words(_ line: [String], jobs: [String] = ["orders"]) throws -> CommandWords {
        let output = FileOutput(descriptor: 1)
        let program = CommandLineProgram(
            program: "reprocess", origin: .configuration, environment: [:], workingDirectory: "/", output: output,
            messages: output)
        let parser = CommandLineParser(commands: program.commands, globalOptions: GlobalOptions.all, environment: [:])
        guard case .run(_, let arguments) = try parser.parse(line) else { throw UsageError("This runs no command.") }
        let context = CommandContext(
            program: "reprocess", origin: .configuration, environment: [:], workingDirectory: "/",
            console: Console(output: output, messages: output), stop: StopSignal())
        let project = Project(
            configuration: nil,
            jobs: jobs.map { name in
                Job(
                    name: name, partitioning: Partitioning(column: "d"), target: nil, transform: .closure { _ in },
                    version: "1")
            }, ledger: .environment, schema: "reprocess", engine: EngineSettings(), directory: "/",
            notices: LedgerNotices(console: context.console))
        return CommandWords(project: project, arguments: arguments, context: context, job: "orders")
    }

    /// A plan of which every `step`-th day is to be run.
    private func plan(every step: Int) -> BackfillPlan {
        let segments = year.ordinals.map { ordinal in
            BackfillPlan.Segment(
                range: PartitionRange(granularity: .day, ordinals: ordinal..<(ordinal + 1)),
                reason: (ordinal - year.ordinals.lowerBound).isMultiple(of: step) ? .failed : .complete)
        }
        return BackfillPlan(job: "orders", range: year, segments: segments, fence: 0)
    }

    @Test(arguments: [
        (["--from", "2024-01-01", "--to", "2024-12-31"], "--from 2024-01-01 --to 2024-12-31"),
        (
            ["run", "--dates", "2024-01-05,2024-02-01..2024-02-03", "--dates", "2024-03-01"],
            "--dates 2024-01-05,2024-02-01..2024-02-03 --dates 2024-03-01"
        ),
        (
            ["run", "--from=2024-01-01", "--to=2024-12-31", "--exclude", "2024-01-02", "--workers", "8", "--quiet"],
            "--from 2024-01-01 --to 2024-12-31 --exclude 2024-01-02 --workers 8"
        ),
    ])
    func `What is to be pasted asks for what was typed, and for no more`(line: [String], options: String) throws {
        let words = try words(line)
        #expect(words.retry == "reprocess retry \(options)")
        #expect(words.resumption(of: plan(every: 1), .unfinished) == "reprocess run \(options)")
    }

    @Test func `A run of some partitions goes on with those alone`() throws {
        let words = try words(["run", "--from", "2024-01-01", "--to", "2024-12-31", "--only", "failed"])
        let resumption = words.resumption(of: plan(every: 100), .failed)
        #expect(resumption == "reprocess run --dates 2024-01-01,2024-04-10,2024-07-19,2024-10-27")
        let all = try self.words(["run", "--from", "2024-01-01", "--to", "2024-12-31", "--only", "all"])
        #expect(
            all.resumption(of: plan(every: 1), .all) == "reprocess run --from 2024-01-01 --to 2024-12-31 --only all")
    }

    @Test func `A retry of everything is repeated as it was typed, and named where it goes on`() throws {
        let words = try words(["retry", "orders", "--retries", "2"], jobs: ["orders", "other"])
        #expect(words.retry == "reprocess retry orders --retries 2")
        #expect(
            words.resumption(of: plan(every: 300), .failed)
                == "reprocess run orders --dates 2024-01-01,2024-10-27 --retries 2")
    }

    @Test func `An option without a value is repeated without one`() throws {
        let words = try words(["run", "--from", "2024-01-01", "--to", "2024-12-31", "--rewrite", "--rate", "2/s"])
        #expect(
            words.resumption(of: plan(every: 1), .unfinished)
                == "reprocess run --from 2024-01-01 --to 2024-12-31 --rate 2/s --rewrite")
    }

    @Test func `Partitions are written as they are read`() throws {
        let text = "2024-01-05,2024-02-01..2024-02-03"
        let set = try #require(try PartitionList.parse([text], as: .day))
        #expect(PartitionList.text(of: set) == text)
    }
}
