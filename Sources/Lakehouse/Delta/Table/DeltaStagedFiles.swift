internal import Glibc
internal import Partitions

/// A data file that an attempt is about to commit, or has committed.
struct DataFile: Hashable {
    /// The path below the table's folder.
    let path: String
    /// The values of the partition columns beside the one by which the table is replaced.
    let otherValues: PartitionValues
    let status: FileStatus
    let footer: ParquetFooter
}

/// A file, whatever it is called.
struct DataFileNode: Hashable {
    private let device: UInt
    private let inode: UInt

    init(_ status: FileStatus) {
        device = status.device
        inode = status.inode
    }
}

/// The files of one staging on their way into the table's folder.
///
/// They get names that were never used before, in folders as the partition columns name them; but no reader sees them there
/// before a log entry says so.
struct DeltaStagedFiles {
    let table: DeltaTable
    let staging: Staging
    /// The partition columns beside the one by which the table is replaced, whose values are in the staged files.
    let otherColumns: [DeltaField]

    static let arranged = ".arranged"

    /// Files in the folders that they will have in the table, where these are several; hidden as all that is arranged.
    private var arranged: String { staging.directory + "/" + DeltaStagedFiles.arranged }
    private var split: String { staging.directory + "/.split" }
    private var dataFolder: String { table.layout.dataFolder(staging.key) }

    /// The plain files that were staged and have not been arranged, each a complete Parquet file.
    func staged(in contents: FolderContents) throws -> [String] {
        let names = contents.dataFiles
        for name in names { try ParquetFile.check(contents.folderPath + "/" + name, contents.nodes[name]) }
        return names.map { staging.directory + "/" + $0 }
    }

    /// Gives the staged files the names and folders that they will have in the table.
    func arrange(_ files: [String]) throws {
        guard !files.isEmpty else { return }
        if otherColumns.isEmpty {
            // In the same folder: file systems take their time to make folders where others have just been removed.
            var number = try firstFreeNumber()
            for file in files {
                try FileSystem.renameToNew(file, to: "\(staging.directory)/.\(name(number))")
                number += 1
            }
        } else {
            try rewrite(files)
        }
    }

    /// The names are those of an earlier call where that has failed.
    private func firstFreeNumber() throws -> Int {
        let names = try moving().map(\.path) + table.dataFiles(of: staging.writer, staging.key)
        return (names.compactMap { PublishedFileName(Path.name(of: $0))?.number }.max() ?? -1) + 1
    }

    private func name(_ number: Int) -> String {
        PublishedFileName(writer: staging.writer, number: number).description
    }

    /// Splits files whose rows belong to several partitions of the other columns.
    private func rewrite(_ files: [String]) throws {
        // The staged files stay until all is written, so that an earlier call that failed left them.
        for folder in [arranged, split] where try FileSystem.status(of: folder) != nil {
            try FileSystem.removeTree(folder)
        }
        let footers = try table.footers.value()
        try footers.split(files, by: otherColumns.map(\.name), into: split, table.options.encoding)
        let pieces = try paths(below: split, "").filter { $0.hasSuffix(".parquet") }
        for (number, piece) in pieces.enumerated() {
            let folder = try arranged + "/" + dataFolder + "/" + canonicalFolder(of: piece)
            try FileSystem.ensureDirectory(folder, syncsParents: false)
            try FileSystem.renameToNew(split + "/" + piece, to: folder + "/" + name(number))
        }
        if pieces.isEmpty { try writeEmpty(files, footers) }
        for file in files { try FileSystem.removeFile(file) }
    }

    /// Arranges files that were part of the table before, as they are: the log says which values they have.
    func restore(_ files: [RemovedFile]) throws {
        for entry in try DirectoryHandle(opening: staging.directory).entries() {
            try FileSystem.remove(entry, in: staging.directory)
        }
        let links = LinkedFiles([], faults: table.faults)
        for (number, file) in files.enumerated() {
            let folder = arranged + "/" + dataFolder + "/" + folders(file.partitionValues ?? [:])
            try FileSystem.ensureDirectory(folder, syncsParents: false)
            try links.link(DeltaPath.location(of: file.path, in: table.layout.root), folder, name(number), .new)
        }
    }

