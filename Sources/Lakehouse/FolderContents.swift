/// What is in a folder of data files, as one look saw it.
struct FolderContents: Hashable {
    /// The folder itself: equal wherever it is moved.
    let folder: FileStatus
    /// The path under which the folder was opened.
    let folderPath: String
    /// Everything in it.
    let nodes: [String: FileStatus]

    /// Looks into an open folder.
    init(of handle: borrowing DirectoryHandle) throws(SystemCallError) {
        var nodes: [String: FileStatus] = [:]
        for entry in try handle.entries() {
            nodes[entry.name] = try handle.status(of: entry.name)
        }
        self.nodes = nodes
        folder = try handle.status()
        folderPath = handle.path
    }

    /// The names that readers take for data: the Hive convention hides those that start with `_` or `.`.
    var dataFiles: [String] {
        nodes.keys.filter { !FolderContents.isHidden($0) }.sorted()
    }

    /// The names that readers skip.
    var hiddenEntries: [DirectoryHandle.Entry] {
        entries.filter { FolderContents.isHidden($0.name) }
    }

    /// Everything in the folder, by name.
    var entries: [DirectoryHandle.Entry] {
        nodes.map { DirectoryHandle.Entry(name: $0, kind: $1.kind) }.sorted { $0.name < $1.name }
    }

    /// The attempts that named files here.
    var writers: Set<Writer> {
        Set(nodes.keys.compactMap { PublishedFileName($0)?.writer })
    }

    /// The one attempt that named all of the data files; nil where there is none, or a file of somebody else.
    var soleWriter: Writer? {
        let names = dataFiles.map { PublishedFileName($0)?.writer }
        guard let first = names.first, let writer = first, names.allSatisfy({ $0 == writer }) else { return nil }
        return writer
    }

    /// The size of the data files.
    var bytes: Int64 {
        dataFiles.reduce(0) { $0 + (nodes[$1]?.size ?? 0) }
    }

    /// A folder among the data files, as a table with a second partition column has it.
    var nestedFolder: String? {
        dataFiles.first { nodes[$0]?.kind == .directory }
    }

    /// Whether both looks saw the same files in the same folder.
    func isUnchanged(since earlier: FolderContents) -> Bool {
        folder.isSameNode(as: earlier.folder) && nodes.count == earlier.nodes.count
            && nodes.allSatisfy { name, now in
                guard let before = earlier.nodes[name] else { return false }
                return now.isSameNode(as: before) && now.size == before.size
                    && now.modifiedNanoseconds == before.modifiedNanoseconds
            }
    }

    /// A short text that changes when the files do: a checksum of names, sizes and times (FNV-1a, 64 bit).
    var fingerprint: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for name in dataFiles {
            let text = "\(name)/\(nodes[name]?.size ?? 0)/\(nodes[name]?.modifiedNanoseconds ?? 0);"
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        return String(hash, radix: 16)
    }

    private static func isHidden(_ name: String) -> Bool {
        name.hasPrefix("_") || name.hasPrefix(".")
    }
}
