internal import PartitionBackfill

/// `plan`: what `run` would do, and why.
enum PlanCommand {
    static let command = Command(
        name: "plan",
        summary: "Show what 'run' would do with each partition, and why. Changes nothing.",
        discussion: """
            Decides with the same code as 'run' and stops before the first claim. Consecutive partitions with the same \
            decision are shown as one range; --verbose prints each partition on a line of its own, --json prints all \
            of them as one JSON object.

            Where something would run, it also tells what that will probably cost: the bytes of the source files and the \
            rows in them, the time that earlier attempts took, and when so many workers would be done.
            """,
        positionals: [.job],
        options: RunOptions.range + [RunOptions.only, RunOptions.ignore],
        examples: [
            .init(
                purpose: "What is missing, failed or stale in half a year",
                arguments: "plan --from 2024-01-01 --to 2024-06-30"),
            .init(
                purpose: "The partitions that would run, for another program",
                arguments: "plan --from 2024-01-01 --to 2024-06-30 --json"),
        ],
        usualOptions: "--from KEY --to KEY"
    ) { arguments, context in
        let project = try Project.load(arguments, context)
        let job = try project.job(named: arguments.positional("JOB"), for: arguments.command)
        let builder = RequestBuilder(arguments: arguments, job: job)
        let request = try builder.request(selection: try builder.selection)
        try await project.withBackfill(of: job) { backfill in
            let plan = try await backfill.plan(request)
            try print(plan, try await backfill.price(plan, request), arguments, context)
        }
        return .complete
    }

    /// Prints a plan, with its price where something would run, in the form that was asked for.
    static func print(_ plan: BackfillPlan, _ price: PlanPrice?, _ arguments: Arguments, _ context: CommandContext)
        throws
    {
        let console = context.console
        if arguments.has("json") {
            try PlanJSON(plan: plan, price: price).write { try console.result($0) }
        } else if console.isVerbose {
            try PlanText(plan: plan, style: console.outputStyle).writePartitions { try console.result($0) }
        } else {
            let price = price.map { PriceText(price: $0, style: console.outputStyle, paths: console.paths).text } ?? ""
            try console.result(PlanText(plan: plan, style: console.outputStyle).text + price)
        }
    }
}

extension Command.Positional {
    /// The job, which may be left out where there is one only.
    static let job = Command.Positional(name: "JOB", summary: "The job; needed where there are several.")
}
