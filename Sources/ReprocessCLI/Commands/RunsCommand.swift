internal import Foundation
internal import PartitionBackfill
internal import ProgressStore

/// `runs`: the history.
enum RunsCommand {
    private static let limits = 1...10_000

    static let command = Command(
        name: "runs",
        summary: "List the runs: what was run, by whom, when and why, and how it ended.",
        discussion: """
            Newest first, of one job or of all. The history is kept: 'clean' removes nothing of it. 'report --run N' tells \
            more of any of them.
            """,
        positionals: [.job],
        options: [
            OptionSpec(
                name: "limit", value: .text("N"), summary: "The greatest number of runs to list.", defaultText: "20")
        ],
        examples: [
            .init(purpose: "What was done lately", arguments: "runs"),
            .init(purpose: "More of it, for a program", arguments: "runs --limit 500 --json"),
        ]
    ) { arguments, context in
        let project = try Project.load(arguments, context)
        let limit = try arguments.integer("limit", in: limits) ?? 20
        let history = try await project.withLedger { ledger in
            var runs: [RunRow]
            if let given = arguments.positional("JOB") {
                let lookup = JobLookup(project: project, ledger: ledger)
                let name = try await lookup.name(given, for: arguments.command)
                runs = try await ledger.runs(job: name ?? given, limit: limit)
            } else {
                runs = try await ledger.runs(limit: limit)
            }
            return RunHistory(runs: runs, live: try await ReportReader(ledger: ledger).live(among: runs), now: Date())
        }
        let console = context.console
        if arguments.has("json") {
            try console.result(RunHistoryJSON.line(for: history))
        } else if history.runs.isEmpty {
            console.say("There was no run yet.\n")
        } else {
            let width = console.output.width ?? 160
            try console.result(RunHistoryText(history: history, width: width, style: console.outputStyle).text)
        }
        return .complete
    }
}
