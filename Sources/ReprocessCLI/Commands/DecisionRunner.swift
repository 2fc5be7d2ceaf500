internal import PartitionBackfill
internal import Partitions
internal import ProgressStore
internal import Transforms

/// Decides about what is held: what `approve` and `reject` share.
struct DecisionRunner {
    static let all = OptionSpec(name: "all", value: .flag, summary: "Everything of the job that is held.")

    /// The command's name.
    let word: String
    let arguments: Arguments
    let context: CommandContext

    /// Finds what is held of the partitions that are named, and has it decided.
    func run(
        _ decide: (
            Backfill, [HeldPartition], _ by: String, _ reason: String, @escaping @Sendable (BackfillEvent) -> Void
        ) async throws -> DecisionReport
    ) async throws -> ExitCode {
        let project = try Project.load(arguments, context)
        let words = try PartitionWords(arguments, project)
        try check(words)
        let (reason, person) = (try DecisionOptions.reason(arguments), DecisionOptions.person(arguments))
        return try await project.withController(of: words.job) { backfill in
            let held = try await backfill.held(words.partitions)
            let others = missing(held, of: words)
            guard !held.isEmpty || !others.isEmpty else { return try nothingHeld(words) }
            var entries =
                held.isEmpty
                ? []
                : try await progress(words, held.count).shown {
                    try await decide(backfill, held, person, reason, $0).entries
                }
            entries += others.map { .init($0, .notHeld) }
            let rows = try await backfill.ledger.rows(
                job: words.job.name, keys: entries.filter { $0.outcome == .notHeld }.map(\.key))
            return try show(entries.sorted { $0.key < $1.key }, rows, words.job.name, person, reason)
        }
    }

    private func progress(_ words: PartitionWords, _ total: Int) -> DecisionProgress {
        DecisionProgress(
            job: words.job.name, total: total, verb: word == "approve" ? "published" : "rejected", arguments: arguments,
            console: context.console)
    }

    private func check(_ words: PartitionWords) throws(UsageError) {
        guard arguments.has("all") else {
            guard words.partitions != nil else {
                throw UsageError(
                    "Which partitions? Name them, as in '\(word) 2024-03-05', or give --all for everything that is held.",
                    command: arguments.command)
            }
            return
        }
        guard words.partitions == nil else {
            throw UsageError("--all stands instead of partitions: give either.", command: arguments.command)
        }
    }

    /// Partitions that must be held by the words, and are not.
    private func missing(_ held: [HeldPartition], of words: PartitionWords) -> [PartitionKey] {
        let keys = Set(held.map(\.key))
        return Set(words.singles).filter { !keys.contains($0) }.sorted()
    }

    private func nothingHeld(_ words: PartitionWords) throws -> ExitCode {
        let place = words.partitions?.hull.map { " in \($0.inclusiveText)" } ?? ""
        context.console.say("\(words.job.name): nothing is held\(place).\n")
        if arguments.has("json") { try context.console.result(json([], [:], words.job.name, nil, nil)) }
        // Who names a range expects something in it; who asks for all that is held has got it.
        return arguments.has("all") ? .complete : .incomplete
    }

    private func show(
        _ entries: [DecisionReport.Entry], _ rows: [ProgressRow], _ job: String, _ person: String,
        _ reason: String
    ) throws -> ExitCode {
        let console = context.console
        let rows = Dictionary(rows.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        if arguments.has("json") {
            try console.result(json(entries, rows, job, person, reason))
        } else {
            let text = DecisionText(style: console.outputStyle, paths: console.paths)
            for entry in entries { try console.result(text.line(entry.key, entry.outcome, row: rows[entry.key])) }
        }
        return entries.allSatisfy(\.outcome.isAsDecided) ? .complete : .incomplete
    }

    private func json(
        _ entries: [DecisionReport.Entry], _ rows: [PartitionKey: ProgressRow], _ job: String,
        _ person: String?, _ reason: String?
    ) -> String {
        let partitions = entries.map { entry -> JSONValue in
            var members: [String: JSONValue] = [
                "partition": .text(entry.key.description), "outcome": .text(entry.outcome.word),
                "detail": .optional(entry.outcome.detail),
            ]
            if case .published(let version, let rows) = entry.outcome {
                members["table_version"] = .text(version)
                members["rows"] = .optional(rows)
            }
            if entry.outcome == .notHeld { members["status"] = .optional(rows[entry.key]?.status.rawValue) }
            return .object(members)
        }
        return JSONValue.object([
            "job": .text(job), "decision": .text(word), "by": .optional(person), "reason": .optional(reason),
            "partitions": .array(partitions),
        ]).text + "\n"
    }
}
