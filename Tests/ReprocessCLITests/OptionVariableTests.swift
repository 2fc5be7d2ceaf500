import Foundation
import TestSupport
import Testing

@testable import ReprocessCLI

/// One option of one command.
struct OptionCase: CustomTestStringConvertible {
    let command: Command
    let option: OptionSpec

    static let all = CommandLineProgram.commands(of: .configuration).flatMap { command in
        (command.options + GlobalOptions.all).map { OptionCase(command: command, option: $0) }
    }

    var testDescription: String { "\(command.name) --\(option.name)" }

    /// A value that the option can have, for a variable.
    var sample: String {
        switch option.value {
        case .flag: "true"
        case .text: "sample"
        case .choice(let words): words[0]
        }
    }

    /// The command line, with the arguments that the command must have.
    func line(_ more: String...) -> [String] {
        [command.name] + command.positionals.filter(\.isRequired).map { $0.choices.first ?? "x" } + more
    }
}

@Suite struct OptionVariableTests {
    private func parse(
        _ line: [String], _ environment: [String: String], file: String? = nil
    ) throws -> Arguments {
        var whole = ProgramEnvironment(values: environment)
        if let file { whole = .merging(environment, try EnvironmentFile(text: file, shown: ".env")) }
        let parser = CommandLineParser(
            commands: CommandLineProgram.commands(of: .configuration), globalOptions: GlobalOptions.all,
            environment: whole)
        guard case .run(_, let arguments) = try parser.parse(line) else { throw UsageError("This runs no command.") }
        return arguments
    }

    @Test func `Every option has a variable that is named after it, or must be typed for a reason`() {
        for option in OptionCase.all.map(\.option) {
            let derived = "REPROCESS_" + option.name.uppercased().replacing("-", with: "_")
            guard OptionSpec.typedOnly[option.name] == nil else {
                #expect(option.variable == nil, "--\(option.name)")
                continue
            }
            // The one exception is the name that hosts give such a variable.
            #expect(option.variable == (option.name == "database" ? "REPROCESS_DATABASE_URL" : derived))
        }
    }

    @Test func `What must be typed is told in the documentation, with everything that has a rule of its own`() throws {
        let page = try String(
            contentsOfFile: SharedData.packageDirectory + "/docs/environment.md", encoding: .utf8)
        for (name, reason) in OptionSpec.typedOnly {
            #expect(page.contains("| `--\(name)` | \(reason) |"), "--\(name) is missing in docs/environment.md")
        }
    }

    @Test(arguments: OptionCase.all)
    func `The variable stands for the option where that is not typed`(item: OptionCase) throws {
        let option = item.option
        guard let variable = option.variable else {
            let derived = "REPROCESS_" + option.name.uppercased()
            #expect(try !parse(item.line(), [derived: "true"]).has(option.name))
            return
        }
        let arguments = try parse(item.line(), [variable: item.sample])
        if option.takesValue {
            #expect(arguments.text(option.name) == item.sample)
            #expect(arguments.texts(option.name) == [item.sample])
        } else {
            #expect(arguments.has(option.name))
            #expect(try !parse(item.line(), [variable: "no"]).has(option.name))
        }
        #expect(arguments.typed(option.name).isEmpty)
        #expect(arguments.origin(of: option.name) == variable)
        let none = try parse(item.line(), [variable: ""])
        #expect(none.text(option.name) == nil)
        #expect(!none.has(option.name))
    }

    // The file is found beside the configuration, so that it cannot name one.
    @Test(arguments: OptionCase.all.filter { $0.option.variable != nil && $0.option.name != "config" })
    func `The command line beats the environment, and the environment the file beside the configuration`(
        item: OptionCase
    ) throws {
        let (option, variable) = (item.option, item.option.variable ?? "")
        guard option.takesValue else {
            #expect(try parse(item.line(), [:], file: "\(variable)=1").has(option.name))
            #expect(try !parse(item.line(), [variable: "0"], file: "\(variable)=1").has(option.name))
            #expect(try parse(item.line("--\(option.name)"), [variable: "0"]).has(option.name))
            return
        }
        var values = ["typed", "set", "filed"]
        if case .choice(let words) = option.value { values = [0, 1, 2].map { words[$0 % words.count] } }
        let file = "\(variable)=\(values[2])"
        #expect(try parse(item.line(), [:], file: file).text(option.name) == values[2])
        #expect(try parse(item.line(), [:], file: file).origin(of: option.name) == "\(variable) (.env:1)")
        #expect(try parse(item.line(), [variable: values[1]], file: file).text(option.name) == values[1])
        let typed = try parse(item.line("--\(option.name)", values[0]), [variable: values[1]], file: file)
        #expect(typed.text(option.name) == values[0])
        #expect(typed.texts(option.name) == [values[0]])
        #expect(typed.origin(of: option.name) == "--\(option.name)")
    }

    @Test(arguments: [
        (["REPROCESS_QUIET": "maybe"], "REPROCESS_QUIET is 'maybe', but must be true or false"),
        (["REPROCESS_ONLY": "faild"], "REPROCESS_ONLY is 'faild', but must be one of missing, failed, stale, all."),
    ])
    func `A value that cannot be meant is refused by the name of its variable`(
        environment: [String: String], message: String
    ) throws {
        let error = #expect(throws: UsageError.self) { try parse(["run"], environment) }
        #expect(error?.message.hasPrefix(message) == true, "\(String(describing: error))")
        // Whoever types the option does not care what the variable says.
        if environment["REPROCESS_ONLY"] != nil {
            #expect(try parse(["run", "--only", "all"], environment).text("only") == "all")
        }
    }

    @Test func `Typed dates stand instead of the range of the environment, and the other way round`() throws {
        let range = ["REPROCESS_FROM": "A", "REPROCESS_TO": "B"]
        let dates = try parse(["run", "--dates", "C"], range)
        #expect(dates.text("from") == nil)
        #expect(dates.text("to") == nil)
        let typed = try parse(["run", "--from", "C"], range.merging(["REPROCESS_DATES": "D"]) { $1 })
        #expect(typed.texts("dates").isEmpty)
        #expect(typed.text("to") == "B")
    }
}
