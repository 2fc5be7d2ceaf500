internal import PartitionBackfill

/// The options of commands that decide something and record who did, and why.
enum DecisionOptions {
    static let reason = OptionSpec(
        name: "reason", value: .text("TEXT"), summary: "Why, for those who read the history; required.")
    static let by = OptionSpec(
        name: "by", value: .text("NAME"), summary: "Who decides.", defaultText: "the user and the machine")
    static let yes = OptionSpec(name: "yes", value: .flag, summary: "Do not ask.")

    /// Who decides.
    static func person(_ arguments: Arguments) -> String { arguments.text("by") ?? Person.current }

    /// Why; a decision without a reason is worth nothing to those who read of it later.
    static func reason(_ arguments: Arguments) throws(UsageError) -> String {
        guard let reason = arguments.text("reason"), reason.contains(where: { !$0.isWhitespace }) else {
            throw UsageError(
                "--reason is missing: say why, for those who read the history, as in --reason \"checked with sales\".",
                command: arguments.command)
        }
        return reason
    }
}
