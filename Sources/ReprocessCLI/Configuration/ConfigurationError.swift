/// A place in a configuration file, counted from 1.
struct SourcePosition: Sendable, Hashable {
    var line: Int
    var column: Int
}

/// A configuration that cannot be used.
struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file, as the user knows it.
    var file: String?
    var position: SourcePosition?
    /// A sentence that names the offending value and what to do.
    let message: String

    init(_ message: String, file: String? = nil, at position: SourcePosition? = nil) {
        self.file = file
        self.position = position
        self.message = message
    }

    /// The error as compilers print theirs: `reprocess.yaml:12:5: message`.
    var description: String {
        guard let file else { return message }
        guard let position else { return "\(file): \(message)" }
        return "\(file):\(position.line):\(position.column): \(message)"
    }

    func inFile(_ name: String) -> ConfigurationError {
        ConfigurationError(message, file: file ?? name, at: position)
    }
}
