/// The script that completes command lines in bash 4 and later, with nothing but bash.
struct BashCompletion: Sendable {
    let words: CompletionWords

    private var function: String { "_\(words.identifier)" }

    var script: String {
        let names = words.commands.map(\.name) + ["help"]
        return """
            # Completion of \(words.program) for bash, made by '\(words.program) completion bash'.

            \(function)_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current"); }
            \(function)_files() { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); }
            \(function)_folders() { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current"); }
            \(function)_jobs() {
                local call=${COMP_WORDS[0]/#\\~\\//$HOME/}
                \(function)_words "$("$call" completion jobs "${config[@]}" 2>/dev/null)"
            }

            \(function)() {
                COMPREPLY=()
                local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
                # Bash takes the = of --option=value for a word of its own.
                if [[ $current == = ]]; then
                    current=
                elif [[ $before == = ]]; then
                    before=${COMP_WORDS[COMP_CWORD-2]}
                fi
                local command= word value place=0 index=1 config=()
                while ((index < COMP_CWORD)); do
                    word=${COMP_WORDS[index]}
                    case $word in
                        \(words.optionsWithValues.joined(separator: " | ")))
                            ((index += 1))
                            [[ ${COMP_WORDS[index]-} != = ]] || ((index += 1))
                            value=${COMP_WORDS[index]-}
                            [[ $word != --config ]] || config=(--config "${value/#\\~\\//$HOME/}")
                            ;;
                        -*) ;;
                        \(names.joined(separator: " | ")))
                            if [[ -z $command ]]; then command=$word; else ((place += 1)); fi
                            ;;
                        *) ((place += 1)) ;;
                    esac
                    ((index += 1))
                done

                case "${command:-\(words.defaultCommand)} $before" in
            \(values.map { "        " + $0 }.joined(separator: "\n"))
                esac
                if [[ $current == -* ]]; then
                    case ${command:-\(words.defaultCommand)} in
            \(options.map { "            " + $0 }.joined(separator: "\n"))
                    esac
                    return
                fi
                # Where options come first, a command may follow, or the job of the command that is meant.
                if [[ -z $command ]]; then
                    if ((COMP_CWORD > 1)); then \(function)_jobs; else \(function)_words "\(names.joined(separator: " "))"; fi
                    return
                fi
                case "$command $place" in
            \(places.map { "        " + $0 }.joined(separator: "\n"))
                    "help 0") \(function)_words "\(words.commands.map(\.name).joined(separator: " "))" ;;
                esac
            }
            complete -F \(function) \(ShellQuoting.quote(words.program))

            """
    }

    /// What follows an option, by command, where anything is known of it.
    private var values: [String] {
        let own = words.commands.flatMap { command in
            command.options.compactMap { value(of: $0, pattern: "\"\(command.name) --\($0.name)\"") }
        }
        let everywhere = words.globalOptions.compactMap { value(of: $0, pattern: "*\" --\($0.name)\"") }
        let free = words.optionsWithValues.map { "*\" \($0)\"" }.joined(separator: " | ") + ") return ;;"
        return own + everywhere + [free]
    }

    private func value(of option: OptionSpec, pattern: String) -> String? {
        guard option.takesValue, let action = action(CompletionWords.filling(of: option)) else { return nil }
        return "\(pattern)) \(action); return ;;"
    }

    private var options: [String] {
        words.commands.map { command in
            let all = words.options(of: command).flatMap(CompletionWords.spellings)
            return "\(command.name)) \(function)_words \"\(all.joined(separator: " "))\" ;;"
        }
    }

    private var places: [String] {
        words.commands.flatMap { command in
            command.positionals.enumerated().compactMap { place, positional in
                action(CompletionWords.filling(of: positional)).map { "\"\(command.name) \(place)\") \($0) ;;" }
            }
        }
    }

    private func action(_ filling: CompletionWords.Filling) -> String? {
        switch filling {
        case .words(let words): "\(function)_words \"\(words.joined(separator: " "))\""
        case .files: "\(function)_files"
        case .folders: "\(function)_folders"
        case .jobs: "\(function)_jobs"
        case .free: nil
        }
    }
}
