internal import FaultPoints
internal import Glibc
internal import Partitions

/// Folders of attempts beside a table that nothing which begins, publishes or revokes comes to: `<name>/<key>/<attempt>/`.
protocol AttemptFolders {
    /// The name of the folder that has them all.
    static var folderName: String { get }
    /// What cleaning calls one of them.
    static var leftoverKind: Leftover.Kind { get }
    /// The folder beside the table.
    var sibling: String { get }
    var faults: FaultInjector { get }

    /// Called when a folder has been renamed to be removed.
    func removalBegan() throws
}

extension AttemptFolders {
    func removalBegan() throws {}

    /// The folder that has them all.
    var root: String { sibling + "/" + Self.folderName }

    /// The folder of a partition.
    func folder(_ key: PartitionKey) -> String { "\(root)/\(key)" }

    /// The folder of an attempt.
    func path(_ key: PartitionKey, _ writer: Writer) -> String { "\(folder(key))/\(writer.name)" }

    /// Removes the folder of an attempt; false where there is none.
    func drop(_ key: PartitionKey, _ writer: Writer) throws -> Bool {
        try FolderRemoval.remove(path(key, writer), afterRename: removalBegan)
    }

    /// The partitions of which there is something.
    func keys(_ granularity: Granularity) throws -> Set<PartitionKey> {
        var keys: Set<PartitionKey> = []
        try DirectoryHandle.openIfPresent(root)?.forEachEntry { entry in
            // Any other name is not ours, and none of our business.
            if let key = try? PartitionKey(parsing: entry.name, as: granularity) { keys.insert(key) }
            return true
        }
        return keys
    }

    /// What there is of a partition, whole or half removed.
    func leftovers(_ key: PartitionKey) throws -> [Leftover] {
        guard let handle = try DirectoryHandle.openIfPresent(folder(key)) else { return [] }
        return try handle.entries().compactMap { entry in
            let (name, isHalfRemoved) = FolderRemoval.name(of: entry.name)
            guard let writer = Writer(name: name) else { return nil }
            let path = handle.path + "/" + entry.name
            var size = TreeSize()
            _ = try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in try size.add(path) }
            return Leftover(
                kind: isHalfRemoved ? .remains : Self.leftoverKind, writer: writer, path: path, files: size.files,
                bytes: size.bytes)
        }
    }
}
