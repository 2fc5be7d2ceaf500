/// What was counted in a checkpoint that has been written.
struct CheckpointCounts: Hashable {
    var actions: Int64 = 0
    var files: Int64 = 0
    var bytes: Int64 = 0
    var transactions: Int64 = 0
    var protocols: Int64 = 0
    var tables: Int64 = 0
    var domains: Int64 = 0
    var filesWithoutPartition: Int64 = 0
    var tableID: String?
    var schema: String?

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

extension CheckpointCounts {
    private static let fields = [
        "protocol.minReaderVersion", "metaData.id", "metaData.schemaString", "txn.appId", "add.path", "add.size",
        "add.partitionValues.key_value.key", "add.partitionValues.key_value.value", "domainMetadata.domain",
    ]

    /// Reads a checkpoint that has been written, and counts.
    init(reading path: String, column: String?) throws {
        guard let file = try LeafFile(path) else { throw LeafFile.Unsuitable() }
        for group in file.groups.indices {
            let rows = try CheckpointRows(file, group: group) { CheckpointCounts.fields.contains($0) }
            let places = CheckpointCounts.fields.compactMap(rows.shape.index)
            guard places.count == CheckpointCounts.fields.count else { throw LeafFile.Unsuitable() }
            try rows.forEachRow { cursor in
                actions += 1
                if cursor.has(places[0]) { protocols += 1 }
                if cursor.has(places[1]) {
                    tables += 1
                    tableID = cursor.text(places[1])
                    schema = cursor.text(places[2])
                }
                if cursor.has(places[3]) { transactions += 1 }
                if cursor.has(places[4]) {
                    files += 1
                    bytes += cursor.number(places[5]) ?? 0
                    if let column, cursor.map(places[6])?.keys.contains(column) != true { filesWithoutPartition += 1 }
                }
                if cursor.has(places[8]) { domains += 1 }
            }
        }
    }
}
