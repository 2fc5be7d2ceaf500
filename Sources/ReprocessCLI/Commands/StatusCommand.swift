internal import Foundation
internal import PartitionBackfill
internal import Partitions
internal import ProgressStore
internal import Transforms

/// `status`: where the partitions of a job stand.
enum StatusCommand {
    /// Rows of one kind that are listed for people, and for programs.
    private static let listed = (people: 20, programs: 10_000)

    static let command = Command(
        name: "status",
        summary: "Show how many partitions stand where, how fast they go, what runs and what has failed.",
        discussion: """
            Reads the ledger and nothing else, so that it answers from any machine while others work. Without a range \
            it counts every partition of the job that the ledger knows; with one it also counts those that it does not \
            know.
            """,
        positionals: [.job],
        options: [
            RunOptions.from, RunOptions.to,
            OptionSpec(
                name: "watch", short: "w", value: .flag,
                summary: "Show it again every two seconds, until Ctrl-C or until nothing is pending or running."),
        ],
        examples: [
            .init(purpose: "Where the job stands", arguments: "status"),
            .init(purpose: "Stay and look", arguments: "status --watch"),
            .init(
                purpose: "The failed partitions of March, for a program",
                arguments: "status --from 2024-03-01 --to 2024-03-31 --json"),
        ],
        exitCodes: [.complete, .refused, .usage, .interrupted]
    ) { arguments, context in
        let project = try Project.load(arguments, context)
        let job = try project.job(named: arguments.positional("JOB"), for: arguments.command)
        let range = try RequestBuilder(arguments: arguments, job: job).range()
        try await project.withLedger { ledger in
            let reader = StatusReader(ledger: ledger, job: job, range: range)
            let limit = arguments.has("json") ? listed.programs : listed.people
            let words = CommandWords(project: project, arguments: arguments, context: context, job: job.name)
            let output = StatusOutput(words: words, isJSON: arguments.has("json"), console: context.console)
            if arguments.has("watch") {
                try await watch(reader, limit, output)
            } else {
                try output.print(try await reader.read(limit: limit))
            }
        }
        return .complete
    }

    private static func watch(
        _ reader: StatusReader, _ limit: Int, _ output: StatusOutput
    ) async throws {
        let console = output.console
        while true {
            let report = try await reader.read(limit: limit)
            if console.output.isTerminal, !output.isJSON { try console.result(Terminal.clearScreen) }
            try output.print(report)
            try console.output.flush()
            guard report.isGoingOn else { return }
            try await Task.sleep(for: .seconds(2))
        }
    }
}

/// Prints a status in the form that was asked for.
private struct StatusOutput {
    let words: CommandWords
    let isJSON: Bool
    let console: Console

    func print(_ report: StatusReport) throws {
        guard !isJSON else { return try console.result(StatusJSON.line(for: report)) }
        let isAllListed = report.held.count == report.counts[.held]
        let held = report.held.first.map { PartitionSet(granularity: $0.key.granularity, keys: report.held.map(\.key)) }
        let text = StatusText(
            report: report, style: console.outputStyle, paths: console.paths,
            decisionCommands: words.decisions(about: isAllListed ? held : nil).lines)
        try console.result(text.text)
    }
}

/// Reads what `status` shows from the ledger.
struct StatusReader: Sendable {
    let ledger: Ledger
    let job: Job
    let range: PartitionRange?

    func read(limit: Int) async throws -> StatusReport {
        let summary = try await ledger.summary(job: job.name, in: range)
        let granularity = job.partitioning.every
        let isRunning = summary.counts[.running] ?? 0 > 0
        // Without anything that runs there is no end to foretell, and nothing more is asked.
        let work = isRunning ? try await ledger.runningWork(job: job.name, in: range, granularity: granularity) : nil
        let recent =
            isRunning
            ? try await ledger.recentAttempts(job: job.name, granularity: granularity, limit: Self.recentAttempts) : []
        let advances = isRunning && range == nil ? try await ledger.advances(job: job.name) : []
        let forecasts = isRunning ? try await ledger.forecasts(job: job.name, in: range) : []
        return StatusReport(
            job: job.name, range: range, counts: summary.counts, perMinute: summary.completedPerMinute,
            running: try await rows(.running, summary, limit), failed: try await rows(.failed, summary, limit),
            held: try await rows(.held, summary, limit), now: Date(),
            runs: try await ledger.liveRuns(job: job.name), work: work, recent: recent, advances: advances,
            workLeft: WorkLeft(forecasts, recent: recent),
            foretold: Set(forecasts.map { [$0.first, $0.last] }))
    }

    /// Attempts by which it is foretold how long the others take.
    private static let recentAttempts = 50

    private func rows(_ status: Status, _ summary: StatusSummary, _ limit: Int) async throws -> [ProgressRow] {
        // Told how many there are, the ledger stops looking when it has them.
        let limit = min(limit, summary.counts[status] ?? 0)
        guard limit > 0 else { return [] }
        let rows = try await ledger.rows(
            job: job.name, in: range, granularity: job.partitioning.every, statuses: [status], limit: limit)
        return rows.sorted { $0.key < $1.key }
    }
}
