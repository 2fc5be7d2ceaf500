/// A version of a table, and what a checkpoint of it must say: as the log's own replay knows it.
struct CheckpointTarget: Hashable {
    let version: Int64
    let tableID: String
    let schema: String
    /// The column by which files are found; nil where it is no partition column.
    let column: String?
    let files: Int
    let bytes: Int64
    let transactions: Int
    let domains: Int
    let properties: DeltaProperties

    /// Reads the state of a log; nil where there is nothing to make a checkpoint of.
    init?(_ replay: borrowing LogReplay) {
        guard let metadata = replay.metadata, let schema = metadata.schemaString else { return nil }
        version = replay.version
        tableID = metadata.id
        self.schema = schema
        column = replay.files.column?.name
        files = replay.files.count
        bytes = replay.files.bytes
        transactions = replay.allTransactions.count
        domains = replay.domains.count
        properties = DeltaProperties(metadata)
    }
}

/// What was counted in a checkpoint that has been written.
struct CheckpointCounts: Hashable {
    let actions: Int64
    let files: Int64
    let bytes: Int64
    let transactions: Int64
    let protocols: Int64
    let tables: Int64
    let domains: Int64
    let filesWithoutPartition: Int64
    let tableID: String?
    let schema: String?

    /// What is not as it must be, in words; none where a checkpoint says the same as the replay of the log.
    func differences(from target: CheckpointTarget, expiresTransactions: Bool) -> [String] {
        var differences: [String] = []
        func compare(_ what: String, _ found: Int64, _ expected: Int64) {
            if found != expected { differences.append("\(found) \(what) instead of \(expected)") }
        }
        compare("files", files, Int64(target.files))
        compare("bytes", bytes, target.bytes)
        if !expiresTransactions || transactions > target.transactions {
            compare("transactions", transactions, Int64(target.transactions))
        }
        compare("protocols", protocols, 1)
        compare("tables", tables, 1)
        compare("domains", domains, Int64(target.domains))
        compare("files without a partition", filesWithoutPartition, 0)
        if tableID != target.tableID { differences.append("another table's id") }
        if schema != target.schema { differences.append("another schema") }
        return differences
    }
}
