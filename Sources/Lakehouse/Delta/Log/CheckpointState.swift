/// What a checkpoint says, read without DuckDB: many times faster where it is not too large.
struct CheckpointState {
    private var actions: [DeltaAction] = []
    private var files: [LiveFile] = []

    /// Reads the files of a checkpoint; nil where one of them must be read by DuckDB.
    init?(reading paths: [String]) throws {
        do {
            var groups: [CheckpointRows] = []
            for path in paths {
                guard let file = try LeafFile(path), try !file.hasValues("sidecar.path") else { return nil }
                for group in file.groups.indices {
                    groups.append(try CheckpointRows(file, group: group, where: CheckpointState.isWanted))
                }
            }
            // The table's own actions first: they tell which partition columns the files have.
            for group in groups { try readActions(group) }
            var columns: Set<String> = []
            for case .metadata(let metadata) in actions { columns = Set(metadata.partitionColumns ?? []) }
            for group in groups { try readFiles(group, columns) }
        } catch is LeafFile.Unsuitable {
            return nil
        }
    }

    /// Makes a replay begin with what was read.
    func apply(to replay: inout LogReplay) {
        for action in actions { replay.apply(action) }
        for file in files { replay.insert(file) }
    }

    private static func isWanted(_ path: String) -> Bool {
        [
            "protocol.", "metaData.", "txn.", "domainMetadata.", "add.partitionValues.", "add.tags.",
            "add.deletionVector.",
        ]
        .contains { path.hasPrefix($0) } || path == "add.path" || path == "add.size"
    }

    private mutating func readActions(_ rows: CheckpointRows) throws {
        let places = Places(rows.shape)
        try rows.forEachRow { cursor in
            let row = CheckpointRow(cursor: cursor)
            if let id = cursor.text(places.transaction) {
                actions.append(
                    .transaction(
                        ApplicationTransaction(
                            appId: id, version: try row.required("txn.version"),
                            lastUpdated: row.number("txn.lastUpdated")))
                )
            } else if cursor.has(places.protocol) {
                actions.append(
                    .protocol(
                        DeltaProtocol(
                            minReaderVersion: Int(try row.required("protocol.minReaderVersion")),
                            minWriterVersion: Int(try row.required("protocol.minWriterVersion")),
                            readerFeatures: row.texts("protocol.readerFeatures"),
                            writerFeatures: row.texts("protocol.writerFeatures"))))
            } else if let id = cursor.text(places.metadata) {
                actions.append(.metadata(row.metadata(id)))
            } else if let domain = cursor.text(places.domain) {
                actions.append(
                    .domain(
                        DomainMetadata(
                            domain: domain, configuration: row.text("domainMetadata.configuration"),
                            removed: row.number("domainMetadata.removed").map { $0 == 1 })))
            }
        }
    }

    private mutating func readFiles(_ rows: CheckpointRows, _ columns: Set<String>) throws {
        let places = Places(rows.shape)
        guard let size = rows.shape.index(of: "add.size"),
            let values = rows.shape.index(of: "add.partitionValues.key_value.key"),
            let tags = rows.shape.index(of: "add.tags.key_value.key")
        else { throw LeafFile.Unsuitable() }
        try rows.forEachRow { cursor in
            guard let path = cursor.text(places.add.path) else { return }
            let vector = cursor.has(places.add.vectorType) ? try CheckpointRow(cursor: cursor).deletionVector() : nil
            files.append(
                LiveFile(
                    path: path, partitionValues: (cursor.map(values) ?? [:]).filter { columns.contains($0.key) },
                    size: cursor.number(size) ?? 0, deletionVector: vector, rows: nil,
                    publishedFiles: cursor.map(tags)?[AddedFile.fileCountTag].flatMap { $0 }.flatMap { Int($0) }))
        }
    }
}

/// One action of a checkpoint, by the names of its fields.
private struct CheckpointRow {
    let cursor: CheckpointCursor

    func number(_ path: String) -> Int64? { index(path).flatMap(cursor.number) }

    func required(_ path: String) throws(LeafFile.Unsuitable) -> Int64 {
        guard let number = number(path) else { throw LeafFile.Unsuitable() }
        return number
    }

    func text(_ path: String) -> String? { index(path).flatMap(cursor.text) }

    func texts(_ path: String) -> [String]? {
        index(path + ".list.element").flatMap(cursor.texts)?.compactMap(\.self)
    }

    func map(_ path: String) -> [String: String?]? { index(path + ".key_value.key").flatMap(cursor.map) }

    func metadata(_ id: String) -> DeltaMetadata {
        DeltaMetadata(
            id: id, name: text("metaData.name"), description: text("metaData.description"),
            format: text("metaData.format.provider").map {
                DeltaMetadata.Format(provider: $0, options: map("metaData.format.options"))
            },
            schemaString: text("metaData.schemaString"), partitionColumns: texts("metaData.partitionColumns"),
            configuration: map("metaData.configuration"), createdTime: number("metaData.createdTime"))
    }

    func deletionVector() throws(LeafFile.Unsuitable) -> DeletionVector {
        guard let type = text("add.deletionVector.storageType"), let path = text("add.deletionVector.pathOrInlineDv")
        else { throw LeafFile.Unsuitable() }
        return DeletionVector(
            storageType: type, pathOrInlineDv: path, offset: number("add.deletionVector.offset").map(Int.init),
            sizeInBytes: Int(try required("add.deletionVector.sizeInBytes")),
            cardinality: try required("add.deletionVector.cardinality"),
            maxRowIndex: number("add.deletionVector.maxRowIndex"))
    }

    private func index(_ path: String) -> Int? { cursor.rows.shape.index(of: path) }
}
