internal import Synchronization
package import Partitions

extension DeltaTable {
    /// The rows of a partition as they are now, as a reader of the table finds them; nil where it has no files.
    ///
    /// - Throws: `TableError` where the table cannot be read.
    package func snapshot(of key: PartitionKey) throws -> DeltaSnapshot? {
        try reporting("read partition \(key)") {
            let look = try look(at: key)
            guard let table = look.table, !table.partition.isEmpty else { return nil }
            return try snapshot(table.partition, table.protocol, table.metadata, version: look.version)
        }
    }

    /// The rows that an attempt replaced, with the columns that the table had then; nil where they are not kept, or nobody
    /// can tell any more what the columns were.
    ///
    /// - Throws: `TableError` where the table cannot be read.
    package func replacedSnapshot(of key: PartitionKey, by writer: Writer) throws -> DeltaSnapshot? {
        try reporting("read what attempt \(writer.name) replaced in partition \(key)") {
            guard case .kept(let removed, let table, let commit) = try replacedFiles(key, by: writer),
                let metadata = try pastMetadata.metadata(before: commit, in: log, now: look(at: key))
            else { return nil }
            return try snapshot(liveFiles(removed), table.protocol, metadata, version: commit - 1)
        }
    }

    private func snapshot(
        _ files: [LiveFile], _ protocol: DeltaProtocol, _ metadata: DeltaMetadata, version: Int64
    ) throws -> DeltaSnapshot {
        let schema = metadata.schemaString.flatMap { try? DeltaSchema(json: $0) }
        let gate = DeltaReaderGate(protocol: `protocol`, metadata: metadata, schema: schema)
        guard gate.objections.isEmpty, let schema else {
            throw TableError(
                .refused,
                "\(layout.root) cannot be read, because of "
                    + "\(gate.objections.map(\.description).joined(separator: "; ")).")
        }
        let reading = DeltaReading(
            root: layout.root, schema: schema, partitionColumns: metadata.partitionColumns ?? [],
            mapsColumns: gate.mapsColumns)
        var part = try reading.part(files)
        // Whoever reads deletion vectors reads the table, and not these files.
        if !part.features.isEmpty { part.filterColumn = layout.column }
        return DeltaSnapshot(root: layout.root, version: version, columns: reading.columns, parts: [part])
    }
}

/// What the table's metadata was at versions of before, each entry of the log read once in a process.
final class PastMetadata: Sendable {
    /// By versions: what an entry says, which for most is nothing.
    private let entries = Mutex<[Int64: DeltaMetadata?]>([:])

    /// The metadata at the version before one; nil where the log does not reach back so far.
    func metadata(before version: Int64, in log: DeltaLog, now look: DeltaTable.Look) throws -> DeltaMetadata? {
        var changed = false
        for later in stride(from: version, through: look.version, by: 1) where !changed {
            guard let entry = try entry(later, log) else { return nil }
            changed = entry != nil
        }
        if !changed { return look.table?.metadata }
        for earlier in stride(from: version - 1, through: 0, by: -1) {
            guard let entry = try entry(earlier, log) else { return nil }
            if let metadata = entry { return metadata }
        }
        return nil
    }

    /// Nil where there is no such entry any more; a nil within where it says nothing of it.
    private func entry(_ version: Int64, _ log: DeltaLog) throws -> DeltaMetadata?? {
        if let known = entries.withLock({ $0[version] }) { return .some(known) }
        guard let actions = try log.actions(after: version - 1, through: version) else { return nil }
        var found: DeltaMetadata?
        for case .metadata(let metadata) in actions { found = metadata }
        entries.withLock { _ = $0.updateValue(found, forKey: version) }
        return .some(found)
    }
}
