extension OptionSpec {
    /// Options that no environment variable stands for, with the reason.
    ///
    /// By name, so that a confirmation of whatever command is one of them. A variable that somebody has set a week ago and
    /// forgotten must not agree to anything, nor change what a command is for.
    static let typedOnly = [
        "help": "asks for a page instead of the command",
        "version": "asks for the version instead of the command",
        "yes": "agrees to something that is asked",
        "force": "goes over an objection",
        "all": "is everything, said on purpose",
        "repair": "changes the ledger where 'verify' only looks",
        "unknown": "removes what the ledger knows nothing of",
        "create": "makes roles where 'roles' only looks",
    ]

    /// Options that mean the same thing in two ways.
    ///
    /// Where one way is typed, the variables of the other one do not count.
    private static let alternatives: [Set<String>] = [["from", "to"], ["dates"]]

    /// The environment variable that stands for the option where it is not typed; nil where it must be typed.
    var variable: String? {
        guard Self.typedOnly[name] == nil else { return nil }
        return environment ?? "REPROCESS_" + String(name.uppercased().map { $0 == "-" ? "_" : $0 })
    }

    /// Tells whether one of the typed options stands instead of this one.
    func isReplaced(by typed: Set<String>) -> Bool {
        guard let own = Self.alternatives.first(where: { $0.contains(name) }), own.isDisjoint(with: typed) else {
            return false
        }
        return Self.alternatives.contains { $0 != own && !$0.isDisjoint(with: typed) }
    }

    /// Checks a value of the variable as far as the option alone says what it may be.
    ///
    /// - Returns: The value; nil where it says that a flag is not set.
    /// - Throws: `UsageError` that names where the value comes from.
    func checked(_ value: String, from origin: String, _ command: Command) throws(UsageError) -> String? {
        switch self.value {
        case .text: return value
        case .choice(let words):
            guard words.contains(value) else { throw .wrongChoice(value, of: origin, among: words, command) }
            return value
        case .flag:
            let word = value.lowercased()
            if ["1", "true", "yes", "on"].contains(word) { return value }
            guard ["0", "false", "no", "off"].contains(word) else {
                throw UsageError(
                    "\(origin) is '\(value)', but must be true or false: --\(name) takes no other value.",
                    command: command)
            }
            return nil
        }
    }
}
