/// A command line that cannot be understood.
struct UsageError: Error, CustomStringConvertible {
    /// A sentence that names the offending argument.
    let message: String
    /// The command whose usage line helps.
    var command: Command?

    init(_ message: String, command: Command? = nil) {
        self.message = message
        self.command = command
    }

    var description: String { message }

    /// The same error, for a command where it has none yet.
    func attributed(to command: Command) -> UsageError {
        UsageError(message, command: self.command ?? command)
    }

    /// What is printed: the sentence, the usage line, and where to read more.
    func text(program: String) -> String {
        let name = command.map { "\(program) \($0.name)" } ?? program
        let usage = command?.usage(program: program) ?? "Usage: \(program) COMMAND [options]"
        return "\(message)\n\(usage)\nSee '\(name) --help'.\n"
    }
}
