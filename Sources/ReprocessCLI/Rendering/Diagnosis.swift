/// What `doctor` found out about one thing.
struct Finding: Sendable, Hashable {
    enum Outcome: Sendable, Hashable {
        /// All is well; the detail says what was found.
        case good(String)
        /// Nothing fails for it, but the user should know.
        case warning(String)
        /// A run would fail; the text says why and how to repair it.
        case bad(String)
        /// It could not be looked at, because of something else that is bad.
        case skipped(String)
    }

    let subject: String
    let outcome: Outcome

    var isBad: Bool {
        if case .bad = outcome { return true }
        return false
    }
}

/// The findings of `doctor` for people and for programs.
struct Diagnosis: Sendable {
    var findings: [Finding] = []

    var isBad: Bool { findings.contains(where: \.isBad) }

    func text(style: Style, paths: MessagePaths = .unchanged) -> String {
        let width = findings.map(\.subject.count).max() ?? 0
        let lines = findings.map { finding -> String in
            let (mark, text) = describe(finding.outcome, style)
            return "\(mark) \(finding.subject.padded(to: width))  \(paths.shortened(text).indentedLines)\n"
        }
        let bad = findings.count(where: \.isBad)
        let verdict =
            bad == 0
            ? style.green("A run can start.") : style.red("\(NumberText.counted(bad, "thing")) to repair before a run.")
        return lines.joined() + verdict + "\n"
    }

    var json: String {
        let checks = findings.map { finding -> JSONValue in
            let (outcome, text) = words(finding.outcome)
            return .object(["subject": .text(finding.subject), "outcome": .text(outcome), "detail": .text(text)])
        }
        return JSONValue.object(["checks": .array(checks), "ok": .bool(!isBad)]).text + "\n"
    }

    private func describe(_ outcome: Finding.Outcome, _ style: Style) -> (mark: String, text: String) {
        switch outcome {
        case .good(let text): (style.green("✓"), text)
        case .warning(let text): (style.yellow("!"), text)
        case .bad(let text): (style.red("✗"), text)
        case .skipped(let text): (style.dim("-"), style.dim(text))
        }
    }

    private func words(_ outcome: Finding.Outcome) -> (String, String) {
        switch outcome {
        case .good(let text): ("ok", text)
        case .warning(let text): ("warning", text)
        case .bad(let text): ("bad", text)
        case .skipped(let text): ("skipped", text)
        }
    }
}
