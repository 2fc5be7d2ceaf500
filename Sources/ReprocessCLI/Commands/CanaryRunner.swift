internal import PartitionBackfill
internal import Partitions
internal import ProgressStore
internal import Transforms

/// Does a few partitions before all others, and waits until somebody has looked at what they would change.
struct CanaryRunner {
    /// What comes after the canaries.
    enum Outcome {
        /// The run ends here.
        case ends(ExitCode)
        /// The rest may be run; these have changed already.
        case goesOn(changed: [PartitionKey])
    }

    /// How often it is looked whether somebody has decided.
    private static let period = Duration.seconds(2)

    let runner: BackfillRunner
    let backfill: Backfill
    let request: BackfillRequest

    private var console: Console { runner.context.console }
    private var arguments: Arguments { runner.arguments }
    private var job: String { backfill.job.name }

    /// Runs the canaries and has them decided.
    ///
    /// - Returns: Whether the rest may be run.
    func run(_ plan: BackfillPlan) async throws -> Outcome {
        let keys = try await backfill.canary(plan)
        guard !keys.isEmpty else { return .goesOn(changed: []) }
        say("Canary: \(PartitionList.text(of: keys)) of \(NumberText.counted(plan.runCount, "partition")).\n")
        var trial = request
        trial.partitions = keys
        trial.holdsEverything = true
        trial.maxPartitions = nil
        trial.maxBytes = nil
        // The day itself was chosen: how recent it is has been looked at by the plan.
        trial.settle = nil
        let result = try await runner.run(backfill, trial, try await backfill.plan(trial))
        guard let report = result.report else { return .ends(result.code) }
        guard report.failed.isEmpty, !report.wasStopped, report.remaining == 0, report.cancelled == 0 else {
            say("The canary has not passed, and nothing else is run.\n")
            return .ends(result.code)
        }
        let held = try await backfill.held(keys)
        guard !held.isEmpty else {
            say("The canary changes nothing that the table holds. Going on.\n")
            return .goesOn(changed: [])
        }
        let judged = try await JudgedReader(backfill: backfill).partitions(keys)
        try show(judged)
        return try await decide(held, judged, rest: max(0, plan.runCount - keys.count))
    }

    private func decide(_ held: [HeldPartition], _ judged: [Judged], rest: Int) async throws -> Outcome {
        let keys = PartitionSet(granularity: backfill.job.partitioning.every, keys: held.map(\.key))
        if arguments.has("yes") {
            let objections = CanaryObjection.all(in: judged)
            guard objections.isEmpty else {
                say(objections.map { "  \($0)\n" }.joined() + "The canary is held; --yes does not decide that.\n")
                sayHowToDecide(keys)
                return .ends(.incomplete)
            }
            return try await approve(held)
        }
        // Whoever started it may have gone away from the terminal as well.
        runner.follower.awaitApproval(
            of: Dictionary(uniqueKeysWithValues: held.map { ($0.key, $0.reason) }),
            runner.words(job).decisions(about: keys))
        let question = Question(input: runner.context.input, console: console, stop: runner.context.stop)
        if question.canBeAsked, !arguments.has("json") {
            let text =
                "Publish \(these(held.count)) and go on with the other \(NumberText.grouped(rest))?"
            guard await question.ask(text) else {
                say("Nothing is published. The canary stays held.\n")
                sayHowToDecide(keys)
                return .ends(.stopped)
            }
            return try await approve(held)
        }
        return try await awaitDecision(keys)
    }

    private func approve(_ held: [HeldPartition]) async throws -> Outcome {
        let reason = request.reason.map { "canary: \($0)" } ?? "canary"
        let report = try await backfill.approve(held, by: Person.current, reason: reason)
        let text = DecisionText(style: console.messageStyle, paths: console.paths)
        for entry in report.entries { say(text.line(entry.key, entry.outcome)) }
        guard report.isAsDecided else {
            say("Not all of the canary is published, and nothing else is run.\n")
            return .ends(.incomplete)
        }
        runner.follower.canaryDecided()
        return .goesOn(changed: held.map(\.key))
    }

    /// Waits until somebody has decided, from wherever.
    private func awaitDecision(_ keys: PartitionSet) async throws -> Outcome {
        let event: [String: JSONValue] = [
            "event": .text("awaiting_approval"), "job": .text(job), "run": .optional(runner.follower.number),
            "partitions": .array(keys.map { .text($0.description) }),
            "decide": runner.words(job).decisions(about: keys).json,
        ]
        if arguments.has("json") {
            try console.result(JSONValue.object(event).text + "\n")
            try console.output.flush()
        }
        console.record(.warning, event)
        say("Waiting until it is approved.\n")
        sayHowToDecide(keys)
        while runner.context.stop.level == .none {
            let rows = try await backfill.ledger.rows(job: job, keys: Array(keys))
            if rows.allSatisfy({ $0.status == .complete }) {
                say("Approved. Going on.\n")
                runner.follower.canaryDecided()
                return .goesOn(changed: Array(keys))
            }
            guard rows.contains(where: { $0.status == .held || $0.status == .running }) else {
                let end = "The canary was not approved, and nothing else is run."
                say(end + "\n")
                runner.follower.canaryDecided(ending: end)
                return .ends(.stopped)
            }
            try await Task.sleep(for: Self.period)
        }
        say("Stopped. The canary stays held.\n")
        return .ends(.stopped)
    }

    private func show(_ judged: [Judged]) throws {
        if arguments.has("json") {
            let text = DiffJSON.object(job: job, run: nil, judged)
            return try console.result(JSONValue.object(["event": .text("canary"), "diff": text]).text + "\n")
        }
        if console.log != nil {
            let text = DiffJSON.outline(judged)
            return console.record(.info, ["event": .text("canary"), "job": .text(job), "diff": text])
        }
        let width = max(40, (console.messages.width ?? 100) - 1)
        for entry in judged {
            let text = DiffText(
                job: job, judged: entry, width: width, style: console.messageStyle, paths: console.paths)
            // Also for those who asked for quiet: it is what they are asked about.
            console.alert("\n" + text.text)
        }
        console.alert("\n")
    }

    private func sayHowToDecide(_ keys: PartitionSet) {
        say(runner.words(job).decisions(about: keys).lines.map { "  \($0)\n" }.joined())
    }

    private func these(_ count: Int) -> String { count == 1 ? "this partition" : "these \(count) partitions" }

    private func say(_ text: String) { console.say(text) }
}

/// What speaks against publishing a canary without a person's look.
enum CanaryObjection {
    /// Violated audits that hold, and partitions that would lose all rows.
    static func all(in judged: [Judged]) -> [String] {
        judged.flatMap { entry -> [String] in
            let violated = entry.findings.filter { !$0.hasPassed && $0.severity != .warn }
            let emptied = entry.new?.knownRows == 0 && (entry.old?.knownRows ?? 0) > 0
            return violated.map { "\(entry.key)  \(FindingText().line($0))" }
                + (emptied ? ["\(entry.key)  it would become empty"] : [])
        }
    }
}
