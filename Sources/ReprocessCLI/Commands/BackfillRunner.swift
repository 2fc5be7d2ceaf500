internal import PartitionBackfill
internal import Partitions
internal import ProgressStore
internal import Transforms

/// Plans and runs a request, and shows it: what `run` and `retry` share.
struct BackfillRunner: Sendable {
    let project: Project
    let arguments: Arguments
    let context: CommandContext
    /// Notes what happens, for those who are told at the end.
    let follower: RunFollower

    /// Prepares a run.
    ///
    /// - Throws: `UsageError` or `Refusal` where what was asked for at its end cannot be, before anything is done.
    init(project: Project, arguments: Arguments, context: CommandContext, job: Job) throws {
        self.project = project
        self.arguments = arguments
        self.context = context
        follower = try RunFollower(arguments, context, job: job)
    }

    /// Opens what is needed, runs the request, and closes it again.
    func run(_ job: Job, _ request: BackfillRequest) async throws -> ExitCode {
        let sessions = min(request.workers, request.partitions.count)
        return try await follower.follow {
            try await project.withBackfill(of: job, sessions: sessions) { try await run($0, request) }
        }
    }

    /// Runs the request, and writes the report that was asked for, however it ends.
    func run(_ backfill: Backfill, _ request: BackfillRequest) async throws -> ExitCode {
        // The plan waits for the engine anyway.
        if !arguments.has("dry-run") { backfill.ledger.connectAhead() }
        do {
            let code = try await runAll(backfill, request)
            await follower.writeReport(from: backfill.ledger)
            return code
        } catch {
            await follower.writeReport(from: backfill.ledger)
            throw error
        }
    }

    private func runAll(_ backfill: Backfill, _ request: BackfillRequest) async throws -> ExitCode {
        let plan = try await backfill.plan(request)
        if arguments.has("canary"), !arguments.has("dry-run") {
            let canary = CanaryRunner(runner: self, backfill: backfill, request: request)
            switch try await canary.run(plan) {
            case .ends(let code): return code
            case .goesOn(let changed):
                return try await run(backfill, request, try await backfill.plan(request), changedBefore: changed).code
            }
        }
        return try await run(backfill, request, plan).code
    }

    /// Runs a plan; `changedBefore` are partitions that the same command has changed already.
    func run(
        _ backfill: Backfill, _ request: BackfillRequest, _ plan: BackfillPlan, changedBefore: [PartitionKey] = []
    ) async throws -> (code: ExitCode, report: BackfillReport?) {
        if arguments.has("dry-run") {
            try PlanCommand.print(plan, try await backfill.price(plan, request), arguments, context)
            return (.complete, nil)
        }
        let console = context.console
        console.say(header(plan, request))
        let held = plan.counts[.held] ?? 0
        let total = plan.runCount + plan.awaitedCount(by: request.selection)
        guard total > 0 else { return (try finishWithoutWork(plan, held, changedBefore), nil) }
        console.say(means(request))
        let follower = follower
        follower.begin(endsAtBreaker: request.onBreaker == .exit)
        var (report, told) = try await RunReporting.report(
            job: plan.job, total: total, arguments, context
        ) { onEvent in
            try await project.notices.diverted(to: onEvent) {
                try await backfill.run(plan, request, stop: context.stop) { event in
                    follower.note(event)
                    onEvent(event)
                }
            }
        }
        if !changedBefore.isEmpty {
            let keys = changedBefore + Array(report.changed)
            report.changed = PartitionSet(granularity: plan.range.granularity, keys: keys)
        }
        follower.end(report)
        var summary = summary(report, plan, request.selection)
        summary.told = told
        summary.isCanary = request.holdsEverything
        if arguments.has("json") {
            try console.result(RunEventJSON.line(for: report, isCanary: request.holdsEverything))
        } else if console.log == nil {
            console.alert(console.isQuiet ? summary.failureText : summary.text)
        }
        return (RunExit.code(for: report, heldByPlan: held, limit: request.maxPartitions), report)
    }

    private func header(_ plan: BackfillPlan, _ request: BackfillRequest) -> String {
        let text = PlanText(plan: plan, style: context.console.messageStyle)
        let awaited = plan.awaitedCount(by: request.selection)
        let wait = awaited > 0 ? "Others are at work on \(NumberText.grouped(awaited)); the run waits for them.\n" : ""
        return text.header + "\n" + text.decisions + text.summary + wait
    }

    private func means(_ request: BackfillRequest) -> String {
        let ledger = LedgerChoice.describe(
            project.ledger, schema: project.schema, environment: context.environment, paths: context.console.paths)
        return "Ledger: \(ledger). \(NumberText.counted(request.workers, "worker")) in this process.\n"
    }

    private func finishWithoutWork(
        _ plan: BackfillPlan, _ held: Int, _ changed: [PartitionKey]
    ) throws -> ExitCode {
        let total = plan.segments.reduce(0) { $0 + $1.range.count }
        context.console.say("Nothing to run.\n")
        if held > 0 {
            let lines = words(plan.job).decisions(about: nil).map { "  \($0)\n" }.joined()
            context.console.say("To look at what is held, and to decide:\n\(lines)")
        }
        if arguments.has("json") {
            try context.console.result(RunEventJSON.nothingToDo(skipped: total, held: held, changed: changed))
        }
        return held > 0 ? .incomplete : .complete
    }

    func words(_ job: String) -> CommandWords {
        CommandWords(project: project, arguments: arguments, context: context, job: job)
    }

    private func summary(_ report: BackfillReport, _ plan: BackfillPlan, _ selection: Selection) -> RunSummary {
        let words = words(plan.job)
        let isAllKnown = report.held == report.heldPartitions.count
        let held = PartitionSet(granularity: plan.range.granularity, keys: report.heldPartitions.keys)
        return RunSummary(
            report: report, job: plan.job, retryCommand: words.retry,
            resumeCommand: words.resumption(of: plan, selection),
            decisionCommands: words.decisions(about: isAllKnown ? held : nil), resumptionRepeats: selection == .all,
            style: context.console.messageStyle, paths: context.console.paths)
    }
}

/// What a run's end means for the caller of the program.
enum RunExit {
    /// The code; a signal's own code comes before it.
    static func code(for report: BackfillReport, heldByPlan: Int, limit: Int?) -> ExitCode {
        // What was asked of the run comes before what it left behind: it is to be gone on with.
        if report.earlyEnd != nil { return .stopped }
        if !report.failed.isEmpty || report.held > 0 || heldByPlan > 0 { return .incomplete }
        if report.wasStopped || report.cancelled > 0 { return .stopped }
        // Of a limit below the first partition nobody has got anything.
        if let limit = report.byteLimit { return limit.started > 0 ? .complete : .stopped }
        // Whoever sets a limit asks for that many, and has got them.
        return report.remaining > 0 && limit == nil ? .stopped : .complete
    }
}
