internal import ProgressStore

/// `cancel`: call the runs of a job off.
enum CancelCommand {
    static let command = Command(
        name: "cancel",
        summary: "Call the runs of a job off.",
        discussion: """
            They claim no more, interrupt what they are working on and give it back. What nobody has begun becomes CANCELLED \
            when the process of a run holds nothing of it any more, unless another run that is at work has it in its \
            range. The next 'run' over these days does them all the same. Their exit code is 3.
            """,
        positionals: [.job],
        options: SteeringRunner.options,
        examples: [
            .init(purpose: "All of it", arguments: "cancel --reason \"wrong month\"")
        ],
        exitCodes: SteeringRunner.exitCodes,
        exitMeanings: SteeringRunner.exitMeanings
    ) { arguments, context in
        try await SteeringRunner(arguments: arguments, context: context, verb: "is called off")
            .run(.cancel, job: arguments.positional("JOB"))
    }
}
