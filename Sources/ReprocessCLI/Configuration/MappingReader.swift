/// Reads the keys of one mapping strictly: what is not asked for is an error.
///
/// Ask for every key, then call `finish`.
struct MappingReader {
    let node: YAMLNode
    /// Where the mapping stands, in words: `the job 'orders'`.
    let place: String
    private let members: [String: (key: YAMLNode, value: YAMLNode)]
    private let order: [String]
    private var known: Set<String> = []
    private let environment: [String: String]

    init(_ node: YAMLNode, place: String, environment: [String: String]) throws(ConfigurationError) {
        guard case .mapping(let pairs) = node.content else {
            throw ConfigurationError(
                "\(place.capitalizedFirst) must be a group of keys, but is \(node.kind).", at: node.position)
        }
        var members: [String: (key: YAMLNode, value: YAMLNode)] = [:]
        var order: [String] = []
        for pair in pairs {
            guard case .scalar(let name, _) = pair.key.content else {
                throw ConfigurationError(
                    "A key of \(place) must be a word, but is \(pair.key.kind).", at: pair.key.position)
            }
            if let earlier = members[name] {
                let message = "The key '\(name)' stands twice in \(place): first in line \(earlier.key.position.line)."
                throw ConfigurationError(message, at: pair.key.position)
            }
            members[name] = pair
            order.append(name)
        }
        self.node = node
        self.place = place
        self.members = members
        self.order = order
        self.environment = environment
    }

    /// The names of all keys, in the order of the file.
    var names: [String] { order }

    /// The value of a key; nil where it is missing or nothing is written after it.
    mutating func optional(_ name: String) -> YAMLNode? {
        known.insert(name)
        return members[name].map(\.value).flatMap { $0.isNull ? nil : $0 }
    }

    /// Tells whether a key is written, with or without a value.
    mutating func isWritten(_ name: String) -> SourcePosition? {
        known.insert(name)
        return members[name]?.key.position
    }

    /// The value of a key that must be there.
    mutating func required(_ name: String) throws(ConfigurationError) -> YAMLNode {
        if let node = optional(name) { return node }
        let others = order.filter { !known.contains($0) }
        if members[name] == nil, let misspelt = Suggestion.closest(to: name, among: others) {
            throw ConfigurationError(
                "'\(misspelt)' is not a key of \(place). Did you mean '\(name)'?", at: members[misspelt]?.key.position)
        }
        let position = members[name]?.key.position ?? node.position
        throw ConfigurationError("The key '\(name)' of \(place) is missing or has no value.", at: position)
    }

    /// The text of a key, with variables put in.
    mutating func text(_ name: String) throws(ConfigurationError) -> String? {
        try optional(name).map { node throws(ConfigurationError) in
            try ScalarReader(node, self.label(name), environment).text()
        }
    }

    mutating func requiredText(_ name: String) throws(ConfigurationError) -> String {
        try ScalarReader(try required(name), label(name), environment).text()
    }

    /// The value of a key, read by a function of `ScalarReader`.
    mutating func value<Value>(
        _ name: String, _ read: (ScalarReader) throws(ConfigurationError) -> Value
    ) throws(ConfigurationError) -> Value? {
        try optional(name).map { node throws(ConfigurationError) in
            try read(ScalarReader(node, self.label(name), environment))
        }
    }

    /// The mapping of a key.
    mutating func mapping(_ name: String, place: String) throws(ConfigurationError) -> MappingReader? {
        try optional(name).map { node throws(ConfigurationError) in
            try MappingReader(node, place: place, environment: environment)
        }
    }

    /// Refuses every key that was not asked for.
    func finish() throws(ConfigurationError) {
        guard let unknown = order.first(where: { !known.contains($0) }), let member = members[unknown] else { return }
        let guess = Suggestion.question(for: unknown, among: known.sorted())
        let hint = guess.isEmpty ? " Known keys: \(known.sorted().joined(separator: ", "))." : guess
        throw ConfigurationError("'\(unknown)' is not a key of \(place).\(hint)", at: member.key.position)
    }

    private func label(_ name: String) -> String { "'\(name)' of \(place)" }
}

extension String {
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
