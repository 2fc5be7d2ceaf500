/// Reads one value as the type that it must have.
struct ScalarReader {
    let node: YAMLNode
    /// The value's name, for error messages.
    let label: String
    let environment: [String: String]

    init(_ node: YAMLNode, _ label: String, _ environment: [String: String]) {
        self.node = node
        self.label = label
        self.environment = environment
    }

    /// The text, with environment variables put in.
    func text() throws(ConfigurationError) -> String {
        guard case .scalar(let text, _) = node.content else { throw mismatch("a text") }
        do {
            return try VariableExpansion.expand(text, environment: environment)
        } catch {
            throw ConfigurationError("\(label): \(error.message)", at: node.position)
        }
    }

    func bool() throws(ConfigurationError) -> Bool {
        switch try text() {
        case "true": true
        case "false": false
        default: throw mismatch("true or false")
        }
    }

    func integer(in bounds: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        let limit =
            bounds.upperBound == .max ? "\(bounds.lowerBound) or more" : "\(bounds.lowerBound) to \(bounds.upperBound)"
        guard let number = Int(try text()), bounds.contains(number) else {
            throw mismatch("a whole number, \(limit)")
        }
        return number
    }

    func duration() throws(ConfigurationError) -> Duration {
        let text = try text()
        return try parsed { () throws(ValueError) in try DurationText.parse(text) }
    }

    func byteCount() throws(ConfigurationError) -> Int64 {
        let text = try text()
        return try parsed { () throws(ValueError) in try ByteCountText.parse(text) }
    }

    /// One of the words of an enumeration.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ type: Choice.Type
    ) throws(ConfigurationError) -> Choice where Choice.RawValue == String {
        let text = try text()
        guard let choice = Choice(rawValue: text) else {
            let words = type.allCases.map(\.rawValue)
            let guess = Suggestion.question(for: text, among: words)
            throw ConfigurationError(
                "\(label) is '\(text)', but must be one of \(words.joined(separator: ", ")).\(guess)", at: node.position
            )
        }
        return choice
    }

    /// A value that a type reads from text, and in words what it can be.
    func parsed<Value>(_ expected: String, _ parse: (String) -> Value?) throws(ConfigurationError) -> Value {
        guard let value = parse(try text()) else { throw mismatch(expected) }
        return value
    }

    private func parsed<Value>(_ read: () throws(ValueError) -> Value) throws(ConfigurationError) -> Value {
        do {
            return try read()
        } catch {
            throw ConfigurationError("\(label): \(error.message)", at: node.position)
        }
    }

    private func mismatch(_ expected: String) -> ConfigurationError {
        var found = node.kind
        if case .scalar(let text, _) = node.content { found = "'\(text)'" }
        return ConfigurationError("\(label) must be \(expected), but is \(found).", at: node.position)
    }
}
