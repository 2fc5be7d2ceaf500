internal import PartitionBackfill
internal import Partitions
internal import ProgressStore
internal import Transforms

/// `diff`: old against new.
enum DiffCommand {
    private static let defaultSample = 3

    static let command = Command(
        name: "diff",
        summary: "Compare the new generation of partitions with what it replaced, or would replace.",
        discussion: """
            Shows what the last attempt at each partition made, beside what was there before: rows, bytes, and of every \
            column that differs the numbers that do (values missing, different values, least, greatest, sum). One \
            partition is shown as a table, many as a line each; --verbose shows the tables too. All of it was recorded \
            when the attempt was judged, but for one thing: what another program wrote, and a run replaced, is read here \
            for as long as the table keeps it, and recorded then, so that it is read once. --no-measure reads nothing.

            --rows reads both generations and prints rows of them that were added, removed and changed: data of the \
            table. It can do so while both are there: what is held, and what was replaced until 'clean' removes it.
            """,
        positionals: PartitionWords.positionals,
        options: PartitionWords.options + [
            OptionSpec(name: "run", value: .text("N"), summary: "What that run made of its partitions."),
            OptionSpec(name: "held", value: .flag, summary: "Everything of the job that waits for a decision."),
            OptionSpec(name: "all-columns", value: .flag, summary: "Also columns and numbers that are the same."),
            OptionSpec(
                name: "no-measure", value: .flag,
                summary: "Show what is known, and read nothing of what was replaced."),
            OptionSpec(name: "rows", value: .flag, summary: "Also compare the rows, and print some. They are data."),
            OptionSpec(
                name: "key", value: .text("COLUMNS"),
                summary: "For --rows: the columns that tell rows apart, as in order_id,line.",
                defaultText: "those of the job's first audit 'unique', else whole rows are compared"),
            OptionSpec(
                name: "sample", value: .text("N"), summary: "For --rows: the rows of each kind to print.",
                defaultText: String(defaultSample)),
        ] + RunOptions.gentle,
        examples: [
            .init(purpose: "What is held, and why?", arguments: "diff --held"),
            .init(purpose: "One day, column by column", arguments: "diff 2024-03-05"),
            .init(purpose: "What did run 12 change?", arguments: "diff --run 12"),
            .init(purpose: "Which rows?", arguments: "diff 2024-03-05 --rows --key order_id"),
        ],
        exitCodes: [.complete, .refused, .usage, .interrupted],
        usualOptions: ""
    ) { arguments, context in
        let project = try Project.load(arguments, context)
        let words = try PartitionWords(arguments, project)
        let scope = try scope(arguments, words)
        let rows = try rowsOptions(arguments, words.job)
        let workers = words.job.defaults.workers ?? RunLimits.defaultWorkers
        return try await project.withController(of: words.job, sessions: workers) { backfill in
            var judged = try await read(scope, backfill, arguments, context)
            if !arguments.has("no-measure") {
                judged = try await ReplacedMeasurer(backfill: backfill, workers: workers, console: context.console)
                    .measured(judged)
            }
            let output = DiffOutput(
                job: words.job.name, scope: scope, judged: judged, arguments: arguments, console: context.console)
            try await output.print { key in
                guard let rows else { return nil }
                return (
                    try await backfill.compareRows(of: key, keyColumns: rows.key, sampleSize: rows.sample), rows.key
                )
            }
            return .complete
        }
    }

    private static func scope(_ arguments: Arguments, _ words: PartitionWords) throws -> DiffScope {
        let run = try arguments.integer("run", in: 1...Int.max)
        let given = [run != nil, arguments.has("held"), words.partitions != nil].count { $0 }
        guard given > 0 else {
            throw UsageError("Of what? Name partitions, as in 'diff 2024-03-05', or give --run N or --held.")
        }
        guard given == 1 else { throw UsageError("Give one of partitions, --run and --held.") }
        if let run { return .run(Int64(run)) }
        return words.partitions.map { .partitions($0, singles: words.singles) } ?? .held
    }

    private static func rowsOptions(
        _ arguments: Arguments, _ job: Job
    ) throws -> (key: [String], sample: Int)? {
        guard arguments.has("rows") else {
            for option in ["key", "sample"] where arguments.has(option) {
                throw UsageError("--\(option) belongs to --rows, which is not given.")
            }
            return nil
        }
        let columns = arguments.text("key")?.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
        let sample = try arguments.integer("sample", in: 0...1000) ?? defaultSample
        return (columns ?? job.uniqueColumns ?? [], sample)
    }

    private static func read(
        _ scope: DiffScope, _ backfill: Backfill, _ arguments: Arguments, _ context: CommandContext
    ) async throws -> [Judged] {
        let (job, reader) = (backfill.job, JudgedReader(backfill: backfill))
        switch scope {
        case .run(let run):
            _ = try await RunLookup(ledger: backfill.ledger, job: job.name).run(run)
            return try await reader.run(run)
        case .partitions(let partitions, _): return try await reader.partitions(partitions)
        case .held: return try await reader.held()
        }
    }
}

/// What is compared.
enum DiffScope {
    case run(Int64)
    case partitions(PartitionSet, singles: [PartitionKey])
    case held
}

extension Job {
    /// The columns by which the job itself tells rows apart.
    var uniqueColumns: [String]? {
        for audit in audits {
            if case .unique(let columns) = audit.rule { return columns }
        }
        return nil
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
