/// What can stand on a command line, as the scripts of the shells need to know it.
struct CompletionWords: Sendable {
    let program: String
    let commands: [Command]
    let globalOptions: [OptionSpec]

    /// What can follow an option, or stand in the place of an argument.
    enum Filling: Hashable {
        case words([String])
        case files
        case folders
        case jobs
        /// Anything that nobody can guess.
        case free
    }

    /// The program's name as part of the names of shell functions.
    var identifier: String {
        String(program.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    /// The name of the command that is meant where none is typed.
    let defaultCommand = "run"

    /// All options of a command.
    func options(of command: Command) -> [OptionSpec] { command.options + globalOptions }

    /// Every option that takes a value, whatever the command, as it is typed.
    var optionsWithValues: [String] {
        let all = (globalOptions + commands.flatMap(\.options)).filter(\.takesValue)
        return Set(all.map { "--\($0.name)" }).sorted()
    }

    /// The ways to type an option.
    static func spellings(of option: OptionSpec) -> [String] {
        ["--\(option.name)"] + (option.short.map { ["-\($0)"] } ?? [])
    }

    static func filling(of option: OptionSpec) -> Filling {
        switch option.value {
        case .flag: .words([])
        case .choice(let words): .words(words)
        case .text(let placeholder): filling(of: placeholder)
        }
    }

    static func filling(of positional: Command.Positional) -> Filling {
        positional.choices.isEmpty ? filling(of: positional.name) : .words(positional.choices)
    }

    private static func filling(of placeholder: String) -> Filling {
        switch placeholder {
        case "FILE": .files
        case "FOLDER": .folders
        case "JOB": .jobs
        default: .free
        }
    }
}
