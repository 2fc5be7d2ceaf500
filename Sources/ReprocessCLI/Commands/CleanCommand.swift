internal import BlockingWork
internal import Lakehouse
internal import PartitionBackfill
internal import Transforms

/// `clean`: garbage, and replaced generations past their grace.
enum CleanCommand {
    private static let defaultKeep = Duration.seconds(7 * 86_400)

    static let command = Command(
        name: "clean",
        summary: "Remove what dead workers left, and replaced generations past their grace.",
        discussion: """
            Looks into the folder beside the table, and never into a table of Hive directories. What an attempt staged is removed when the \
            ledger says that nobody works on it any more; a publish that has happened is brought to its end. A generation \
            that was replaced is removed when its replacement is older than --keep by the database's clock. Folders into \
            which engines of dead processes spilled on this machine go too.

            Of a Delta table, data files that this program wrote and that were replaced, and entries of the log that a \
            checkpoint stands for, go when the table does not keep them any longer by its own properties.

            What another program wrote, and a run replaced, is measured before it goes, where nobody has done so: its \
            numbers stay in the ledger, for 'diff'. What cannot be read goes all the same. --no-measure leaves that out.

            Runs and other cleanings may go on meanwhile. --dry-run tells what would go, and how much it is.
            """,
        positionals: [.job],
        options: [
            OptionSpec(
                name: "keep", value: .text("TIME"),
                summary: "How long a replaced generation is kept, for those who still read it or want it back.",
                defaultText: "7d"),
            OptionSpec(
                name: "unknown", value: .flag,
                summary:
                    "Also, whatever its age, what comes from attempts that this ledger does not know. Only where no "
                    + "other ledger writes the table."),
            OptionSpec(
                name: "no-measure", value: .flag,
                summary: "Remove what was replaced without measuring what nobody has measured."),
            OptionSpec(name: "dry-run", value: .flag, summary: "Tell what would go, and change nothing."),
        ],
        examples: [
            .init(purpose: "What would go?", arguments: "clean --dry-run"),
            .init(purpose: "Keep two days only", arguments: "clean --keep 2d"),
            .init(purpose: "After the ledger was lost and begun anew", arguments: "clean --unknown --dry-run"),
        ],
        exitCodes: [.complete, .refused, .usage, .interrupted]
    ) { arguments, context in
        let project = try Project.load(arguments, context)
        let job = try project.job(named: arguments.positional("JOB"), for: arguments.command)
        let keep = try arguments.duration("keep") ?? defaultKeep
        let request = CleaningRequest(
            rule: CleaningRule(keep: keep, removesUnknown: arguments.has("unknown")),
            isDryRun: arguments.has("dry-run"), measuresReplaced: !arguments.has("no-measure"),
            workers: job.defaults.workers ?? RunLimits.defaultWorkers)
        var options = project.engine.options(sessions: request.workers)
        // Every file is read once.
        options.keepsFilesInMemory = false
        let engine = DuckDBSQLEngine(options: options)
        var shown = CleaningOutput(job: job.name, request: request, arguments: arguments, console: context.console)
        try await project.withLedger { ledger in
            try await Cleaning(job: job, ledger: ledger, engine: engine).run(request) { try shown.show($0) }
        }
        let thread = BlockingThread(label: "reprocess.spill")
        let spills = await thread.run { [environment = context.environment] in
            AbandonedSpill.find(
                options: project.engine.options(), environment: environment, removes: !request.isDryRun)
        }
        for spill in spills { try shown.show(spill) }
        try shown.finish()
        return .complete
    }
}

/// Writes what a cleaning does as it does it, and sums it up.
private struct CleaningOutput {
    let job: String
    let request: CleaningRequest
    let arguments: Arguments
    let console: Console
    private var tally = CleaningTally()
    private var isJSON: Bool { arguments.has("json") }

    init(job: String, request: CleaningRequest, arguments: Arguments, console: Console) {
        self.job = job
        self.request = request
        self.arguments = arguments
        self.console = console
    }

    mutating func show(_ event: CleaningEvent) throws {
        tally.add(event)
        let line =
            isJSON
            ? CleanJSON.line(for: event, isDryRun: request.isDryRun)
            : text(console.outputStyle).line(for: event, isVerbose: console.isVerbose)
        if let line { try console.result(line) }
    }

    mutating func show(_ spill: AbandonedSpill) throws {
        tally.add(spill)
        try console.result(
            isJSON
                ? CleanJSON.line(for: spill, isDryRun: request.isDryRun) : text(console.outputStyle).line(for: spill))
    }

    func finish() throws {
        if isJSON { try console.result(CleanJSON.line(for: tally, job: job, isDryRun: request.isDryRun)) }
        try console.output.flush()
        console.say(text(console.messageStyle).summary(tally))
    }

    private func text(_ style: Style) -> CleanText {
        CleanText(job: job, isDryRun: request.isDryRun, style: style, paths: console.paths)
    }
}
