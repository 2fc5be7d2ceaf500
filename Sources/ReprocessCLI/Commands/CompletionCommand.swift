internal import Transforms

/// `completion`: scripts that let a shell complete command lines.
enum CompletionCommand {
    private static let jobs = "jobs"
    private static let choices = Shell.allCases.map(\.rawValue) + [jobs]

    static let command = Command(
        name: "completion",
        summary: "Print a script that lets bash or zsh complete command lines.",
        discussion: """
            The script knows commands, options and the words that options take. It asks this program for the names of \
            jobs, by 'completion jobs', which prints those of the configuration, one on each line.
            """,
        positionals: [
            .init(
                name: "SHELL", summary: "bash or zsh; or jobs, for the names of the jobs.", isRequired: true,
                choices: choices)
        ],
        options: [],
        examples: [
            .init(purpose: "In ~/.bashrc: eval \"$(…)\" with", arguments: "completion bash"),
            .init(purpose: "In ~/.zshrc, after compinit: eval \"$(…)\" with", arguments: "completion zsh"),
        ],
        readsProject: { $0.positional("SHELL") == jobs }
    ) { arguments, context in
        let word = arguments.positional("SHELL") ?? ""
        if word == jobs {
            let names = try Project.load(arguments, context).jobs.map(\.name)
            try context.console.result(names.map { $0 + "\n" }.joined())
            return .complete
        }
        guard let shell = Shell(rawValue: word) else {
            throw UsageError.wrongChoice(word, of: "SHELL", among: choices, arguments.command)
        }
        let words = CompletionWords(
            program: context.program, commands: CommandLineProgram.commands(of: context.origin),
            globalOptions: GlobalOptions.all)
        switch shell {
        case .bash: try context.console.result(BashCompletion(words: words).script)
        case .zsh: try context.console.result(ZshCompletion(words: words).script)
        }
        return .complete
    }
}

/// The shells that are known to complete.
enum Shell: String, Sendable, CaseIterable {
    case bash, zsh
}
