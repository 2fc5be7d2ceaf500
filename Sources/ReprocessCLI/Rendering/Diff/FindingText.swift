internal import Transforms

/// What audits found, for people.
struct FindingText {
    var style = Style.plain

    /// A line for each violated audit, and one that counts those that passed.
    func lines(_ findings: [AuditFinding], indent: Int = 2) -> [String] {
        let margin = String(repeating: " ", count: indent)
        let passed = findings.count(where: \.hasPassed)
        let count = passed > 0 ? ["\(margin)\(NumberText.counted(passed, "audit")) passed"] : []
        return findings.filter { !$0.hasPassed }.map { margin + line($0) } + count
    }

    /// One violated audit: how grave it is, the audit, and what is wrong.
    func line(_ finding: AuditFinding) -> String {
        let keys = finding.keys.isEmpty ? "" : " (\(finding.keys.map(\.visible).joined(separator: "; ")))"
        let message = finding.message.isEmpty ? "" : ": \(finding.message)"
        return "\(color(finding.severity.rawValue, finding.severity))  \(finding.audit)\(message)\(keys)"
    }

    private func color(_ text: String, _ severity: Audit.Severity) -> String {
        severity == .fail ? style.red(text) : style.yellow(text)
    }
}
