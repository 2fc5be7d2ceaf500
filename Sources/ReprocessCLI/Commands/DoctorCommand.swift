internal import PartitionBackfill
internal import Transforms

/// `doctor`: everything that would make a run fail, checked before it starts.
enum DoctorCommand {
    static let command = Command(
        name: "doctor",
        summary: "Check everything that would make a run fail, before it starts.",
        discussion: """
            Looks at the configuration, the engine, the ledger, and for each job at its transform, the SQL of its \
            audits, its target and the room on its disk; with --from and --to also at the source files of the first and the last partition. Each \
            line that begins with ✗ says how to repair it.
            """,
        positionals: [.init(name: "JOB", summary: "Only this job; all of them where it is left out.")],
        options: [RunOptions.from, RunOptions.to],
        examples: [
            .init(purpose: "All jobs", arguments: "doctor"),
            .init(purpose: "Before a long run", arguments: "doctor orders --from 2024-01-01 --to 2024-06-30"),
        ]
    ) { arguments, context in
        var diagnosis = Diagnosis()
        do {
            let project = try Project.load(arguments, context)
            let jobs = try arguments.positional("JOB").map { [try project.job(named: $0, for: arguments.command)] }
            diagnosis.findings.append(configuration(project, context))
            let doctor = Doctor(project: project, arguments: arguments, context: context)
            diagnosis.findings += try await doctor.examine(jobs ?? project.jobs)
        } catch let error as ConfigurationError {
            diagnosis.findings.append(Finding(subject: "configuration", outcome: .bad(error.description)))
        }
        let console = context.console
        try console.result(
            arguments.has("json") ? diagnosis.json : diagnosis.text(style: console.outputStyle, paths: console.paths))
        return diagnosis.isBad ? .refused : .complete
    }

    private static func configuration(_ project: Project, _ context: CommandContext) -> Finding {
        let file = project.configuration.map { Path.display($0.file, in: context.workingDirectory) }
        let jobs = NumberText.counted(project.jobs.count, "job")
        return Finding(
            subject: "configuration", outcome: .good([file, jobs].compactMap { $0 }.joined(separator: ", ")))
    }
}
