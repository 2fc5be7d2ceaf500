internal import PartitionBackfill
internal import Partitions
internal import Transforms

/// `verify`: proves that ledger and table agree.
enum VerifyCommand {
    static let command = Command(
        name: "verify",
        summary: "Prove that the table holds what the ledger calls COMPLETE.",
        discussion: """
            Looks at every COMPLETE partition of the range, or of the job where none is given: whether the table has it, \
            whether it is the generation that was recorded, and whether names, sizes and numbers of rows of its files \
            are those that were recorded. Each difference is a line on standard output.

            Sizes and footers are read, and not the data; --deep reads every value of every file. Runs may go on \
            meanwhile: what they change is not judged. --repair makes the partitions that differ PENDING again, so that \
            the next 'run' makes them anew; nothing is deleted, and the history of their attempts stays.
            """,
        positionals: [.job],
        options: [
            RunOptions.from, RunOptions.to, RunOptions.dates,
            OptionSpec(name: "deep", value: .flag, summary: "Read every value of every file."),
            OptionSpec(
                name: "repair", value: .flag,
                summary: "Make the partitions that differ PENDING again, for the next run."
            ),
            OptionSpec(
                name: "workers", value: .text("N"), summary: "How much is looked at at the same time.",
                defaultText: "two for each core"),
        ] + RunOptions.gentle,
        examples: [
            .init(purpose: "Everything that was ever done", arguments: "verify"),
            .init(
                purpose: "Half a year, every value of it", arguments: "verify --from 2024-01-01 --to 2024-06-30 --deep"),
            .init(
                purpose: "Have a month looked at, and what is wrong with it made anew",
                arguments: "verify --from 2024-03-01 --to 2024-03-31 --repair"),
        ],
        exitCodes: [.complete, .incomplete, .refused, .usage, .interrupted],
        exitMeanings: [
            .complete: "Ledger and table agree.",
            .incomplete: "There are differences, also where --repair has reopened them.",
        ]
    ) { arguments, context in
        let project = try Project.load(arguments, context)
        let job = try project.job(named: arguments.positional("JOB"), for: arguments.command)
        let request = VerificationRequest(
            partitions: try RequestBuilder(arguments: arguments, job: job).partitions(),
            isDeep: arguments.has("deep"), repairs: arguments.has("repair"),
            workers: try arguments.integer("workers", in: RunLimits.workers) ?? RunLimits.defaultWorkers)
        try project.standBack(for: job)
        var options = project.engine.options(sessions: request.workers)
        // Every file is read once.
        options.keepsFilesInMemory = false
        let engine = DuckDBSQLEngine(options: options)
        return try await project.withLedger { ledger in
            let verification = try Verification(job: job, ledger: ledger, engine: engine)
            return try await verify(verification, request, job.name, project, arguments, context)
        }
    }

    private static func verify(
        _ verification: Verification, _ request: VerificationRequest, _ job: String, _ project: Project,
        _ arguments: Arguments, _ context: CommandContext
    ) async throws -> ExitCode {
        let console = context.console
        let isJSON = arguments.has("json")
        let text = VerifyText(job: job, style: console.outputStyle, paths: console.paths)
        let start = ContinuousClock.now
        let display = LookDisplay(
            job: job, total: try await verification.count(request), console: console
        ) { ContinuousClock.now - start }
        var reopened = PartitionSet(
            granularity: request.partitions?.granularity ?? .day, keys: EmptyCollection())
        let report = try await display.shown {
            try await verification.run(request) { finding in
                try display.note(isJSON ? VerifyJSON.lines(for: finding) : text.lines(for: finding))
                if case .differs(let key, _, true) = finding { reopened.add(key) }
            }
        }
        if isJSON { try console.result(VerifyJSON.line(for: report, job: job)) }
        try console.output.flush()
        let words = CommandWords(project: project, arguments: arguments, context: context, job: job)
        console.say(
            VerifyText(job: job, style: console.messageStyle).summary(report)
                + advice(report, request, reopened, words))
        return report.differing > 0 ? .incomplete : .complete
    }

    private static func advice(
        _ report: VerificationReport, _ request: VerificationRequest, _ reopened: PartitionSet, _ words: CommandWords
    ) -> String {
        if report.reopened > 0 {
            return "They are PENDING now. To make them anew:\n  \(words.line("run", words.scope(of: reopened)))\n"
        }
        guard report.differing > 0 else { return "" }
        let line = words.line("verify", .typed, more: (request.isDeep ? ["--deep"] : []) + ["--repair"])
        return "To make them PENDING again, so that a run makes them anew:\n  \(line)\n"
    }
}

extension PartitionSet {
    /// Adds a key that lies after all others.
    ///
    /// An empty set takes the granularity of its first key.
    fileprivate mutating func add(_ key: PartitionKey) {
        if isEmpty { self = PartitionSet(granularity: key.granularity, keys: EmptyCollection()) }
        append(key)
    }
}
