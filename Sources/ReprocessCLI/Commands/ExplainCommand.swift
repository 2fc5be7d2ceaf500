internal import Foundation
internal import PartitionBackfill
internal import Partitions
internal import ProgressStore
internal import Transforms

/// `explain`: the life of one partition.
enum ExplainCommand {
    static let command = Command(
        name: "explain",
        summary: "Tell the life of one partition: where it stands, and every attempt ever made.",
        discussion: """
            Shows the partition's row of the ledger and its attempts, oldest first: who made them, on which machine, \
            when, for how long, with which version of the transform, and how they ended.
            """,
        positionals: [
            .job, .init(name: "KEY", summary: "The partition, such as 2024-01-31.", isRequired: true),
        ],
        options: [],
        examples: [
            .init(purpose: "Why is the fifth of March missing?", arguments: "explain 2024-03-05"),
            .init(purpose: "The same where there are several jobs", arguments: "explain orders 2024-03-05"),
        ]
    ) { arguments, context in
        let project = try Project.load(arguments, context)
        let job = try project.job(named: arguments.positional("JOB"), for: arguments.command)
        let key = try PartitionKey(parsing: arguments.positional("KEY") ?? "", as: job.partitioning.every)
        let history = try await project.withLedger { ledger in
            PartitionHistory(
                job: job.name, key: key, transformVersion: job.version,
                row: try await ledger.rows(job: job.name, keys: [key]).first,
                attempts: try await ledger.attempts(job: job.name, key: key), now: Date())
        }
        let console = context.console
        let text =
            arguments.has("json")
            ? ExplainJSON.line(for: history)
            : ExplainText(history: history, style: console.outputStyle, paths: console.paths).text
        try console.result(text)
        return .complete
    }
}
