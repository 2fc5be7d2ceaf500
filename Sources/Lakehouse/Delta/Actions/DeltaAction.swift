/// One action of a Delta log, reduced to what a writer of whole partitions needs.
///
/// Actions and fields that are not listed here are skipped, as the protocol asks of every reader ("Actions").
enum DeltaAction: Hashable {
    case commitInfo(CommitInfo)
    case `protocol`(DeltaProtocol)
    case metadata(DeltaMetadata)
    case transaction(ApplicationTransaction)
    case add(AddedFile)
    case remove(RemovedFile)
    case domain(DomainMetadata)
    /// Only in a checkpoint: a file with more of its actions.
    case sidecar(SidecarFile)
}

extension DeltaAction {
    /// Whether the commit says that this program made it.
    var isOurs: Bool {
        if case .commitInfo(let info) = self { info.engineInfo == CommitInfo.engine } else { false }
    }
}

/// What a reader and a writer must know to use a table.
struct DeltaProtocol: Hashable, Codable {
    var minReaderVersion: Int
    var minWriterVersion: Int
    var readerFeatures: [String]?
    var writerFeatures: [String]?
}

/// The table: its schema, its partition columns and its properties.
struct DeltaMetadata: Hashable, Codable {
    /// How data files are stored.
    struct Format: Hashable, Codable {
        var provider: String
        var options: [String: String?]? = [:]
    }

    /// The table's id, which stays the same for as long as the table exists.
    var id: String
    var name: String?
    var description: String?
    var format: Format?
    /// The schema as JSON within JSON; nil in metadata that no writer should have made.
    var schemaString: String?
    var partitionColumns: [String]?
    /// The table's properties.
    var configuration: [String: String?]?
    var createdTime: Int64?

    /// A property's value.
    func property(_ name: String) -> String? { configuration?[name] ?? nil }
}

/// How far an application has come, in its own count.
struct ApplicationTransaction: Hashable, Codable {
    var appId: String
    var version: Int64
    var lastUpdated: Int64?
}

/// Who made a commit; free in its form, so nothing in it is required.
struct CommitInfo: Hashable {
    /// What this program calls itself in the history of a table.
    static let engine = "reprocess"

    var transactionID: String?
    var engineInfo: String?
    /// The time of the version, where the table keeps such times.
    var inCommitTimestamp: Int64?
}

/// Configuration of a named domain.
struct DomainMetadata: Hashable, Codable {
    var domain: String
    var configuration: String?
    var removed: Bool?
}

/// A part of a checkpoint.
struct SidecarFile: Hashable, Codable {
    var path: String
}