    /// A result without rows belongs to no partition of the other columns: it is put where they are null.
    private func writeEmpty(_ files: [String], _ footers: ParquetFooters) throws {
        let values = PartitionValues(uniqueKeysWithValues: otherColumns.map { ($0.name, nil) })
        let folder = arranged + "/" + dataFolder + "/" + folders(values)
        try FileSystem.ensureDirectory(folder, syncsParents: false)
        try footers.copyWithoutRows(
            files[0], without: otherColumns.map(\.name), to: folder + "/" + name(0), table.options.encoding)
    }

    /// DuckDB names folders much as Hive does, but escapes other characters.
    private func canonicalFolder(of piece: String) throws -> String { folders(values(of: Path.parent(of: piece))) }

    private func folders(_ values: PartitionValues) -> String {
        otherColumns.map { DeltaPath.folder(column: $0.name, value: values[$0.name] ?? nil) }.joined(separator: "/")
    }

    /// The values that folders name; the empty text is null ("Partition Value Serialization").
    private func values(of folders: String) -> PartitionValues {
        var values: PartitionValues = [:]
        for folder in folders.split(separator: "/") {
            guard let (column, value) = DeltaPath.partition(folder: String(folder)) else { continue }
            values.updateValue(value?.isEmpty == true ? nil : value, forKey: column)
        }
        return values
    }

    /// Brings the files to the disk and moves them into the table's folder; an earlier call may have moved some.
    ///
    /// The footers of files that have been read already are not read again.
    func move(_ known: [DataFileNode: ParquetFooter]) throws -> [DataFile] {
        let moving = try moving()
        try table.failedSyncs.remembering(staging.writer) {
            for file in moving { try FileSystem.syncFile(file.source) }
        }
        for file in moving {
            let target = table.layout.root + "/" + file.path
            try table.ensureDataFolder(Path.parent(of: target), staging.writer)
            try FileSystem.renameToNew(file.source, to: target)
        }
        let files = try table.dataFiles(of: staging.writer, staging.key)
        try table.failedSyncs.remembering(staging.writer) {
            for folder in Set(files.map(Path.parent)) { try FileSystem.syncDirectory(table.layout.root + "/" + folder) }
        }
        return try files.map { try dataFile($0, known) }
    }

    /// What has been arranged and not moved: where it is, and the path that it will have below the table's folder.
    private func moving() throws -> [(source: String, path: String)] {
        let split = try paths(below: arranged, "").map { (arranged + "/" + $0, $0) }
        let whole = try DirectoryHandle.openIfPresent(staging.directory)?.entries().map(\.name) ?? []
        return split
            + whole.filter { $0.hasPrefix(".") && PublishedFileName(String($0.dropFirst())) != nil }
            .map { (staging.directory + "/" + $0, dataFolder + "/" + $0.dropFirst()) }
    }

    private func dataFile(_ path: String, _ known: [DataFileNode: ParquetFooter]) throws -> DataFile {
        let location = table.layout.root + "/" + path
        guard let status = try FileSystem.status(of: location) else {
            throw SystemCallError(call: "stat", path: location, number: ENOENT)
        }
        let inner = Path.parent(of: path).dropFirst(dataFolder.count)
        return DataFile(
            path: path, otherValues: values(of: String(inner)), status: status,
            footer: try known[DataFileNode(status)] ?? table.footers.footer(of: location))
    }

    /// The files below a folder, by their paths in it.
    private func paths(below root: String, _ folder: String) throws -> [String] {
        let here = folder.isEmpty ? root : root + "/" + folder
        guard let handle = try DirectoryHandle.openIfPresent(here) else { return [] }
        var found: [String] = []
        for entry in try handle.entries() {
            let path = folder.isEmpty ? entry.name : folder + "/" + entry.name
            found += entry.kind == .directory ? try paths(below: root, path) : [path]
        }
        return found
    }
}
