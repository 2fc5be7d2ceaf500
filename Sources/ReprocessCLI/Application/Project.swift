internal import PartitionBackfill
internal import ProgressStore
internal import Transforms

/// What a command works with: the jobs, the ledger's place and the engine's set-up, from command line, environment and
/// configuration.
struct Project: Sendable {
    let configuration: Configuration?
    let jobs: [Job]
    let ledger: LedgerLocation
    let schema: String
    /// Variables of libpq that stand in the environment file alone.
    var serverVariables: [String: String] = [:]
    let engine: EngineSettings
    /// What the command line says of this process's priority; nil leaves it to the job.
    var nice: Int?
    /// The folder of the configuration, or the working directory where there is none.
    let directory: String
    /// What the ledger tells about itself meanwhile.
    let notices: LedgerNotices

    /// Reads the configuration, checks it as a whole, and decides what holds.
    ///
    /// - Throws: `ConfigurationError`, or what the jobs of a Swift program throw.
    static func load(_ arguments: Arguments, _ context: CommandContext) throws -> Project {
        let configuration = try readConfiguration(arguments, context)
        let jobs: [Job]
        switch context.origin {
        case .configuration: jobs = try configuration?.loadJobs() ?? []
        case .code(let make): jobs = try make()
        }
        try refuseDuplicates(jobs)
        let directory = configuration?.directory ?? context.workingDirectory
        let database = arguments.text("database") ?? configuration?.database
        var engine = configuration?.engine ?? EngineSettings()
        if let limit = try arguments.byteCount("memory") { engine.memoryLimit = limit }
        return Project(
            configuration: configuration, jobs: jobs,
            ledger: LedgerChoice.location(
                given: database, environment: context.environment, projectDirectory: directory),
            schema: arguments.text("schema") ?? configuration?.schema ?? "reprocess",
            serverVariables: context.environmentFile?.serverVariables ?? [:],
            engine: engine, nice: try arguments.integer("nice", in: ProcessPriority.bounds), directory: directory,
            notices: LedgerNotices(console: context.console))
    }

    private static func readConfiguration(
        _ arguments: Arguments, _ context: CommandContext
    ) throws(ConfigurationError) -> Configuration? {
        guard let file = ConfigurationFile.locate(arguments, workingDirectory: context.workingDirectory) else {
            if case .code = context.origin { return nil }
            throw ConfigurationError(
                "There is no \(ConfigurationFile.name) in \(context.workingDirectory) or above it. "
                    + "'\(context.program) init' writes one to start from; --config names one elsewhere.")
        }
        let shown = Path.display(file, in: context.workingDirectory)
        let text: String
        do {
            text = try ConfigurationFile.read(file)
        } catch {
            throw ConfigurationError("The configuration '\(shown)' cannot be used: \(error.message)")
        }
        var decoder = ConfigurationDecoder(file: file, environment: context.environment)
        decoder.ignoresDatabase = arguments.text("database") != nil
        if case .code = context.origin { decoder.jobsAreCode = true }
        do {
            return try decoder.decode(text)
        } catch {
            throw error.inFile(shown)
        }
    }

    private static func refuseDuplicates(_ jobs: [Job]) throws(ConfigurationError) {
        var names: Set<String> = []
        for job in jobs where !names.insert(job.name).inserted {
            throw ConfigurationError("Two jobs have the name '\(job.name)': rename one of them.")
        }
    }

    /// The job that is meant: the only one, or the one that is named.
    func job(named name: String?, for command: Command) throws -> Job {
        let names = jobs.map(\.name)
        guard let name else {
            if jobs.count == 1 { return jobs[0] }
            guard !jobs.isEmpty else { throw ConfigurationError("The program has no job.") }
            throw UsageError("Which job? Name one of: \(names.joined(separator: ", ")).", command: command)
        }
        if let job = jobs.first(where: { $0.name == name }) { return job }
        let guess = Suggestion.question(for: name, among: names)
        let hint = guess.isEmpty ? " The jobs are: \(names.joined(separator: ", "))." : guess
        throw UsageError("There is no job '\(name)'.\(hint)", command: command)
    }
}
