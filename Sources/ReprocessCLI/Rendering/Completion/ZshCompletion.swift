/// The script that completes command lines in zsh, by its own `_arguments`.
struct ZshCompletion: Sendable {
    let words: CompletionWords

    private var function: String { "_\(words.identifier)" }

    var script: String {
        """
        #compdef \(words.program)
        # Completion of \(words.program) for zsh, made by '\(words.program) completion zsh'.

        \(function)_jobs() {
            local -a config jobs
            integer at=${words[(I)--config]}
            (( at )) && config=(--config ${(Q)words[at + 1]/#\\~\\//$HOME/})
            config+=(${(M)words:#--config=*})
            jobs=(${(f)"$(${\(words.identifier)_call/#\\~\\//$HOME/} completion jobs $config 2>/dev/null)"})
            _describe -t jobs job jobs
        }

        \(function)() {
            local context state state_descr line \(words.identifier)_call=${words[1]} command= word
            typeset -A opt_args
            local -a commands everywhere
            commands=(
        \(commands.map { "        " + $0 }.joined(separator: "\n"))
            )
            everywhere=(
        \(words.globalOptions.flatMap(specifications).map { "        " + $0 }.joined(separator: "\n"))
            )
            integer place
            for (( place = 2; place < CURRENT; place++ )); do
                word=${words[place]}
                [[ $word == -* || ${words[place - 1]} == (\(words.optionsWithValues.joined(separator: "|"))) ]] && continue
                (( ${commands[(I)$word:*]} )) || break
                command=$word
                words[place]=()
                (( CURRENT-- ))
                break
            done
            if [[ -z $command && $CURRENT -eq 2 && ${words[2]} != -* ]]; then
                _describe -t commands command commands
                return
            fi
            case ${command:-\(words.defaultCommand)} in
        \(words.commands.map(branch).joined(separator: "\n"))
                help) _arguments '1:COMMAND:(\(words.commands.map(\.name).joined(separator: " ")))' ;;
            esac
        }

        if [[ ${funcstack[1]} == \(function) ]]; then
            \(function) "$@"
        else
            compdef \(function) \(ShellQuoting.quote(words.program))
        fi

        """
    }

    private var commands: [String] {
        words.commands.map { quoted("\($0.name):\($0.summary)") } + ["'help:Print the page of a command.'"]
    }

    private func branch(_ command: Command) -> String {
        let places = command.positionals.enumerated().map { place, positional -> String in
            let position = positional.repeats ? "*" : "\(place + 1):"
            return quoted("\(position):\(positional.name):\(action(CompletionWords.filling(of: positional)))")
        }
        let all = command.options.flatMap(specifications) + places
        let lines = ["        \(command.name)) _arguments -S $everywhere"] + all.map { "            " + $0 }
        return lines.joined(separator: " \\\n") + " ;;"
    }

    /// An option as `_arguments` reads it, once for each way to type it (zshcompsys(1)).
    private func specifications(of option: OptionSpec) -> [String] {
        let spellings = CompletionWords.spellings(of: option)
        let others = option.repeats ? "*" : spellings.count > 1 ? "(\(spellings.joined(separator: " ")))" : ""
        let summary = escaped(String(option.summary.prefix { $0 != "." && $0 != ":" }))
        return spellings.map { spelling in
            guard option.takesValue else { return quoted("\(others)\(spelling)[\(summary)]") }
            let placeholder = if case .text(let text) = option.value { text } else { option.name }
            let action = action(CompletionWords.filling(of: option))
            return quoted("\(others)\(spelling)=[\(summary)]:\(placeholder):\(action)")
        }
    }

    private func action(_ filling: CompletionWords.Filling) -> String {
        switch filling {
        case .words(let words): "(\(words.joined(separator: " ")))"
        case .files: "_files"
        case .folders: "_files -/"
        case .jobs: "\(function)_jobs"
        case .free: " "
        }
    }

    private func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if "[]:\\".contains(character) { result.append("\\") }
            result.append(character)
        }
    }

    private func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
