/// Turns the words of a command line into a command and its arguments.
struct CommandLineParser: Sendable {
    /// What a command line asks for.
    enum Request: Sendable {
        case run(Command, Arguments)
        case help(Command?)
        case version
    }

    let commands: [Command]
    let globalOptions: [OptionSpec]
    let environment: [String: String]
    /// The command that is meant where a command line begins with options.
    var defaultCommand = "run"

    /// Parses the words after the program's name.
    func parse(_ words: [String]) throws(UsageError) -> Request {
        let options = words.prefix { $0 != "--" }
        guard !words.isEmpty else { return .help(nil) }
        if options.contains("--version") { return .version }
        let place = try placeOfCommand(in: words)
        if let place, words[place] == "help" {
            return .help(try words.dropFirst(place + 1).first.map { word throws(UsageError) in try find(word) })
        }
        let command = try place.map { place throws(UsageError) in try find(words[place]) } ?? implied(by: words)
        if options.contains(where: { $0 == "--help" || $0 == "-h" }) { return .help(command) }
        guard let command else { throw UsageError("No command is given.") }
        var rest = words
        if let place { rest.remove(at: place) }
        return .run(command, try arguments(of: command, in: rest))
    }

    /// The place of the command's name; nil where the line begins with options and no word of it is a command.
    private func placeOfCommand(in words: [String]) throws(UsageError) -> Int? {
        var place = 0
        while place < words.count, words[place] != "--" {
            let word = words[place]
            if !word.hasPrefix("-") || word == "-" {
                let isCommand = word == "help" || commands.contains { $0.name == word }
                // The first word is a command or a mistyped one; after options it may be the job of `run`.
                return isCommand || place == 0 ? place : nil
            }
            place += valueFollows(word) ? 2 : 1
        }
        return nil
    }

    private func valueFollows(_ word: String) -> Bool {
        guard !word.contains("="), word.hasPrefix("--") else { return false }
        let all = globalOptions + commands.flatMap(\.options)
        return all.first { "--\($0.name)" == word }?.takesValue ?? false
    }

    private func implied(by words: [String]) -> Command? {
        if words.allSatisfy({ $0 == "--help" || $0 == "-h" }) { return nil }
        return commands.first { $0.name == defaultCommand }
    }

    private func find(_ name: String) throws(UsageError) -> Command {
        if let command = commands.first(where: { $0.name == name }) { return command }
        let guess = Suggestion.question(for: name, among: commands.map(\.name) + ["help"])
        let usual =
            name.first?.isNumber == true
            ? " Partitions follow --from and --to, as in '--from \(name) --to \(name)'."
            : " The name of a job comes after the command, as in 'run \(name)'."
        let hint = guess.isEmpty ? usual : guess
        throw UsageError("'\(name)' is not a command.\(hint)")
    }

    private func arguments(of command: Command, in words: [String]) throws(UsageError) -> Arguments {
        let specs = command.options + globalOptions
        var arguments = Arguments(command: command, specs: specs, environment: environment)
        var rest = words[...]
        var optionsHaveEnded = false
        while let word = rest.popFirst() {
            if word == "--", !optionsHaveEnded {
                optionsHaveEnded = true
            } else if !optionsHaveEnded, word.hasPrefix("-"), word.count > 1 {
                try parseOption(word, &rest, specs, into: &arguments)
            } else if arguments.positionals.count < command.positionals.count
                || command.positionals.last?.repeats == true
            {
                arguments.append(positional: word)
            } else {
                throw UsageError("'\(word)' is one argument too many for '\(command.name)'.", command: command)
            }
        }
        if let missing = command.positionals.filter(\.isRequired).dropFirst(arguments.positionals.count).first {
            throw UsageError("\(missing.name) is missing: \(missing.summary)", command: command)
        }
        return arguments
    }

    private func parseOption(
        _ word: String, _ rest: inout ArraySlice<String>, _ specs: [OptionSpec], into arguments: inout Arguments
    ) throws(UsageError) {
        let command = arguments.command
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let spec = specs.first(where: { "--\($0.name)" == parts[0] || $0.short.map { "-\($0)" } == parts[0] })
        else {
            let guess = Suggestion.question(
                for: String(parts[0].drop { $0 == "-" }), among: specs.map(\.name), prefix: "--")
            throw UsageError("'\(parts[0])' is not an option of '\(command.name)'.\(guess)", command: command)
        }
        guard spec.takesValue else {
            guard parts.count == 1 else {
                throw UsageError("--\(spec.name) takes no value, but '\(parts[1])' is given.", command: command)
            }
            return try arguments.append("", to: spec)
        }
        guard let value = parts.count == 2 ? parts[1] : rest.popFirst(), parts.count == 2 || !isOption(value, specs)
        else {
            throw UsageError("--\(spec.name) needs a value: \(spec.synopsis).", command: command)
        }
        if case .choice(let choices) = spec.value, !choices.contains(value) {
            throw .wrongChoice(value, of: "--\(spec.name)", among: choices, command)
        }
        try arguments.append(value, to: spec)
    }

    /// Tells whether a word is one of the options, so that `--from --to X` is not read as from "--to".
    private func isOption(_ word: String, _ specs: [OptionSpec]) -> Bool {
        specs.contains { word == "--\($0.name)" || word.hasPrefix("--\($0.name)=") }
    }
}
