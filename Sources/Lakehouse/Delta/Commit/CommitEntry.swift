internal import Foundation

/// The log entry that makes staged files a partition, in one step.
struct CommitEntry: Hashable {
    /// Who commits what.
    struct Header: Hashable {
        let applicationID: String
        let fence: Int64
        let transactionID: String
        let predicate: String
        /// The version on which the entry is based; -1 where it makes the table.
        let readVersion: Int64
        /// Milliseconds since 1970, for people who read the history; nothing is decided by it.
        let timestamp: Int64
        /// The version's time, where the table keeps such times.
        var inCommitTimestamp: InCommitTimestamp?
    }

    let header: Header
    /// What a new table begins with; nil where the table is there.
    let newTable: NewTable?
    let removed: [LiveFile]
    let added: [AddedFile]
    /// The table's metadata with columns that the files add; nil where they add none.
    var evolved: DeltaMetadata?

    /// The lines of the entry, each with its end.
    func text() throws -> String {
        let info = CommitEntry.commitInfo(header, header.transactionID, header.predicate, makesTable: newTable != nil)
        return try ([info] + changes()).joined(separator: "\n") + "\n"
    }

    /// The lines of an entry that does what several entries would do, one after the other.
    ///
    /// Each keeps its own count. They are of different partitions, so that no two speak of the same file.
    static func text(of members: [CommitEntry], transactionID: String) throws -> String {
        guard let first = members.first?.header else { return "" }
        let predicate = members.map(\.header.predicate).joined(separator: " OR ")
        let info = commitInfo(first, transactionID, predicate, makesTable: false)
        return try ([info] + members.flatMap { try $0.changes() }).joined(separator: "\n") + "\n"
    }

    private func changes() throws -> [String] {
        var lines: [String] = []
        if let newTable {
            lines.append(try JSONText.line(["protocol": newTable.protocol]))
            lines.append(try JSONText.line(["metaData": newTable.metadata]))
        }
        if let evolved { lines.append(try JSONText.line(["metaData": evolved])) }
        lines.append(try JSONText.line(["txn": transaction]))
        for file in removed { lines.append(try JSONText.line(["remove": remove(file)])) }
        for file in added { lines.append(try JSONText.line(["add": file])) }
        return lines
    }

    /// How far attempts at the partition have come with this entry.
    var transaction: ApplicationTransaction {
        ApplicationTransaction(appId: header.applicationID, version: header.fence, lastUpdated: header.timestamp)
    }

    /// What an `add` says goes into the `remove` as it was: log and readers know the file by it.
    func remove(_ file: LiveFile) -> RemovedFile {
        RemovedFile(
            path: file.path, deletionTimestamp: header.timestamp, dataChange: true, extendedFileMetadata: true,
            partitionValues: file.partitionValues, size: file.size, deletionVector: file.deletionVector)
    }

    private static func commitInfo(
        _ header: Header, _ transactionID: String, _ predicate: String, makesTable: Bool
    ) -> String {
        let operation =
            makesTable
            ? "\"CREATE TABLE AS SELECT\",\"operationParameters\":{}"
            : "\"WRITE\",\"operationParameters\":{\"mode\":\"Overwrite\",\"predicate\":\(JSONText.quoted(predicate))}"
        let readVersion = !makesTable ? "\"readVersion\":\(header.readVersion)," : ""
        let time = header.inCommitTimestamp.map { "\"inCommitTimestamp\":\($0.value)," } ?? ""
        return """
            {"commitInfo":{\(time)"timestamp":\(header.timestamp),"operation":\(operation),\(readVersion)\
            "isolationLevel":"Serializable","isBlindAppend":false,"engineInfo":\(JSONText.quoted(CommitInfo.engine)),\
            "txnId":\(JSONText.quoted(transactionID))}}
            """
    }
}

/// The protocol and the metadata of a table that is about to be made.
struct NewTable: Hashable {
    let `protocol`: DeltaProtocol
    let metadata: DeltaMetadata

    /// Describes a table with these columns and one partition column, which comes last.
    init(id: UUID, columns: [DeltaField], partitionedBy column: DeltaField, timestamp: Int64) throws {
        let schema = DeltaSchema(fields: columns + [column])
        // A timestamp without a zone is a type that old readers do not have.
        let features = DeltaType.structure(schema.fields).primitives.contains("timestamp_ntz") ? ["timestampNtz"] : []
        `protocol` =
            features.isEmpty
            ? DeltaProtocol(minReaderVersion: 1, minWriterVersion: 2)
            : DeltaProtocol(
                minReaderVersion: 3, minWriterVersion: 7, readerFeatures: features, writerFeatures: features)
        metadata = DeltaMetadata(
            id: id.uuidString.lowercased(), format: DeltaMetadata.Format(provider: "parquet"),
            schemaString: try schema.json(), partitionColumns: [column.name], configuration: [:], createdTime: timestamp
        )
    }
}
