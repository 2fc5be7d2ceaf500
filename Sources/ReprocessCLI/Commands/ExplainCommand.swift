internal import Foundation
internal import PartitionBackfill
internal import Partitions
internal import ProgressStore
internal import Transforms

/// `explain`: the life of one partition.
enum ExplainCommand {
    static let command = Command(
        name: "explain",
        summary: "Tell the life of one partition: where it stands, and all that ever happened to it.",
        discussion: """
            Shows the partition's row of the ledger and its attempts, oldest first: who made them, on which machine, \
            when, for how long, with which version of the transform, how they ended, what they changed and what the \
            audits found; who approved, rejected or undid, and why; and what 'undo' could put back.
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
        let history = try await project.withController(of: job) { try await read(key, $0) }
        let console = context.console
        let text =
            arguments.has("json")
            ? ExplainJSON.line(for: history)
            : ExplainText(history: history, style: console.outputStyle, paths: console.paths).text
        try console.result(text)
        return .complete
    }

    private static func read(_ key: PartitionKey, _ backfill: Backfill) async throws -> PartitionHistory {
        let (job, ledger) = (backfill.job, backfill.ledger)
        var history = PartitionHistory(
            job: job.name, key: key, transformVersion: job.version,
            row: try await ledger.rows(job: job.name, keys: [key]).first,
            attempts: try await ledger.attempts(job: job.name, key: key), now: Date())
        let judged = try await backfill.judgements(of: key).map { ($0.fence, $0) }
        history.judged = Dictionary(judged, uniquingKeysWith: { first, _ in first })
        history.decisions = try await ledger.decisions(job: job.name, key: key)
        if history.row?.status == .complete { history.undo = await undo(of: key, backfill) }
        return history
    }

    /// What could be put back; a table that cannot be read must not hide the history.
    private static func undo(of key: PartitionKey, _ backfill: Backfill) async -> UndoOutcome? {
        guard backfill.table != nil else { return nil }
        let one = PartitionSet(granularity: key.granularity, keys: [key])
        let request = UndoRequest(scope: .partitions(one), isDryRun: true, user: "", reason: "")
        do {
            return try await backfill.undo(request).entries.first?.outcome
        } catch {
            return .failed(error: ErrorText.sentence(for: error))
        }
    }
}
