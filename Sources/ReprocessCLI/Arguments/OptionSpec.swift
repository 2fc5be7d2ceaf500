/// One option: parsing, help and suggestions all come from this description.
struct OptionSpec: Sendable {
    /// What follows the option's name.
    enum Value: Sendable, Hashable {
        /// Nothing: the option is there or not.
        case flag
        /// Any text; the placeholder stands for it in help pages.
        case text(String)
        /// One of a few words.
        case choice([String])
    }

    /// The name without its dashes.
    let name: String
    /// A one-letter name.
    var short: Character?
    /// What follows the name.
    let value: Value
    /// What it does, in a sentence.
    let summary: String
    /// What holds where the option is not given, in words.
    var defaultText: String?
    /// The environment variable to name in help pages, for options that one sets once for a machine.
    ///
    /// Every option has one: see `variable`.
    var environment: String?
    /// The option may be given several times, and all its values count.
    var repeats = false

    /// The option as it is typed: `--from KEY`.
    var synopsis: String {
        switch value {
        case .flag: "--\(name)"
        case .text(let placeholder): "--\(name) \(placeholder)"
        case .choice(let words): "--\(name) \(words.joined(separator: "|"))"
        }
    }

    var takesValue: Bool { value != .flag }
}
