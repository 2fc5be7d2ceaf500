internal import PartitionBackfill
internal import ProgressStore

/// `set`: changes how runs run while they run.
enum SetCommand {
    static let command = Command(
        name: "set",
        summary: "Change how the runs of a job run while they run: workers, rate, order, window, max-running.",
        discussion: """
            Each process obeys within seconds. 'workers' is for each process, 'rate' and 'max-running' are for all of \
            them together, 'window' is for those that were asked. 'none' takes a rate, a limit or a window away.
            """,
        positionals: [
            .job,
            .init(
                name: "NAME=VALUE",
                summary: "workers=8, rate=30/min, order=newest, window=\"22:00-06:00 Europe/Berlin\", max-running=10.",
                repeats: true),
        ],
        options: SteeringRunner.options,
        examples: [
            .init(
                purpose: "Fewer at a time in each process, and a slower pace", arguments: "set workers=2 rate=30/min"),
            .init(purpose: "At night only", arguments: "set \"window=22:00-06:00 Europe/Berlin\""),
            .init(purpose: "As fast as it goes again", arguments: "set orders workers=8 rate=none window=none"),
        ],
        exitCodes: SteeringRunner.exitCodes,
        exitMeanings: SteeringRunner.exitMeanings
    ) { arguments, context in
        let job = arguments.positionals.first.flatMap { $0.contains("=") ? nil : $0 }
        let settings = try settings(arguments.positionals.dropFirst(job == nil ? 0 : 1), arguments.command)
        let words = settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        return try await SteeringRunner(arguments: arguments, context: context, verb: "takes \(words)")
            .run(nil, settings, job: job)
    }

    /// Checks what is to be set before it is written where every process reads it.
    static func settings(_ words: ArraySlice<String>, _ command: Command) throws(UsageError) -> [String: String] {
        var texts: [String: String] = [:]
        var checked = RunSettings(workers: 1)
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let names = RunSettings.Name.allCases.map(\.rawValue)
            guard parts.count == 2, let name = RunSettings.Name(rawValue: parts[0]) else {
                let guess = Suggestion.question(for: parts[0], among: names)
                throw UsageError(
                    "'\(word)' sets nothing: write NAME=VALUE with one of \(names.joined(separator: ", ")).\(guess)",
                    command: command)
            }
            do throws(RunSettings.InvalidValue) {
                try checked.set(name, to: parts[1])
            } catch {
                throw UsageError(error.description, command: command)
            }
            texts[name.rawValue] = parts[1]
        }
        guard !texts.isEmpty else {
            throw UsageError("Nothing is to be set: write NAME=VALUE, such as workers=4.", command: command)
        }
        return texts
    }
}
