/// The pages that `--help` prints.
struct HelpPage: Sendable {
    static let width = 80

    let program: String
    let commands: [Command]
    let globalOptions: [OptionSpec]

    /// The page of one command.
    func text(for command: Command) -> String {
        var sections = [
            TextWrapping.wrap(command.summary, width: Self.width),
            command.usage(program: program),
            TextWrapping.wrap(command.discussion, width: Self.width),
        ]
        if command.positionals.contains(where: { !$0.summary.isEmpty }) {
            sections.append(table("Arguments:", command.positionals.map { ($0.name, $0.summary) }))
        }
        if !command.options.isEmpty { sections.append(table("Options:", command.options.map(row))) }
        sections.append(table("Everywhere:", globalOptions.map(row)))
        if !command.examples.isEmpty { sections.append(examples(of: command)) }
        let codes = command.exitCodes.map { (String($0.rawValue), meaning($0, for: command)) }
        sections.append(table("Exit codes:", codes))
        return sections.joined(separator: "\n\n") + "\n"
    }

    /// Only where partitions are run can they all be COMPLETE or not; other commands have just done what they say.
    private func meaning(_ code: ExitCode, for command: Command) -> String {
        if let meaning = command.exitMeanings[code] { return meaning }
        let runsPartitions = command.exitCodes.contains(.incomplete)
        return code == .complete && !runsPartitions ? "Done." : code.meaning
    }

    /// The page that lists all commands.
    func overview() -> String {
        let introduction = """
            Replaces the history of a table one partition at a time, exactly once, from any number of machines.
            """
        let example = """
            Usage: \(program) COMMAND [JOB] [options]
                   \(program) --from 2024-01-01 --to 2024-06-30     ('run' on the only job)
            """
        let more = TextWrapping.wrap(
            "'\(program) COMMAND --help' tells more about a command. Every option can also be set as a variable: "
                + "--max-partitions as REPROCESS_MAX_PARTITIONS.", width: Self.width)
        return [
            TextWrapping.wrap(introduction, width: Self.width), example,
            table("Commands:", commands.map { ($0.name, $0.summary) }), table("Everywhere:", globalOptions.map(row)),
            table("Exit codes:", ExitCode.allCases.map { (String($0.rawValue), $0.meaning) }), more,
        ].joined(separator: "\n\n") + "\n"
    }

    private func row(_ option: OptionSpec) -> (String, String) {
        var notes: [String] = []
        if let text = option.defaultText { notes.append("default: \(text)") }
        if let variable = option.environment { notes.append("environment: \(variable)") }
        let short = option.short.map { "-\($0), " } ?? ""
        return (short + option.synopsis, option.summary + (notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))"))
    }

    private func examples(of command: Command) -> String {
        let lines = command.examples.map { "  # \($0.purpose)\n  \(program) \($0.arguments)" }
        return "Examples:\n" + lines.joined(separator: "\n")
    }

    /// Two columns; a name too long for its column stands on a line of its own.
    private func table(_ title: String, _ rows: [(String, String)]) -> String {
        let longest = rows.map { $0.0.count }.max() ?? 0
        let indent = min(longest, 22) + 4
        let lines = rows.map { name, text in
            let wrapped = TextWrapping.lines(text, width: Self.width - indent)
            let margin = String(repeating: " ", count: indent)
            guard name.count + 4 <= indent else {
                return (["  " + name] + wrapped.map { margin + $0 }).joined(separator: "\n")
            }
            let head = ("  " + name).padded(to: indent) + (wrapped.first ?? "")
            return ([head] + wrapped.dropFirst().map { margin + $0 }).joined(separator: "\n")
        }
        return title + "\n" + lines.joined(separator: "\n")
    }
}
