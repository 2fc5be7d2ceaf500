internal import ProgressStore

/// `resume`: let paused runs go on.
enum ResumeCommand {
    static let command = Command(
        name: "resume",
        summary: "Let paused runs go on.",
        discussion: """
            Also where the breaker has paused them, and their processes wait ('--on-breaker wait'). A run that ends goes on \
            ending: start another one.
            """,
        positionals: [.job],
        options: SteeringRunner.options,
        examples: [
            .init(purpose: "Everything of the job", arguments: "resume")
        ],
        exitCodes: SteeringRunner.exitCodes,
        exitMeanings: SteeringRunner.exitMeanings
    ) { arguments, context in
        try await SteeringRunner(arguments: arguments, context: context, verb: "goes on")
            .run(.run, job: arguments.positional("JOB"))
    }
}
