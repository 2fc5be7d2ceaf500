internal import ProgressStore

/// `pause`: let the runs of a job claim nothing more until told to go on.
enum PauseCommand {
    static let command = Command(
        name: "pause",
        summary: "Let the runs of a job claim nothing more until told to go on.",
        discussion: """
            What they are working on is finished; then they hold nothing, wait, and ask the ledger every two seconds. \
            'resume' lets them go on, 'drain' and 'cancel' let them end. 'status' shows who asked, and why.

            A run that is started afterwards is not paused.
            """,
        positionals: [.job],
        options: SteeringRunner.options,
        examples: [
            .init(purpose: "Give the cluster a rest", arguments: "pause --reason \"month-end closing\""),
            .init(purpose: "One of several runs", arguments: "pause orders --run 17"),
        ],
        exitCodes: SteeringRunner.exitCodes,
        exitMeanings: SteeringRunner.exitMeanings
    ) { arguments, context in
        try await SteeringRunner(arguments: arguments, context: context, verb: "pauses")
            .run(.pause, job: arguments.positional("JOB"))
    }
}
