/// Colours, or none (ECMA-48 SGR sequences).
struct Style: Sendable, Hashable {
    /// When colours are used.
    enum Choice: String, Sendable, CaseIterable {
        case auto, always, never
    }

    let isEnabled: Bool

    static let plain = Style(isEnabled: false)

    func bold(_ text: String) -> String { wrap(text, "1") }
    func dim(_ text: String) -> String { wrap(text, "2") }
    func red(_ text: String) -> String { wrap(text, "31") }
    func green(_ text: String) -> String { wrap(text, "32") }
    func yellow(_ text: String) -> String { wrap(text, "33") }

    private func wrap(_ text: String, _ code: String) -> String {
        isEnabled && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// Decides whether a stream gets colours: as asked for, else on a terminal unless NO_COLOR (no-color.org) says no.
    static func chosen(_ choice: Choice, isTerminal: Bool, environment: [String: String]) -> Style {
        switch choice {
        case .always: return Style(isEnabled: true)
        case .never: return .plain
        case .auto:
            let isRefused = environment["NO_COLOR"]?.isEmpty == false || environment["TERM"] == "dumb"
            return Style(isEnabled: isTerminal && !isRefused)
        }
    }
}
