internal import Transforms

/// An audit of a configuration file, whose query has not been read yet.
struct AuditConfiguration: Sendable, Hashable {
    /// What is demanded.
    enum Rule: Sendable, Hashable {
        case known(Audit.Rule)
        /// A query in a file, whose result must be empty.
        case noRows(file: String, written: String)
    }

    var rule: Rule
    var severity = Audit.Severity.fail
    var showsKeys = false
    /// Where the audit is written, for the error that its file is not there.
    let position: SourcePosition
}
