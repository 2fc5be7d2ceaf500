/// One command of the program, as a value.
struct Command: Sendable {
    /// A command line to imitate.
    struct Example: Sendable {
        let purpose: String
        /// What follows the program's name.
        let arguments: String
    }

    /// An argument that is known by its place.
    struct Positional: Sendable {
        let name: String
        let summary: String
        var isRequired = false
        /// Any number of words may stand here; only the last one can be such an argument.
        var repeats = false
    }

    let name: String
    /// What the command does, in one line of the overview.
    let summary: String
    /// What it does and when one would want it, in paragraphs.
    let discussion: String
    var positionals: [Positional] = []
    let options: [OptionSpec]
    var examples: [Example] = []
    var exitCodes: [ExitCode] = [.complete, .refused, .usage]
    /// What exit codes mean for this command, where that is not what they mean for a run.
    var exitMeanings: [ExitCode: String] = [:]
    /// Ctrl-C finishes what runs before the command ends, rather than ending it at once.
    var drainsOnInterrupt = false
    /// The options that everybody gives, for the usage line.
    var usualOptions = ""
    let run: @Sendable (Arguments, CommandContext) async throws -> ExitCode

    /// The line that shows how the command is called.
    func usage(program: String) -> String {
        let places = positionals.map { place in
            let name = place.repeats ? "\(place.name)…" : place.name
            return place.isRequired ? name : "[\(name)]"
        }
        let words = [program, name] + places + (usualOptions.isEmpty ? [] : [usualOptions]) + ["[options]"]
        return "Usage: " + words.joined(separator: " ")
    }
}
