package import FaultPoints
public import Partitions

/// A table of Hive directories, `table/column=key/part-….parquet`, on a local file system.
///
/// A partition is replaced by one exchange of two folders, and an attempt is fenced by taking away the name of the folder
/// that its exchange needs. `docs/publish-protocol.md` has the protocol and why it holds.
public struct HiveTable: Table {
    /// `hive:` and the canonical path of the table's folder.
    public let identity: String

    let layout: HiveLayout
    let faults: FaultInjector
    let durable = DurableFolders()
    let failedSyncs = FailedSyncs()
    let marks = EmptyFiles()

    /// Creates the table of a folder, which need not exist yet.
    ///
    /// This reads the file system and changes nothing.
    ///
    /// - Parameters:
    ///   - path: The table's folder, absolute or relative to the working directory.
    ///   - column: The partition column.
    /// - Throws: `TableError` where there can be no such table.
    public init(path: String, column: String) throws {
        try self.init(path: path, column: column, faults: .fromEnvironment)
    }

    package init(path: String, column: String, faults: FaultInjector) throws {
        try HiveTable.check(column: column)
        let root = try reporting("find the table \(path)") { try Path.canonical(path) }
        try HiveTable.check(root: root)
        layout = HiveLayout(root: root, column: column)
        identity = "hive:" + root
        self.faults = faults
    }

    /// What the partition holds now; nil where it has no files.
    ///
    /// The files are ours where all of their names are, and there are as many as were published.
    public func current(_ key: PartitionKey) throws -> Generation? {
        try reporting("read partition \(key)") {
            guard let contents = try visible(key), !contents.dataFiles.isEmpty else { return nil }
            return generation(contents, try contents.soleWriter.flatMap { try record(of: $0, key) })
        }
    }

    /// What a reader sees in a partition; nil where there is no folder.
    func visible(_ key: PartitionKey) throws -> FolderContents? {
        guard let folder = try DirectoryHandle.openIfPresent(layout.partition(key)) else { return nil }
        let contents = try FolderContents(of: folder)
        try refuseNestedFolders(contents, at: folder.path)
        return contents
    }

    /// Who has been at a partition.
    ///
    /// The staging folder is read before the visible files: an attempt that publishes moves from the first to the second,
    /// so this order cannot miss it in both.
    func standing(of key: PartitionKey) throws -> (standing: PartitionStanding, visible: FolderContents?) {
        let entries = try stagingEntries(of: key)
        let visible = try visible(key)
        return (PartitionStanding(entries: entries, visibleWriters: visible?.writers ?? []), visible)
    }

    /// The record of an attempt; nil where it has written none.
    func record(of writer: Writer, _ key: PartitionKey) throws -> PublishRecord? {
        PartitionStanding(entries: try stagingEntries(of: key), visibleWriters: []).record(of: writer)
    }

    func stagingEntries(of key: PartitionKey) throws -> [StagingEntry] {
        try DirectoryHandle.openIfPresent(layout.stagings(key))?.entries().compactMap { StagingEntry($0.name) } ?? []
    }

    func generation(_ contents: FolderContents, _ record: PublishRecord?) -> Generation {
        let names = contents.dataFiles
        let files = names.map { contents.folderPath + "/" + $0 }
        // Without a record (somebody removed the sibling folder) the names are all there is to go by.
        let isWhole = record.map { $0.fileCount == names.count && $0.bytes == contents.bytes } ?? true
        let writer = isWhole ? contents.soleWriter : nil
        return Generation(
            writer: writer, version: writer?.name ?? "foreign-" + contents.fingerprint, files: files,
            bytes: contents.bytes, rows: writer == nil ? nil : record?.rows)
    }

    private func refuseNestedFolders(_ contents: FolderContents, at path: String) throws {
        guard let nested = contents.nestedFolder else { return }
        throw TableError(
            .refused,
            """
            The partition \(path) has a folder in it, "\(nested)": the table seems to have more than one partition \
            column. Only tables with one partition column can be written; nothing was changed.
            """)
    }
}
