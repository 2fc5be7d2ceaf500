import Testing

@testable import ReprocessCLI

/// A command line and what it is understood as: `command|positionals|options`.
struct CommandLineCase: CustomTestStringConvertible {
    let words: [String]
    let expected: String

    init(_ words: String, _ expected: String) {
        self.words = words.split(separator: " ").map(String.init)
        self.expected = expected
    }

    var testDescription: String { words.joined(separator: " ") }
}

@Suite struct CommandLineParserTests {
    private func parser(_ environment: [String: String] = [:]) -> CommandLineParser {
        let program = CommandLineProgram(
            program: "reprocess", origin: .configuration, environment: environment, workingDirectory: "/",
            output: FileOutput(descriptor: 1), messages: FileOutput(descriptor: 2))
        return CommandLineParser(
            commands: program.commands, globalOptions: GlobalOptions.all, environment: environment)
    }

    private func describe(_ request: CommandLineParser.Request) -> String {
        switch request {
        case .version: return "version"
        case .help(let command): return "help \(command?.name ?? "-")"
        case .run(let command, let arguments):
            let options = (command.options + GlobalOptions.all).filter { arguments.has($0.name) }.map { option in
                option.takesValue
                    ? "\(option.name)=\(arguments.texts(option.name).joined(separator: "+"))" : option.name
            }
            return "\(command.name)|\(arguments.positionals.joined(separator: " "))|\(options.joined(separator: " "))"
        }
    }

    @Test(arguments: [
        CommandLineCase("run --from A --to B", "run||from=A to=B"),
        CommandLineCase("--from A --to B", "run||from=A to=B"),
        CommandLineCase("--from=A --to=B orders", "run|orders|from=A to=B"),
        CommandLineCase("run orders --from A --to B", "run|orders|from=A to=B"),
        CommandLineCase("--config x.yaml plan orders", "plan|orders|config=x.yaml"),
        CommandLineCase("--json status", "status||json"),
        CommandLineCase("run --reason=a=b", "run||reason=a=b"),
        CommandLineCase("run --reason=--from", "run||reason=--from"),
        CommandLineCase("run --dates A --dates B,C", "run||dates=A+B,C"),
        CommandLineCase("status -w -q", "status||watch quiet"),
        CommandLineCase("run -- --orders", "run|--orders|"),
        CommandLineCase("split 4 --from A --to B", "split|4|from=A to=B"),
        CommandLineCase("", "help -"),
        CommandLineCase("--help", "help -"),
        CommandLineCase("-h", "help -"),
        CommandLineCase("help", "help -"),
        CommandLineCase("help run", "help run"),
        CommandLineCase("run --help", "help run"),
        CommandLineCase("run --from A -h", "help run"),
        CommandLineCase("--from A --help", "help run"),
        CommandLineCase("--version", "version"),
    ])
    func `A command line is understood`(_ line: CommandLineCase) throws {
        #expect(describe(try parser().parse(line.words)) == line.expected)
    }

    @Test(arguments: [
        CommandLineCase("rnu --from A", "'rnu' is not a command. Did you mean 'run'?"),
        CommandLineCase("stauts", "'stauts' is not a command. Did you mean 'status'?"),
        CommandLineCase(
            "orders --from A",
            "'orders' is not a command. The name of a job comes after the command, as in 'run orders'."),
        CommandLineCase("help plna", "'plna' is not a command. Did you mean 'plan'?"),
        CommandLineCase("run --form A", "'--form' is not an option of 'run'. Did you mean '--from'?"),
        CommandLineCase(
            "run --max-partition 3", "'--max-partition' is not an option of 'run'. Did you mean '--max-partitions'?"),
        CommandLineCase("run -x", "'-x' is not an option of 'run'."),
        CommandLineCase("plan --workers 3", "'--workers' is not an option of 'plan'."),
        CommandLineCase("run --from", "--from needs a value: --from KEY."),
        CommandLineCase("run --from --to B", "--from needs a value: --from KEY."),
        CommandLineCase("run --from A --from B", "--from is given twice: 'A' and 'B'."),
        CommandLineCase("run --dry-run=yes", "--dry-run takes no value, but 'yes' is given."),
        CommandLineCase(
            "run --only faild",
            "--only is 'faild', but must be one of missing, failed, stale, all. Did you mean 'failed'?"),
        CommandLineCase("run --order random", "--order is 'random', but must be one of oldest, newest, largest."),
        CommandLineCase("run a b", "'b' is one argument too many for 'run'."),
        CommandLineCase("split", "N is missing: The number of parts."),
        CommandLineCase("explain", "KEY is missing: The partition, such as 2024-01-31."),
    ])
    func `A command line that cannot be understood is answered with what was meant`(_ line: CommandLineCase) {
        let error = #expect(throws: UsageError.self) { try parser().parse(line.words) }
        #expect(error?.message == line.expected)
    }

    @Test(arguments: [("split 4", nil, "4"), ("split orders 4", "orders", "4")] as [(String, String?, String)])
    func `An optional argument before a required one is left out first`(line: String, job: String?, count: String)
        throws
    {
        guard case .run(_, let arguments) = try parser().parse(line.split(separator: " ").map(String.init)) else {
            Issue.record("The line is not understood as a command.")
            return
        }
        #expect(arguments.positional("JOB") == job)
        #expect(arguments.positional("N") == count)
    }

    @Test(
        arguments: [
            (["run"], [:], nil), (["run"], ["REPROCESS_WORKERS": "3"], 3), (["run"], ["REPROCESS_WORKERS": ""], nil),
            (["run", "--workers", "5"], ["REPROCESS_WORKERS": "3"], 5),
        ] as [([String], [String: String], Int?)])
    func `The command line comes before the environment`(
        words: [String], environment: [String: String], workers: Int?
    ) throws {
        guard case .run(_, let arguments) = try parser(environment).parse(words) else {
            Issue.record("The line is not understood as a command.")
            return
        }
        #expect(try arguments.integer("workers", in: 1...256) == workers)
    }

    @Test func `A bad value of the environment is named by its variable`() throws {
        guard case .run(_, let arguments) = try parser(["REPROCESS_WORKERS": "many"]).parse(["run"]) else {
            Issue.record("The line is not understood as a command.")
            return
        }
        let error = #expect(throws: UsageError.self) { try arguments.integer("workers", in: 1...256) }
        #expect(error?.message == "REPROCESS_WORKERS is 'many', but must be a whole number, 1 to 256.")
    }
}

@Suite struct SuggestionTests {
    @Test(arguments: [
        ("", "abc", 3), ("kitten", "sitting", 3), ("form", "from", 1), ("plan", "plan", 0), ("status", "stauts", 1),
    ])
    func `The distance counts letters and swapped neighbours`(left: String, right: String, distance: Int) {
        #expect(Suggestion.distance(left, right) == distance)
        #expect(Suggestion.distance(right, left) == distance)
    }

    @Test(
        arguments: [
            ("covid_dialy", "covid_daily"), ("COVID_DAILY", "covid_daily"), ("cov", "covid_daily"), ("x", nil),
            ("sales", nil),
        ] as [(String, String?)])
    func `Only a close word is suggested`(word: String, suggestion: String?) {
        #expect(Suggestion.closest(to: word, among: ["orders", "covid_daily"]) == suggestion)
    }
}
