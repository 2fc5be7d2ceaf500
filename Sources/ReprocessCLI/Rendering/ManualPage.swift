/// The manual page, from the same descriptions as the help pages (man(7)).
struct ManualPage: Sendable {
    let program: String
    let commands: [Command]
    let globalOptions: [OptionSpec]

    var text: String {
        let head =
            ".TH \(Roff.argument(program.uppercased())) 1 \"\" "
            + "\(Roff.argument("\(program) \(CommandLineProgram.version)")) \"User Commands\"\n.nh\n.ad l"
        let sections = [
            head, name, synopsis, section("COMMANDS", commands.flatMap(part)),
            section("OPTIONS OF EVERY COMMAND", globalOptions.flatMap(entry)), environment, files, exitStatus, seeAlso,
        ]
        return sections.joined(separator: "\n") + "\n"
    }

    private func section(_ title: String, _ lines: [String]) -> String {
        ([".SH \(Roff.argument(title))"] + lines).joined(separator: "\n")
    }

    private var name: String {
        section(
            "NAME", [Roff.text("\(program) - replace the history of a table one partition at a time, exactly once")])
    }

    private var synopsis: String {
        section(
            "SYNOPSIS",
            [
                ".B \(Roff.text(program))", "\\fICOMMAND\\fR [\\fIJOB\\fR] [options]", ".br",
                ".B \(Roff.text(program))",
                Roff.text("--from KEY --to KEY") + " [options]",
            ])
    }

    private func part(of command: Command) -> [String] {
        let usage = command.usage(program: program).dropFirst("Usage: \(program) ".count)
        return [".SS \(Roff.argument(String(usage)))", Roff.text(command.summary)]
            + paragraphs(command.discussion) + command.options.flatMap(entry)
            + command.examples.flatMap { example in
                [
                    ".PP", Roff.text("\(example.purpose):"), ".PP", ".RS 4", ".nf",
                    Roff.text("\(program) \(example.arguments)"), ".fi", ".RE",
                ]
            }
    }

    /// Paragraphs; lines that begin with a space stay as they are.
    private func paragraphs(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line -> [String] in
            if line.isEmpty { return [] }
            if line.hasPrefix(" ") { return [".PP", ".nf", Roff.text(String(line)), ".fi"] }
            return [".PP", Roff.text(String(line))]
        }
    }

    private func entry(of option: OptionSpec) -> [String] {
        let short = option.short.map { "-\($0), " } ?? ""
        let notes = option.defaultText.map { " Default: \($0)." } ?? ""
        return [".TP", ".B \(Roff.text(short + option.synopsis))", Roff.text(option.summary + notes)]
    }

    private var environment: String {
        let all = globalOptions + commands.flatMap(\.options)
        var names: [String: String] = [:]
        for option in all { names[option.name] = option.variable }
        let entries = names.sorted { $0.value < $1.value }.flatMap { option, variable in
            [".TP", ".B \(Roff.text(variable))", Roff.text("--\(option)")]
        }
        return section(
            "ENVIRONMENT",
            [
                Roff.text(
                    "Each of these variables stands for an option of every command that has it, where the option is not "
                        + "typed. Flags take true or false. An empty variable counts as not set.")
            ] + entries + [
                ".TP", ".B \(Roff.text("PGHOST, PGPASSWORD, PGSERVICE …"))",
                Roff.text("libpq's own variables, where no database is given."),
                ".TP", ".B \(Roff.text("NO_COLOR"))", Roff.text("No colours."),
            ])
    }

    private var files: String {
        section(
            "FILES",
            [
                ".TP", ".I \(Roff.text(ConfigurationFile.name))",
                Roff.text("The configuration, in the working directory or a folder above it."),
                ".TP", ".I \(Roff.text(EnvironmentFile.name))",
                Roff.text(
                    "Beside the configuration: variables, as NAME=value, for what the environment does not set."),
                ".TP", ".I \(Roff.text(".reprocess/"))",
                Roff.text("Beside the configuration: the embedded ledger, where no database is given."),
            ])
    }

    private var exitStatus: String {
        section(
            "EXIT STATUS",
            ExitCode.allCases.flatMap { [".TP", ".B \($0.rawValue)", Roff.text($0.meaning)] })
    }

    private var seeAlso: String {
        section("SEE ALSO", [Roff.text("\(program) COMMAND --help"), ".br", ".BR psql (1)"])
    }
}
