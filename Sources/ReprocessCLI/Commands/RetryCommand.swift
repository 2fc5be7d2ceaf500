internal import PartitionBackfill
internal import Partitions
internal import ProgressStore
internal import Transforms

/// `retry`: `run --only failed`.
enum RetryCommand {
    /// More failed partitions than these are retried by naming a range.
    private static let greatestCount = 1_000_000

    static let command = Command(
        name: "retry",
        summary: "Run again what has FAILED.",
        discussion: """
            The same as 'run --only failed'. Without a range, everything of the job that is FAILED is run again.
            """,
        positionals: [.job],
        options: RunOptions.range + RunOptions.execution,
        examples: [
            .init(purpose: "All that has failed", arguments: "retry"),
            .init(
                purpose: "What has failed in March, with two more tries each",
                arguments: "retry --from 2024-03-01 --to 2024-03-31 --retries 2"),
        ],
        exitCodes: ExitCode.allCases,
        drainsOnInterrupt: true
    ) { arguments, context in
        let project = try Project.load(arguments, context)
        let job = try project.job(named: arguments.positional("JOB"), for: arguments.command)
        let builder = RequestBuilder(arguments: arguments, job: job)
        let runner = try BackfillRunner(project: project, arguments: arguments, context: context, job: job)
        if try builder.partitions() != nil {
            return try await runner.run(job, try builder.request(selection: .failed))
        }
        let granularity = job.partitioning.every
        return try await runner.follower.follow {
            try await project.withBackfill(of: job, sessions: .max) { backfill in
                let rows = try await backfill.ledger.rows(
                    job: job.name, in: nil, granularity: granularity, statuses: [.failed], limit: greatestCount)
                guard !rows.isEmpty else { return try nothingFailed(job.name, arguments, context) }
                let failed = PartitionSet(granularity: granularity, keys: rows.map(\.key))
                return try await runner.run(backfill, try builder.request(selection: .failed, known: failed))
            }
        }
    }

    private static func nothingFailed(
        _ job: String, _ arguments: Arguments, _ context: CommandContext
    ) throws -> ExitCode {
        context.console.say("\(job): nothing has FAILED.\n")
        if arguments.has("json") { try context.console.result(RunEventJSON.nothingToDo(skipped: 0, held: 0)) }
        return .complete
    }
}
