public import Partitions

extension DeltaTable {
    /// The attempt whose name a version is.
    public func writer(ofVersion version: String) -> Writer? { Writer(name: version) }

    /// What readers see in the partition, and what speaks against it; nil where the log has no files of it.
    ///
    /// The log says which files there must be, how large they are and which of their rows are deleted; the names say whose
    /// they are. Each file is looked at, and none is opened.
    public func inspect(_ key: PartitionKey) throws -> PartitionInspection? {
        try reporting("inspect partition \(key)") {
            let look = try look(at: key)
            guard let table = look.table, !table.partition.isEmpty else { return nil }
            let files = try table.partition.map { file in
                let location = DeltaPath.location(of: file.path, in: layout.root)
                return InspectedFile(file: file, location: location, status: try FileSystem.status(of: location))
            }
            var rearranged: Writer?
            if DeltaTable.soleWriter(of: table.partition) == nil, files.contains(where: { $0.writer == nil }) {
                let state = try history.state(
                    of: table.value, in: log, column: table.column.field, through: look.version)
                if case .rearranged(let writer) = state { rearranged = writer }
            }
            return DeltaJudgement(files: files.sorted { $0.location < $1.location }, rearrangedFrom: rearranged)
                .inspection
        }
    }
}

/// A file that the log names, and what is there.
struct InspectedFile: Hashable {
    let file: LiveFile
    let location: String
    let status: FileStatus?

    var name: String { Path.name(of: location) }
    /// The attempt that wrote the file.
    var writer: Writer? { PublishedFileName(name)?.writer }
}

/// Compares what the log says of a partition with what is there.
struct DeltaJudgement {
    private let files: [InspectedFile]
    private let isRearranged: Bool
    private let writer: Writer?
    /// The files of the generation.
    private let own: [InspectedFile]

    /// Judges a partition.
    ///
    /// - Parameters:
    ///   - files: Its live files.
    ///   - rearrangedFrom: The attempt whose rows these are, although the files are others by now.
    init(files: [InspectedFile], rearrangedFrom: Writer?) {
        self.files = files
        isRearranged = rearrangedFrom != nil
        writer = rearrangedFrom ?? files.compactMap(\.writer).max { $0.fence < $1.fence }
        own = writer == nil || isRearranged ? files : files.filter { [writer] in $0.writer == writer }
    }

    var inspection: PartitionInspection {
        let rows = own.map(\.file.rows)
        return PartitionInspection(
            writer: writer, version: writer?.name,
            files: own.compactMap { file in file.status.map { .init(path: file.location, bytes: $0.size) } },
            recordedRows: rows.contains(nil) ? nil : rows.reduce(0) { $0 + ($1 ?? 0) }, problems: problems,
            isRearranged: isRearranged)
    }

    private var problems: [PartitionInspection.Problem] {
        var problems: [PartitionInspection.Problem] = []
        let missing = removed + own.filter { $0.status == nil }.map(\.name)
        if !missing.isEmpty { problems.append(.filesMissing(missing.sorted(), of: own.count + removed.count)) }
        let extra = files.filter { !own.contains($0) }.map(\.name)
        if !extra.isEmpty { problems.append(.extraFiles(extra)) }
        let strange = own.filter { $0.status.map { $0.kind != .file } ?? false }.map(\.name)
        if !strange.isEmpty { problems.append(.notFiles(strange)) }
        let present = own.filter { $0.status?.kind == .file }
        let bytes = (found: sum(present) { $0.status?.size ?? 0 }, recorded: sum(present) { $0.file.size })
        if present.contains(where: { $0.status?.size != $0.file.size }) {
            problems.append(.size(found: bytes.found, recorded: bytes.recorded))
        }
        let vectors = own.filter { $0.file.deletionVector != nil }
        if !vectors.isEmpty {
            let rows = sum(vectors) { $0.file.deletionVector?.cardinality ?? 0 }
            problems.append(.rowsDeleted(vectors.map(\.name), rows: rows))
        }
        return problems
    }

    /// Files that were published with the others and that somebody has taken out of the table.
    private var removed: [String] {
        guard let writer, !isRearranged, let count = own.compactMap(\.file.publishedFiles).max(), own.count < count
        else { return [] }
        let names = Set(own.map(\.name))
        let absent = (0..<count).map { PublishedFileName(writer: writer, number: $0).description }
        return Array(absent.filter { !names.contains($0) }.prefix(count - own.count))
    }

    private func sum(_ files: [InspectedFile], _ value: (InspectedFile) -> Int64) -> Int64 {
        files.reduce(0) { $0 + value($1) }
    }
}
