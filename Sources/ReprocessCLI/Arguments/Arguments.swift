/// The options and positional arguments of one command line, with the environment behind them.
struct Arguments: Sendable {
    let command: Command
    private(set) var positionals: [String] = []
    private var given: [String: [String]] = [:]
    /// What the environment says of options that are not typed.
    private var variables: [String: Variable] = [:]
    private let specs: [String: OptionSpec]

    private struct Variable {
        let value: String
        /// The variable, and the file that it is set in, as the user knows them.
        let origin: String
    }

    init(command: Command, specs: [OptionSpec]) {
        self.command = command
        self.specs = Dictionary(specs.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    mutating func append(positional: String) { positionals.append(positional) }

    mutating func append(_ value: String, to option: OptionSpec) throws(UsageError) {
        if !option.repeats, let earlier = given[option.name]?.first, option.takesValue {
            throw UsageError("--\(option.name) is given twice: '\(earlier)' and '\(value)'.", command: command)
        }
        given[option.name, default: []].append(value)
    }

    /// The argument with a name.
    ///
    /// Optional ones come first and are left out first: one word alone is the required one.
    func positional(_ name: String) -> String? {
        let places = command.positionals
        let filled =
            positionals.count >= places.count ? places : places.filter(\.isRequired) + places.filter { !$0.isRequired }
        guard let index = filled.firstIndex(where: { $0.name == name }), index < positionals.count else { return nil }
        return positionals[index]
    }

    /// Takes what is not typed from the environment; an empty variable counts as none.
    ///
    /// - Throws: `UsageError` where a value cannot be meant, which names its variable.
    mutating func fill(from environment: ProgramEnvironment) throws(UsageError) {
        let typed = Set(given.keys)
        for spec in specs.values.sorted(by: { $0.name < $1.name })
        where !typed.contains(spec.name) && !spec.isReplaced(by: typed) {
            guard let variable = spec.variable, let value = environment.values[variable], !value.isEmpty else {
                continue
            }
            let origin = environment.origin(of: variable)
            guard let value = try spec.checked(value, from: origin, command) else { continue }
            variables[spec.name] = Variable(value: value, origin: origin)
        }
    }

    /// Tells whether an option is typed, or is a flag that the environment sets.
    func has(_ option: String) -> Bool {
        given[option] != nil || (variables[option] != nil && specs[option]?.takesValue == false)
    }

    /// The value of an option: as typed, else of its environment variable.
    func text(_ option: String) -> String? { given[option]?.last ?? variables[option]?.value }

    /// All values of an option that may be given several times.
    func texts(_ option: String) -> [String] { given[option] ?? variables[option].map { [$0.value] } ?? [] }

    /// The values of an option as typed, whatever the environment says.
    func typed(_ option: String) -> [String] { given[option] ?? [] }

    /// The value of an option as a whole number within bounds.
    func integer(_ option: String, in bounds: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = text(option) else { return nil }
        guard let number = Int(text), bounds.contains(number) else {
            let limit =
                bounds.upperBound == .max
                ? "\(bounds.lowerBound) or more" : "\(bounds.lowerBound) to \(bounds.upperBound)"
            throw UsageError(
                "\(origin(of: option)) is '\(text)', but must be a whole number, \(limit).", command: command)
        }
        return number
    }

    /// The value of an option as a duration such as `90s`.
    func duration(_ option: String) throws(UsageError) -> Duration? {
        guard let text = text(option) else { return nil }
        do {
            return try DurationText.parse(text)
        } catch {
            throw UsageError("\(origin(of: option)): \(error.message)", command: command)
        }
    }

    /// The value of an option as a size such as `4GiB`, in bytes.
    func byteCount(_ option: String) throws(UsageError) -> Int64? {
        guard let text = text(option) else { return nil }
        do {
            return try ByteCountText.parse(text)
        } catch {
            throw UsageError("\(origin(of: option)): \(error.message)", command: command)
        }
    }

    /// The value of an option as one of the words of an enumeration.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ option: String, as type: Choice.Type
    ) throws(UsageError) -> Choice? where Choice.RawValue == String {
        guard let text = text(option) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw UsageError.wrongChoice(text, of: origin(of: option), among: type.allCases.map(\.rawValue), command)
        }
        return choice
    }

    /// Where the value of an option comes from, as the user knows it.
    func origin(of option: String) -> String {
        given[option] == nil ? variable(of: option) ?? "--\(option)" : "--\(option)"
    }

    /// The variable that the value of an option comes from; nil where it is typed.
    func variable(of option: String) -> String? { given[option] == nil ? variables[option]?.origin : nil }
}

extension UsageError {
    static func wrongChoice(
        _ text: String, of option: String, among words: [String], _ command: Command?
    ) -> UsageError {
        let guess = Suggestion.question(for: text, among: words)
        return UsageError(
            "\(option) is '\(text)', but must be one of \(words.joined(separator: ", ")).\(guess)", command: command)
    }
}
