internal import Foundation
internal import PartitionBackfill
internal import Partitions
internal import ProgressStore
internal import Transforms

/// `report`: a run, after it ended or while it goes on.
enum ReportCommand {
    static let command = Command(
        name: "report",
        summary: "Tell what a run did: how it ended, what it changed, what failed and what is held.",
        discussion: """
            Counts what the run made of its partitions, and names those that really changed: whatever is computed from \
            the table must be computed again for these, and for no others. A partition whose result was equal to what \
            the table held already is unchanged. With --json the days are listed one by one.
            """,
        positionals: [.job],
        options: [
            OptionSpec(
                name: "run", value: .text("N"), summary: "The run; 'run' prints its number in every event of --json.",
                defaultText: "the job's last one")
        ],
        examples: [
            .init(purpose: "The last run", arguments: "report"),
            .init(purpose: "For whatever runs downstream", arguments: "report --run 12 --json"),
        ]
    ) { arguments, context in
        let project = try Project.load(arguments, context)
        let job = try project.job(named: arguments.positional("JOB"), for: arguments.command)
        let number = try arguments.integer("run", in: 1...Int.max)
        let report = try await project.withController(of: job) { backfill in
            let row = try await RunLookup(ledger: backfill.ledger, job: job.name).run(number)
            return RunReport(row, judged: try await JudgedReader(backfill: backfill).run(row.id), now: Date())
        }
        let console = context.console
        try console.result(
            arguments.has("json")
                ? RunReportJSON.line(for: report)
                : RunReportText(report: report, style: console.outputStyle, paths: console.paths).text)
        return .complete
    }
}

extension RunReport {
    init(_ row: RunRow, judged: [Judged], now: Date) {
        self.init(
            job: row.job, run: row.id, range: [row.firstKey, row.lastKey].compactMap { $0 }, planned: Int(row.planned),
            skipped: row.skipped.map(Int.init), options: row.options, reason: row.reason, worker: row.worker,
            transformVersion: row.transformVersion, startedAt: row.startedAt, endedAt: row.endedAt,
            outcome: row.outcome, judged: judged.sorted { $0.key < $1.key }, now: now)
    }
}
