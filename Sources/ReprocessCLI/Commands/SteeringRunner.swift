internal import PartitionBackfill
internal import ProgressStore

/// Asks something of the runs of a job: what `pause`, `resume`, `drain`, `cancel` and `set` share.
struct SteeringRunner {
    static let options = [
        OptionSpec(
            name: "run", value: .text("N"), summary: "One run only, by its number.",
            defaultText: "every run of the job that is at work, on whatever machine"),
        OptionSpec(name: "reason", value: .text("TEXT"), summary: "Why, for those who wonder."),
        OptionSpec(
            name: "by", value: .text("NAME"), summary: "Who asks.", defaultText: "the user and the machine"),
    ]
    static let exitCodes: [ExitCode] = [.complete, .incomplete, .refused, .usage]
    static let exitMeanings: [ExitCode: String] = [
        .complete: "The runs were asked, and obey within seconds.",
        .incomplete: "No run is at work that could obey.",
    ]

    let arguments: Arguments
    let context: CommandContext
    /// What the runs do, for people: `pauses`.
    let verb: String

    /// Asks.
    func run(_ control: RunControl?, _ settings: [String: String] = [:], job name: String?) async throws -> ExitCode {
        let project = try Project.load(arguments, context)
        let job = try project.job(named: name, for: arguments.command)
        let run = try arguments.integer("run", in: 1...Int.max).map { Int64($0) }
        let request = SteerRequest(
            job: job.name, run: run, control: control, settings: settings,
            user: arguments.text("by") ?? Person.current, reason: arguments.text("reason"))
        let steered = try await project.withLedger { try await $0.steer(request) }
        // Runs whose process died without a word are none of the user's business, unless they name one.
        let shown = steered.filter { $0.isLive || run != nil }
        if arguments.has("json") {
            try context.console.result(
                JSONValue.object(["job": .text(job.name), "runs": .array(shown.map(SteeringJSON.value))]).text + "\n")
        } else {
            context.console.alert(lines(shown, job: job.name, run: run).map { $0 + "\n" }.joined())
        }
        return shown.contains(where: \.obeys) ? .complete : .incomplete
    }

    private func lines(_ steered: [SteeredRun], job: String, run: Int64?) -> [String] {
        guard !steered.isEmpty else {
            return [run.map { "\(job): run \($0) is not at work." } ?? "\(job): no run is at work."]
        }
        return steered.map { steered in
            let name = "\(job): run \(steered.run) by \(steered.worker)"
            if !steered.isLive { return "\(name) has no process any more; nothing was asked of it." }
            guard !steered.obeys else { return "\(name) \(verb)." }
            return "\(name) is \(steered.before == .cancel ? "called off" : "ending") already."
        }
    }
}
