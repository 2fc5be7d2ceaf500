public import Partitions

extension HiveTable {
    /// The attempt whose name a version is.
    public func writer(ofVersion version: String) -> Writer? { Writer(name: version) }

    /// What readers see in the partition, and what speaks against it; nil where it has no folder.
    ///
    /// Two listings and nothing more: the record says how many files there must be and how large they are together, and
    /// the names say whose they are.
    public func inspect(_ key: PartitionKey) throws -> PartitionInspection? {
        try reporting("inspect partition \(key)") {
            guard let folder = try DirectoryHandle.openIfPresent(layout.partition(key)) else { return nil }
            let contents = try FolderContents(of: folder)
            guard let writer = contents.writers.max(by: { $0.fence < $1.fence }) else {
                return FolderJudgement(contents, writer: nil, record: nil).inspection
            }
            return FolderJudgement(contents, writer: writer, record: try record(of: writer, key)).inspection
        }
    }
}

/// Compares what is in a partition's folder with the record of its generation.
struct FolderJudgement {
    private let contents: FolderContents
    private let writer: Writer?
    private let record: PublishRecord?
    /// The names that readers take for data, as files or not.
    private let plain: [String]
    private let own: [String]

    init(_ contents: FolderContents, writer: Writer?, record: PublishRecord?) {
        self.contents = contents
        self.writer = writer
        self.record = record
        plain = contents.dataFiles.filter { contents.nodes[$0]?.kind == .file }
        own = plain.filter { writer == nil || PublishedFileName($0)?.writer == writer }
    }

    var inspection: PartitionInspection {
        PartitionInspection(
            writer: writer, version: writer?.name,
            files: own.map { .init(path: contents.folderPath + "/" + $0, bytes: contents.nodes[$0]?.size ?? 0) },
            recordedRows: record?.rows, problems: problems)
    }

    private var problems: [PartitionInspection.Problem] {
        var problems: [PartitionInspection.Problem] = []
        if !missing.isEmpty { problems.append(.filesMissing(missing, of: record?.fileCount ?? 0)) }
        if !extra.isEmpty { problems.append(.extraFiles(extra)) }
        let strange = contents.dataFiles.filter { contents.nodes[$0]?.kind != .file }
        if !strange.isEmpty { problems.append(.notFiles(strange)) }
        let bytes = own.reduce(0) { $0 + (contents.nodes[$1]?.size ?? 0) }
        if let record, own.count == record.fileCount, bytes != record.bytes {
            problems.append(.size(found: bytes, recorded: record.bytes))
        }
        return problems
    }

    /// Files are numbered from 0 on.
    private var missing: [String] {
        guard let record, let writer, own.count < record.fileCount else { return [] }
        let absent = (0..<record.fileCount).lazy
            .map { PublishedFileName(writer: writer, number: $0).description }
            .filter { !own.contains($0) }
        return Array(absent.prefix(record.fileCount - own.count))
    }

    /// Files of others, and hidden ones that a reader with a pattern of its own, such as `**/*.parquet`, would read.
    private var extra: [String] {
        guard writer != nil else { return [] }
        let surplus = record.map { own.dropFirst($0.fileCount) } ?? []
        let others = plain.filter { PublishedFileName($0)?.writer != writer }
        let hidden = contents.hiddenEntries.map(\.name).filter { $0.hasSuffix(".parquet") }
        return (others + surplus + hidden).sorted()
    }
}
