internal import BlockingWork
internal import Foundation
internal import PartitionBackfill
internal import ProgressStore

/// `report`: a run, after it ended or while it goes on.
enum ReportCommand {
    static let command = Command(
        name: "report",
        summary: "Tell what a run did: how it ended, what it changed, what failed and what is held.",
        discussion: """
            Counts what the run made of its partitions, and names those that really changed: whatever is computed from \
            the table must be computed again for these, and for no others. A partition whose result was equal to what \
            the table held already is unchanged. With --json the days are listed one by one.

            Reads the ledger and nothing else: any run that it knows, also of a job that the configuration does not \
            have any more. 'runs' lists them.
            """,
        positionals: [.job],
        options: [
            OptionSpec(
                name: "run", value: .text("N"), summary: "The run; 'runs' lists them all.",
                defaultText: "the job's last one"),
            OptionSpec(
                name: "format", value: .choice(ReportFormat.allCases.map(\.rawValue)),
                summary: "The form of the report; html is a page of its own that needs nothing else.",
                defaultText: "what the file's ending says, else text"),
            OptionSpec(
                name: "output", short: "o", value: .text("FILE"),
                summary: "Write it to a file, which is replaced in one step, instead of standard output."),
        ],
        examples: [
            .init(purpose: "The last run", arguments: "report"),
            .init(purpose: "For whatever runs downstream", arguments: "report --run 12 --json"),
            .init(purpose: "A page to send to somebody", arguments: "report --output report.html"),
        ]
    ) { arguments, context in
        let project = try Project.load(arguments, context)
        let number = try arguments.integer("run", in: 1...Int.max)
        let format = try format(arguments)
        let file = try arguments.text("output").map { name in
            try ReportFile(
                name, in: context.workingDirectory, format: format, option: arguments.origin(of: "output"),
                arguments.command)
        }
        let thread = BlockingThread(label: "reprocess.report")
        try await thread.run { try file?.check() }
        let report = try await project.withLedger { ledger in
            let lookup = JobLookup(project: project, ledger: ledger)
            let run =
                try await lookup.run(number, ofJob: arguments.positional("JOB"), for: arguments.command)
            return try await ReportReader(ledger: ledger).report(of: run)
        }
        guard let file else {
            try print(report, format ?? .text, context.console)
            return .complete
        }
        try await thread.run { try file.write(file.format.text(of: report)) }
        context.console.say("Run \(report.run.id) of \(report.run.job): written to \(file.name).\n")
        return .complete
    }

    private static func format(_ arguments: Arguments) throws(UsageError) -> ReportFormat? {
        let format = try arguments.choice("format", as: ReportFormat.self)
        guard arguments.has("json") else { return format }
        guard let format, format != .json else { return .json }
        // A variable that is set for programs gives way to what is typed.
        guard !arguments.typed("json").isEmpty else { return format }
        throw UsageError(
            "--json asks for another form than --format \(format.rawValue): give either.", command: command)
    }

    private static func print(_ report: RunReport, _ format: ReportFormat, _ console: Console) throws {
        guard format == .text else { return try console.result(format.text(of: report)) }
        try console.result(RunReportText(report: report, style: console.outputStyle, paths: console.paths).text)
    }
}
