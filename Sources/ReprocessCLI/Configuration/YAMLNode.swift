/// A value of a YAML document, with the place where it stands.
struct YAMLNode: Sendable {
    indirect enum Content: Sendable {
        /// A text; `isPlain` where it stands without quotes, so that `true` and `4` mean more than their letters.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        /// Keys in the order of the file.
        case mapping([(key: YAMLNode, value: YAMLNode)])
    }

    let content: Content
    let position: SourcePosition

    /// Tells whether nothing is written: an empty value, `~` or `null`.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// What it is, for error messages.
    var kind: String {
        switch content {
        case .scalar: isNull ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a group of keys"
        }
    }
}
