internal import Foundation

/// A checkpoint made of an older one and the entries behind it ("Action Reconciliation"), in this process.
///
/// It does what `CheckpointSQL` does, many times faster, for tables that are not too large. What it does not know makes it
/// throw `LeafFile.Unsuitable`, and DuckDB is asked.
struct CheckpointMerge {
    /// The older checkpoint; nil where there is none.
    let base: String?
    /// The paths of the entries, in the order of their versions.
    let entries: [String]
    let tombstonesExpireBefore: Int64?
    let transactionsExpireBefore: Int64?

    /// More entries than that are read faster by DuckDB.
    static let mostEntries = 300
    /// Rows of one row group.
    static let rowsInGroup = 10_000

    private struct FileName: Hashable {
        let path: String
        let vector: String?
    }

    /// The newest of each that the entries say.
    private struct News {
        var files: [FileName: CheckpointAction] = [:]
        var transactions: [String: CheckpointAction] = [:]
        var domains: [String: CheckpointAction] = [:]
        var `protocol`: CheckpointAction?
        var metadata: CheckpointAction?
    }

    /// Computes the checkpoint and hands out its bytes, piece by piece.
    func write(_ body: ([UInt8]) throws -> Void) throws {
        guard entries.count <= CheckpointMerge.mostEntries else { throw LeafFile.Unsuitable() }
        let file = try base.map { path in
            guard let file = try LeafFile(path) else { throw LeafFile.Unsuitable() }
            return file
        }
        if let file { try check(file) }
        let news = try news()
        var writer = LeafWriter(schema: CheckpointShape.standard.schema)
        var rows = CheckpointRows()
        func flush(atLeast: Int) throws {
            guard rows.count >= atLeast else { return }
            writer.append(rows.columns, rows: rows.count)
            rows = CheckpointRows()
            try body(writer.take())
        }
        for action in actions(of: news) {
            rows.append(action)
            try flush(atLeast: CheckpointMerge.rowsInGroup)
        }
        for group in file?.groups.indices ?? 0..<0 {
            try forEachKeptRow(of: file, group, news) { cursor in
                rows.append(cursor)
                try flush(atLeast: CheckpointMerge.rowsInGroup)
            }
        }
        try flush(atLeast: 1)
        try body(writer.finish())
    }

    /// Refuses checkpoints of which more would be lost than statistics that the table does not ask for.
    private func check(_ file: LeafFile) throws {
        let paths = Set(file.leaves.keys).union(file.others)
        let hasParsedAlone =
            try paths.contains { $0.hasPrefix("add.stats_parsed.") } && !file.hasValues("add.stats")
        guard !hasParsedAlone, try !file.hasValues("sidecar.path") else { throw LeafFile.Unsuitable() }
    }

    private func news() throws -> News {
        let decoder = JSONDecoder()
        var news = News()
        for path in entries {
            guard var reader = try LineReader.openIfPresent(path) else { throw LeafFile.Unsuitable() }
            while let line = try reader.next() {
                guard !line.isEmpty else { continue }
                do {
                    if let action = try CheckpointAction.action(in: line, decoder) { note(action, in: &news) }
                } catch is DecodingError {
                    throw LeafFile.Unsuitable()
                }
            }
        }
        return news
    }

    private func note(_ action: CheckpointAction, in news: inout News) {
        switch CheckpointColumn.all[action.column].name {
        case "protocol": news.protocol = action
        case "metaData": news.metadata = action
        case "txn": if case .text(let id) = action.field("appId") { news.transactions[id] = action }
        case "domainMetadata": if case .text(let name) = action.field("domain") { news.domains[name] = action }
        default:
            guard case .text(let path) = action.field("path") else { return }
            news.files[FileName(path: DeltaPath.canonical(path), vector: vector(of: action))] = action
        }
    }

    private func vector(of action: CheckpointAction) -> String? {
        guard case .text(let type) = action.vectorField("storageType") else { return nil }
        var id = type
        if case .text(let path) = action.vectorField("pathOrInlineDv") { id += path }
        if case .number(let offset) = action.vectorField("offset") { id += "@\(offset)" }
        return id
    }

