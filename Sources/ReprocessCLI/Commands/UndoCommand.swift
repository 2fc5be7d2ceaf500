internal import PartitionBackfill
internal import Partitions
internal import ProgressStore
internal import Transforms

/// `undo`: puts back what was replaced.
enum UndoCommand {
    static let command = Command(
        name: "undo",
        summary: "Put back the generation that was there before, for partitions or for a whole run.",
        discussion: """
            The files of the replaced generation are published again, in the same fenced step as anything else, and \
            recorded as attempts of a run of its own: 'undo --run' with its number undoes the undo. It is possible for \
            as long as the replaced files are kept: until 'clean' removes them, or until a Delta table's retention is \
            over.

            A partition that others have replaced since is refused; --force puts back even so what the job's own last \
            attempt had replaced. First it is shown what would be put back, and asked; without a terminal, --yes must \
            be given.
            """,
        positionals: PartitionWords.positionals,
        options: PartitionWords.options + [
            OptionSpec(name: "run", value: .text("N"), summary: "What that run changed."),
            OptionSpec(name: "force", value: .flag, summary: "Also partitions that others have replaced since."),
            OptionSpec(name: "dry-run", value: .flag, summary: "Show what would be put back, and change nothing."),
            DecisionOptions.yes, DecisionOptions.reason, DecisionOptions.by,
        ] + RunOptions.gentle,
        examples: [
            .init(purpose: "What could be put back of run 12, and for how long?", arguments: "undo --run 12 --dry-run"),
            .init(
                purpose: "All that run 12 changed", arguments: "undo --run 12 --reason \"the rates were wrong\""),
            .init(
                purpose: "One day", arguments: "undo 2024-03-05 --reason \"the file was cut off\" --yes"),
        ],
        exitCodes: [.complete, .incomplete, .refused, .stopped, .usage, .interrupted],
        exitMeanings: [
            .complete: "All of it is as it was before.",
            .incomplete: "Some of it could not be put back; the lines say why.",
            .stopped: "It was asked, and the answer was no.",
        ],
        usualOptions: "--reason TEXT"
    ) { arguments, context in
        let project = try Project.load(arguments, context)
        let words = try PartitionWords(arguments, project)
        let request = try request(arguments, words)
        let question = Question(input: context.input, console: context.console, stop: context.stop)
        try checkThatSomebodyAnswers(arguments, question)
        return try await project.withController(of: words.job) { backfill in
            if case .run(let run) = request.scope {
                _ = try await RunLookup(ledger: backfill.ledger, job: words.job.name).run(run)
            }
            let runner = UndoRunner(
                backfill: backfill, request: request, question: question, arguments: arguments, context: context,
                words: CommandWords(project: project, arguments: arguments, context: context, job: words.job.name))
            return try await runner.run()
        }
    }

    private static func request(_ arguments: Arguments, _ words: PartitionWords) throws -> UndoRequest {
        let run = try arguments.integer("run", in: 1...Int.max)
        let scope: UndoRequest.Scope
        switch (run, words.partitions) {
        case (let run?, nil): scope = .run(Int64(run))
        case (nil, let partitions?): scope = .partitions(partitions)
        case (nil, nil):
            throw UsageError("Of what? Name partitions, as in 'undo 2024-03-05', or give --run N.")
        case (.some, .some): throw UsageError("--run stands instead of partitions: give either.")
        }
        let isDryRun = arguments.has("dry-run")
        return UndoRequest(
            scope: scope, force: arguments.has("force"), isDryRun: isDryRun, user: DecisionOptions.person(arguments),
            reason: isDryRun ? arguments.text("reason") ?? "" : try DecisionOptions.reason(arguments),
            workers: words.job.defaults.workers ?? 2, lease: words.job.defaults.lease)
    }

    private static func checkThatSomebodyAnswers(_ arguments: Arguments, _ question: Question) throws(UsageError) {
        guard !arguments.has("dry-run"), !arguments.has("yes") else { return }
        guard question.canBeAsked, !arguments.has("json") else {
            throw UsageError(
                "Nobody can be asked here: look with --dry-run, then give --yes.", command: arguments.command)
        }
    }
}

/// Shows what an undo would do, asks, and does it.
private struct UndoRunner {
    let backfill: Backfill
    let request: UndoRequest
    let question: Question
    let arguments: Arguments
    let context: CommandContext
    let words: CommandWords
    private var console: Console { context.console }
    private var isJSON: Bool { arguments.has("json") }

    init(
        backfill: Backfill, request: UndoRequest, question: Question, arguments: Arguments, context: CommandContext,
        words: CommandWords
    ) {
        self.backfill = backfill
        self.request = request
        self.question = question
        self.arguments = arguments
        self.context = context
        self.words = words
    }

    func run() async throws -> ExitCode {
        // Of a run it is known after a look only, which --yes spares.
        var total = 0
        if case .partitions(let partitions) = request.scope { total = partitions.count }
        if request.isDryRun || !arguments.has("yes") {
            var look = request
            look.isDryRun = true
            let report = try await backfill.undo(look) { _ in }
            if request.isDryRun {
                try show(report, to: console.result)
                return exitCode(report)
            }
            try show(report) { console.alert($0) }
            let count = report.entries.count { $0.outcome.wouldChange }
            total = count
            guard count > 0 else {
                console.say("Nothing is put back.\n")
                return exitCode(report)
            }
            guard await question.ask("Put back \(NumberText.counted(count, "partition"))?") else { return .stopped }
        }
        let progress = DecisionProgress(
            job: backfill.job.name, total: total, verb: "put back", arguments: arguments, console: console)
        let report = try await progress.shown { try await backfill.undo(request, onEvent: $0) }
        try show(report, to: console.result)
        try console.output.flush()
        sayHowToUndo(report)
        return exitCode(report)
    }

    private func show(_ report: UndoReport, to output: (String) throws -> Void) throws {
        if isJSON {
            return try output(UndoJSON.line(for: report, job: backfill.job.name, isDryRun: request.isDryRun))
        }
        let text = UndoText(style: console.outputStyle, paths: console.paths)
        for entry in report.entries { try output(text.line(entry.key, entry.outcome)) }
        if report.entries.isEmpty { console.say("\(backfill.job.name): there is nothing to undo.\n") }
        if !request.force, report.entries.contains(where: \.outcome.isRefused) {
            try console.output.flush()
            console.say("With --force what others have replaced since is put back all the same.\n")
        }
    }

    private func sayHowToUndo(_ report: UndoReport) {
        guard let run = report.run, report.entries.contains(where: \.outcome.hasChanged) else { return }
        let line = words.line("undo", .none, more: ["--run", String(run), "--reason", "…"])
        console.say("To undo this:\n  \(line)\n")
    }

    private func exitCode(_ report: UndoReport) -> ExitCode {
        report.entries.allSatisfy(\.outcome.isAsAsked) ? .complete : .incomplete
    }
}

extension UndoOutcome {
    fileprivate var wouldChange: Bool {
        switch self {
        case .wouldPutBack, .wouldEmpty: true
        case .putBack, .emptied, .nothingToUndo, .refused, .gone, .failed: false
        }
    }

    fileprivate var isRefused: Bool {
        if case .refused = self { return true }
        return false
    }

    fileprivate var hasChanged: Bool {
        switch self {
        case .putBack, .emptied: true
        case .wouldPutBack, .wouldEmpty, .nothingToUndo, .refused, .gone, .failed: false
        }
    }
}
