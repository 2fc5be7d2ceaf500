internal import Partitions
internal import Transforms

/// One job of a configuration file, with absolute paths.
struct JobConfiguration: Sendable {
    let name: String
    let description: String?
    let partitioning: Partitioning
    let sources: [Source]
    let target: Target
    /// The file that holds the transform's SELECT.
    let transformFile: String
    /// Where the file is named, for the error that it is not there.
    let transformPosition: SourcePosition
    /// By what partitions are judged before they are published.
    let audits: [AuditConfiguration]
    /// Whether partitions are measured.
    let measures: Bool
    /// Whether also what they replace is measured where the ledger does not know it.
    let measuresReplaced: Bool
    let defaults: RunDefaults
    /// How partitions are read in batches; nil where each is read in one pass.
    var batching: Batching?
}
