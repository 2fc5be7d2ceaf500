internal import Foundation

/// A table's state, as the actions of its log make it ("Action Reconciliation").
struct LogReplay: Sendable {
    /// The partition column by which files are found.
    let columnName: String
    /// The newest version that was applied; -1 before the first one.
    var version: Int64 = -1
    /// The version of the checkpoint from which the log was read; nil where it was read from its beginning.
    var checkpoint: Int64?
    private(set) var `protocol`: DeltaProtocol?
    private(set) var metadata: DeltaMetadata?
    private(set) var schema: DeltaSchema?
    /// What stands in the way of writing the table.
    private(set) var objections: [DeltaGate.Objection] = []
    private(set) var files = LiveFiles()
    private(set) var domains: [String: DomainMetadata] = [:]
    /// The time of the newest version; nil where its entry does not say it, or was not read.
    private(set) var inCommitTimestamp: Int64?
    private var transactions: [String: Int64] = [:]

    init(columnName: String) {
        self.columnName = columnName
    }

    /// How far an application has come.
    func transaction(_ application: String) -> Int64? { transactions[application] }

    /// Every application and how far it has come.
    var allTransactions: [String: Int64] { transactions }

    /// Applies the actions of one version.
    mutating func apply(_ actions: [DeltaAction], version: Int64) {
        for action in actions { apply(action) }
        self.version = version
    }

    /// Applies an action of the version that is being read.
    mutating func apply(_ action: DeltaAction) {
        switch action {
        case .add(let added): files.insert(LiveFile(added))
        case .remove(let removed): files.remove(removed.key)
        case .transaction(let transaction): transactions[transaction.appId] = transaction.version
        case .metadata(let metadata): adopt(metadata)
        case .protocol(let `protocol`):
            self.protocol = `protocol`
            judge()
        case .domain(let domain): domains[domain.domain] = domain.removed == true ? nil : domain
        case .commitInfo(let info): inCommitTimestamp = info.inCommitTimestamp
        case .sidecar: break
        }
    }

    /// Applies a file of a checkpoint.
    mutating func insert(_ file: LiveFile) { files.insert(file) }

    private mutating func adopt(_ metadata: DeltaMetadata) {
        self.metadata = metadata
        // A schema that cannot be read is refused where it is needed, with the other things that are refused.
        schema = metadata.schemaString.flatMap { try? DeltaSchema(json: $0) }
        let isPartitionColumn = metadata.partitionColumns?.contains(columnName) == true
        files.index(by: isPartitionColumn ? schema?.field(columnName) : nil)
        judge()
    }

    /// Asks the gate again: both actions that it judges by are rare.
    private mutating func judge() {
        guard let `protocol`, let metadata else { return }
        objections = DeltaGate(protocol: `protocol`, metadata: metadata, schema: schema).objections
    }
}

extension LiveFile {
    init(_ added: AddedFile) {
        self.init(
            path: added.path, partitionValues: added.partitionValues, size: added.size,
            deletionVector: added.deletionVector, rows: added.stats.flatMap(AddedFile.rows(in:)),
            publishedFiles: (added.tags?[AddedFile.fileCountTag] ?? nil).flatMap { Int($0) })
    }
}

extension AddedFile {
    /// The tag that says how many files a partition was published with.
    static let fileCountTag = "reprocess.files"

    /// The number of rows in a file's statistics, without decoding all of them.
    static func rows(in stats: String) -> Int64? {
        guard let key = stats.range(of: "\"numRecords\":") else { return nil }
        return Int64(stats[key.upperBound...].drop { $0 == " " }.prefix { $0.isASCII && $0.isNumber })
    }
}