    /// What the entries say and has not expired, in an order that depends on nothing else.
    private func actions(of news: News) -> [CheckpointAction] {
        let transactions = news.transactions.sorted { $0.key < $1.key }.map(\.value).filter { action in
            if case .number(let time) = action.field("lastUpdated") { isKept(transaction: time) } else { true }
        }
        let domains = news.domains.sorted { $0.key < $1.key }.map(\.value).filter { $0.field("removed") != .number(1) }
        let files = news.files.sorted { ($0.key.path, $0.key.vector ?? "") < ($1.key.path, $1.key.vector ?? "") }
            .map(\.value).filter { action in
                guard CheckpointColumn.all[action.column].name == "remove" else { return true }
                if case .number(let time) = action.field("deletionTimestamp") { return isKept(tombstone: time) }
                return isKept(tombstone: 0)
            }
        return [news.protocol, news.metadata].compactMap(\.self) + transactions + domains + files
    }

    private func isKept(tombstone time: Int64) -> Bool { tombstonesExpireBefore.map { time > $0 } ?? true }

    private func isKept(transaction time: Int64) -> Bool { transactionsExpireBefore.map { time > $0 } ?? true }

    private func forEachKeptRow(
        of file: LeafFile?, _ group: Int, _ news: News, _ body: (CheckpointCursor) throws -> Void
    ) throws {
        guard let file else { return }
        let rows = try CheckpointRows(file, group: group)
        let places = Places(rows.shape)
        for (leaf, column) in zip(rows.shape.leaves, rows.columns) where leaf.isRequired {
            // DuckDB fills in what must be there.
            let level = leaf.owners.last?.level ?? 0
            guard !column.definitions.contains(level) else { throw LeafFile.Unsuitable() }
        }
        try rows.forEachRow { row in
            if isKept(row, places, news) { try body(row) }
        }
    }

    private func isKept(_ row: CheckpointCursor, _ places: Places, _ news: News) -> Bool {
        if let path = row.text(places.add.path) { return isKept(path, row, places.add, news) }
        if let path = row.text(places.remove.path) {
            let time = row.number(places.deletionTimestamp) ?? 0
            return isKept(tombstone: time) && isKept(path, row, places.remove, news)
        }
        if let id = row.text(places.transaction) {
            // One without a time is kept: nobody can tell that it has expired.
            let isInTime = row.number(places.lastUpdated).map(isKept(transaction:)) ?? true
            return isInTime && news.transactions[id] == nil
        }
        if let name = row.text(places.domain) {
            return news.domains[name] == nil && row.number(places.isRemoved) != 1
        }
        if row.has(places.protocol) { return news.protocol == nil }
        if row.has(places.metadata) { return news.metadata == nil }
        return false
    }

    private func isKept(_ path: String, _ row: CheckpointCursor, _ file: Places.File, _ news: News) -> Bool {
        let vector = row.text(file.vectorType).map { type in
            type + (row.text(file.vectorPath) ?? "") + (row.number(file.vectorOffset).map { "@\($0)" } ?? "")
        }
        return news.files[FileName(path: DeltaPath.canonical(path), vector: vector)] == nil
    }
}

/// Where the fields are by which rows of a checkpoint are told apart.
struct Places {
    /// Of an action of a file.
    struct File {
        let path: Int
        let vectorType: Int
        let vectorPath: Int
        let vectorOffset: Int
    }

    let add: File
    let remove: File
    let deletionTimestamp: Int
    let transaction: Int
    let lastUpdated: Int
    let domain: Int
    let isRemoved: Int
    let `protocol`: Int
    let metadata: Int

    init(_ shape: CheckpointShape) {
        func place(_ path: String) -> Int {
            guard let index = shape.index(of: path) else { preconditionFailure("no field \(path)") }
            return index
        }
        func file(_ name: String) -> File {
            let vector = name + ".deletionVector"
            return File(
                path: place(name + ".path"), vectorType: place(vector + ".storageType"),
                vectorPath: place(vector + ".pathOrInlineDv"), vectorOffset: place(vector + ".offset"))
        }
        add = file("add")
        remove = file("remove")
        deletionTimestamp = place("remove.deletionTimestamp")
        transaction = place("txn.appId")
        lastUpdated = place("txn.lastUpdated")
        domain = place("domainMetadata.domain")
        isRemoved = place("domainMetadata.removed")
        self.protocol = place("protocol.minReaderVersion")
        metadata = place("metaData.id")
    }
}
