internal import PartitionBackfill
internal import Transforms

/// `run`: plan, then claim until nothing is left.
enum RunCommand {
    static let command = Command(
        name: "run",
        summary: "Replace the partitions of a range, one by one, until all of them are COMPLETE.",
        discussion: """
            Runs every partition of the range that is not COMPLETE for this version of the transform, and skips the \
            rest. Start it again after any interruption, or on as many machines as you like: what is done stays done, \
            and each partition is worked on by one process at a time.

            A partition that fails stops no other; it is FAILED when no retry is left. Ctrl-C once finishes what is \
            running and claims no more; twice stops now, and what was claimed is taken over later.

            A result that an audit of the job holds, or one without rows where there were some, is HELD: it is staged, \
            published only by 'approve', and stops no other partition. A result equal to what the table holds is \
            COMPLETE (unchanged), and nothing is published.

            Without a command, 'run' is meant. With --json every event is a JSON object on a line of its own; the last \
            one is {"event":"finished", …}.
            """,
        positionals: [.job],
        options: RunOptions.range + [RunOptions.only] + RunOptions.canary + RunOptions.execution,
        examples: [
            .init(purpose: "Half a year, on the only job", arguments: "run --from 2024-01-01 --to 2024-06-30"),
            .init(purpose: "The same, shorter", arguments: "--from 2024-01-01 --to 2024-06-30"),
            .init(
                purpose: "Eight at a time, newest first, each tried three times more",
                arguments: "run --from 2024-01-01 --to 2024-06-30 --workers 8 --order newest \\\n      --retries 3"),
            .init(
                purpose: "Look at a few days first, then do the rest",
                arguments: "run --from 2024-01-01 --to 2024-06-30 --canary"),
            .init(
                purpose: "A few days again, also where they are COMPLETE",
                arguments: "run --dates 2024-01-05,2024-02-01..2024-02-03 --only all"),
        ],
        exitCodes: ExitCode.allCases,
        drainsOnInterrupt: true,
        usualOptions: "--from KEY --to KEY"
    ) { arguments, context in
        let project = try Project.load(arguments, context)
        let job = try project.job(named: arguments.positional("JOB"), for: arguments.command)
        let builder = RequestBuilder(arguments: arguments, job: job)
        let request = try builder.request(selection: try builder.selection)
        let runner = try BackfillRunner(project: project, arguments: arguments, context: context, job: job)
        return try await runner.run(job, request)
    }
}
