internal import Glibc
public import Partitions

extension HiveTable {
    /// The partitions that have a staging folder, replaced generations, or something held.
    public func partitionsWithLeftovers(_ granularity: Granularity) throws -> [PartitionKey] {
        try reporting("list what is kept of \(layout.root)") {
            var keys = try heldStagings.keys(granularity).union(keptBatches.keys(granularity))
            for folder in [layout.sibling + "/staging", layout.sibling + "/previous"] {
                guard let handle = try DirectoryHandle.openIfPresent(folder) else { continue }
                try handle.forEachEntry { entry in
                    // Any other name is not ours, and none of our business.
                    if let key = try? PartitionKey(parsing: entry.name, as: granularity) { keys.insert(key) }
                    return true
                }
            }
            return keys.sorted()
        }
    }

    /// What is kept of a partition and may have become garbage.
    ///
    /// The folders are read in the order in which a replaced generation moves, from the visible one through the staging to
    /// the previous ones, so that none is missed on its way.
    public func leftovers(of key: PartitionKey) throws -> PartitionLeftovers {
        try reporting("look for what is left of partition \(key)") {
            let visible = try contents(layout.partition(key))
            let entries = try stagingEntries(of: key)
            var folders: [StagingFolder] = []
            for entry in entries {
                switch entry {
                case .staging, .revoked:
                    guard let contents = try contents(layout.entry(key, entry)) else { continue }
                    folders.append(
                        StagingFolder(entry: entry, contents: contents, size: try size(layout.entry(key, entry))))
                case .record, .floor: continue
                }
            }
            let inventory = PartitionInventory(
                layout: layout, key: key, visible: visible, entries: entries, stagings: folders,
                replaced: try replacedGenerations(of: key))
            return PartitionLeftovers(
                key: key, items: try inventory.leftovers + heldStagings.leftovers(key) + keptBatches.leftovers(key))
        }
    }

    private func replacedGenerations(of key: PartitionKey) throws -> [ReplacedFolder] {
        let place = layout.replaced(key)
        guard let handle = try DirectoryHandle.openIfPresent(place) else { return [] }
        return try handle.entries().compactMap { entry in
            let (name, isHalfRemoved) = FolderRemoval.name(of: entry.name)
            let path = place + "/" + entry.name
            guard entry.kind == .directory, let writer = Writer(name: name), let contents = try contents(path) else {
                return nil
            }
            return ReplacedFolder(
                replacedBy: writer, path: path, isHalfRemoved: isHalfRemoved, writers: contents.writers,
                size: try size(path))
        }
    }

    /// What is in a folder; nil where there is none.
    func contents(_ path: String) throws -> FolderContents? {
        guard let folder = try DirectoryHandle.openIfPresent(path) else { return nil }
        return try FolderContents(of: folder)
    }

    /// What is in a folder; nothing where it has gone meanwhile.
    private func size(_ path: String) throws -> TreeSize {
        var size = TreeSize()
        _ = try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in try size.add(path) }
        return size
    }
}

/// How much is in a folder and below it.
struct TreeSize: Hashable {
    private(set) var files = 0
    private(set) var bytes: Int64 = 0

    mutating func add(_ path: String) throws(SystemCallError) {
        let folder = try DirectoryHandle(opening: path)
        for entry in try folder.entries() {
            if entry.kind == .directory {
                try add(path + "/" + entry.name)
            } else if let status = try folder.status(of: entry.name) {
                files += 1
                bytes += status.size
            }
        }
    }
}
