internal import ProgressStore

/// `drain`: let the runs of a job finish what they are working on, and end.
enum DrainCommand {
    static let command = Command(
        name: "drain",
        summary: "Let the runs of a job finish what they are working on, and end.",
        discussion: """
            As Ctrl-C at each of their processes. What they have not begun stays PENDING, and the next 'run' does it. Their exit \
            code is 3.
            """,
        positionals: [.job],
        options: SteeringRunner.options,
        examples: [
            .init(purpose: "Before a machine is shut down", arguments: "drain --run 17")
        ],
        exitCodes: SteeringRunner.exitCodes,
        exitMeanings: SteeringRunner.exitMeanings
    ) { arguments, context in
        try await SteeringRunner(
            arguments: arguments, context: context, verb: "finishes what it is working on, and ends"
        )
        .run(.drain, job: arguments.positional("JOB"))
    }
}
