internal import Partitions
internal import Transforms

/// `split`: sub-ranges as commands to paste.
enum SplitCommand {
    static let command = Command(
        name: "split",
        summary: "Cut a range into N contiguous parts, as commands to paste.",
        discussion: """
            For those who start workers themselves, on machines or in a scheduler of their own. It is never needed: \
            processes that run the same range share it through the ledger.
            """,
        positionals: [.job, .init(name: "N", summary: "The number of parts.", isRequired: true)],
        options: [RunOptions.from, RunOptions.to],
        examples: [
            .init(purpose: "Half a year on four machines", arguments: "split 4 --from 2024-01-01 --to 2024-06-30")
        ],
        usualOptions: "--from KEY --to KEY"
    ) { arguments, context in
        let project = try Project.load(arguments, context)
        let job = try project.job(named: arguments.positional("JOB"), for: arguments.command)
        let text = arguments.positional("N") ?? ""
        guard let parts = Int(text), (1...10_000).contains(parts) else {
            throw UsageError("N is '\(text)', but must be a whole number, 1 to 10000.")
        }
        guard let range = try RequestBuilder(arguments: arguments, job: job).range() else {
            throw UsageError("Which range? Give --from and --to.")
        }
        let ranges = range.split(into: parts)
        let words = CommandWords(project: project, arguments: arguments, context: context, job: job.name)
        let lines = ranges.map { (range: $0, command: words.line("run", .range($0))) }
        try context.console.result(arguments.has("json") ? json(lines) : lines.map { $0.command + "\n" }.joined())
        if ranges.count < parts {
            context.console.say("The range has only \(NumberText.counted(ranges.count, "partition")).\n")
        }
        if arguments.has("database") {
            context.console.say("The commands leave --database out: set REPROCESS_DATABASE_URL where they run.\n")
        }
        return .complete
    }

    private static func json(_ lines: [(range: PartitionRange, command: String)]) -> String {
        let parts = lines.map { line in
            JSONValue.object([
                "from": .optional(line.range.first?.description), "to": .optional(line.range.last?.description),
                "partitions": .integer(line.range.count), "command": .text(line.command),
            ])
        }
        return JSONValue.object(["parts": .array(parts)]).text + "\n"
    }
}
