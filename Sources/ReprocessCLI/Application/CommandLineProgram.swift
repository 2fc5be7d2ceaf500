internal import Foundation
internal import PartitionBackfill
internal import Partitions
internal import ProgressStore

/// The program from its words to its exit code.
struct CommandLineProgram: Sendable {
    /// The version of this source tree.
    static let version = "0.1.0"

    let program: String
    let origin: JobOrigin
    private(set) var environment: [String: String]
    let workingDirectory: String
    let output: FileOutput
    let messages: FileOutput
    /// Standard input, which is read only where a question is asked at a terminal.
    var input = TerminalInput(descriptor: 0)

    /// The file beside the configuration, whose variables are part of `environment`.
    private(set) var environmentFile: EnvironmentFile?

    var commands: [Command] { Self.commands(of: origin) }

    /// The commands of a program, by where its jobs come from.
    static func commands(of origin: JobOrigin) -> [Command] {
        let all = [
            RunCommand.command, PlanCommand.command, StatusCommand.command, RetryCommand.command, SplitCommand.command,
            DiffCommand.command, ApproveCommand.command, RejectCommand.command, UndoCommand.command,
            ReportCommand.command, RunsCommand.command, PauseCommand.command, ResumeCommand.command,
            DrainCommand.command,
            CancelCommand.command, SetCommand.command, ExplainCommand.command, VerifyCommand.command,
            CleanCommand.command, DoctorCommand.command, RolesCommand.command, InitCommand.command,
            CompletionCommand.command, ManualCommand.command,
        ]
        // What `init` writes is the configuration of jobs, which a program with jobs in Swift does not read.
        if case .code = origin { return all.filter { $0.name != InitCommand.command.name } }
        return all
    }

    private var paths: MessagePaths { MessagePaths(workingDirectory: workingDirectory) }

    private var help: HelpPage {
        HelpPage(program: program, commands: commands, globalOptions: GlobalOptions.all)
    }

    /// Runs one command line.
    func run(_ words: [String], stop: StopSignal, interruption: @Sendable () -> ExitCode?) async -> ExitCode {
        var console = Console(output: output, messages: messages, paths: paths)
        do {
            let program = try withEnvironmentFile(for: words)
            let code: ExitCode
            switch try program.parse(words) {
            case .version:
                try console.result("\(program.program) \(CommandLineProgram.version)\n")
                code = .complete
            case .help(let command):
                code = try printHelp(command, isAskedFor: !words.isEmpty, console)
            case .run(let command, let arguments):
                console = try program.console(for: arguments)
                code = try await program.execute(command, arguments, console, stop)
            }
            try console.output.flush()
            return interruption() ?? code
        } catch {
            return report(error, console, interruption())
        }
    }

    private func parse(_ words: [String]) throws(UsageError) -> CommandLineParser.Request {
        let environment = ProgramEnvironment(values: environment, file: environmentFile)
        return try CommandLineParser(
            commands: commands, globalOptions: GlobalOptions.all, environment: environment
        ).parse(words)
    }

    /// The program as it is with the environment file beside the configuration that the words mean.
    private func withEnvironmentFile(for words: [String]) throws -> CommandLineProgram {
        guard case .run(let command, let arguments) = try parse(words), command.readsProject(arguments) else {
            return self
        }
        guard let directory = projectDirectory(of: arguments),
            let file = try EnvironmentFile.read(in: directory, workingDirectory: workingDirectory)
        else { return self }
        let whole = ProgramEnvironment.merging(environment, file)
        var program = self
        program.environmentFile = whole.file
        program.environment = whole.values
        return program
    }

    /// The folder of the configuration; without one a program with jobs in Swift is at home where it is started.
    private func projectDirectory(of arguments: Arguments) -> String? {
        if let file = ConfigurationFile.locate(arguments, workingDirectory: workingDirectory) {
            return Path.parent(of: file)
        }
        if case .code = origin { return workingDirectory }
        return nil
    }

    private func printHelp(_ command: Command?, isAskedFor: Bool, _ console: Console) throws -> ExitCode {
        let text = command.map(help.text) ?? help.overview()
        guard isAskedFor else {
            console.alert(text)
            return .usage
        }
        try console.result(text)
        return .complete
    }

    private func console(for arguments: Arguments) throws(UsageError) -> Console {
        let choice = try arguments.choice("color", as: Style.Choice.self) ?? .auto
        let json = arguments.has("json")
        let level: LogLevel = arguments.has("quiet") ? .warning : arguments.has("verbose") ? .debug : .info
        let logsJSON = try arguments.choice("log-format", as: LogFormat.self) == .json
        return Console(
            output: output, messages: messages,
            outputStyle: json
                ? .plain : Style.chosen(choice, isTerminal: output.isTerminal, environment: environment),
            messageStyle: logsJSON
                ? .plain : Style.chosen(choice, isTerminal: messages.isTerminal, environment: environment),
            isQuiet: arguments.has("quiet") || json, isVerbose: arguments.has("verbose"),
            log: logsJSON ? EventLog(threshold: level) : nil, paths: paths)
    }

    /// Runs a command; one that does not drain is cancelled by the first signal.
    private func execute(
        _ command: Command, _ arguments: Arguments, _ console: Console, _ stop: StopSignal
    ) async throws -> ExitCode {
        let context = CommandContext(
            program: program, origin: origin, environment: environment, workingDirectory: workingDirectory,
            console: console, input: input, stop: stop, environmentFile: environmentFile)
        let task = Task { try await command.run(arguments, context) }
        let level: StopSignal.Level = command.drainsOnInterrupt ? .abort : .drain
        let listener = stop.addListener { if $0 >= level { task.cancel() } }
        defer { stop.removeListener(listener) }
        do {
            return try await task.value
        } catch let error as UsageError {
            throw error.attributed(to: command)
        } catch let error as PartitionError {
            throw UsageError(error.description, command: command)
        }
    }

    private func report(_ error: any Error, _ console: Console, _ interruption: ExitCode?) -> ExitCode {
        if error is OutputClosed { return interruption ?? .complete }
        do {
            // What was printed before the error stays in front of it.
            try console.output.flush()
        } catch {
            return interruption ?? .complete
        }
        if isStop(error) { return interruption ?? .stopped }
        if let error = error as? UsageError {
            console.error(error.text(program: program))
            return .usage
        }
        console.error(ErrorText.sentence(for: error))
        return interruption ?? .refused
    }

    private func isStop(_ error: any Error) -> Bool {
        error is CancellationError || (error as? LedgerError)?.code == .interrupted
    }
}
