internal import Transforms

/// The data of a partition violates audits that say that it must not be published.
struct AuditError: Error, Hashable, CustomStringConvertible {
    /// The violated audits.
    let findings: [AuditFinding]

    var description: String {
        // The audits first: lists show one line of an error.
        (findings.map(\.sentence) + ["Nothing was published."])
            .joined(separator: "\n")
    }
}

extension AuditFinding {
    /// The audit with what violates it, and keys only where the job allows them to be shown.
    var sentence: String {
        let examples = keys.isEmpty ? "" : " For example: " + keys.joined(separator: "; ") + "."
        return "\(audit): \(message)\(examples)"
    }
}
