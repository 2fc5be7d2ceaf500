internal import FaultPoints
internal import Glibc
internal import Partitions

/// The stagings of a table that wait for somebody's decision: `held/<key>/<attempt>/` in the folder beside the table.
///
/// Their attempts have no name among those that can publish, so nothing that begins, publishes or revokes comes here.
struct HeldStagings {
    /// What a staging is called from the moment on in which its removal begins: nobody takes it for whole any more.
    static let removalSuffix = ".removing"

    /// The folder beside the table.
    let sibling: String
    let faults: FaultInjector

    private var root: String { sibling + "/held" }

    /// The folder of what is held of a partition.
    func folder(_ key: PartitionKey) -> String { "\(root)/\(key)" }

    /// What is held of an attempt.
    func path(_ key: PartitionKey, _ writer: Writer) -> String { "\(folder(key))/\(writer.name)" }

    /// Takes a folder away from where an attempt could publish it; false where a higher fence has done so.
    ///
    /// Its files must be on the disk already; `sync` does the rest.
    func setAside(_ path: String, _ key: PartitionKey, _ writer: Writer, _ durable: DurableFolders) throws -> Bool {
        try durable.ensure(root)
        try durable.ensure(folder(key))
        return try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in
            try FileSystem.renameToNew(path, to: self.path(key, writer))
        } == nil
    }

    /// Brings to the disk that a folder was set aside.
    func sync(_ key: PartitionKey, from origin: String, _ failedSyncs: FailedSyncs, of writer: Writer) throws {
        try failedSyncs.remembering(writer) {
            try FileSystem.syncDirectory(folder(key))
            try FileSystem.syncDirectory(origin)
        }
        try faults.reached(.heldDurable)
    }

    /// What has just been set aside.
    func whole(_ key: PartitionKey, _ writer: Writer) throws -> HeldGeneration {
        guard let held = try generation(key, writer) else {
            throw TableError(
                .missing,
                """
                What was set aside of attempt \(writer.name) in \(folder(key)) has been removed by another program. Run \
                partition \(key) again.
                """)
        }
        return held
    }

    /// What is held of an attempt; nil where it is gone, or was never held.
    func generation(_ key: PartitionKey, _ writer: Writer) throws -> HeldGeneration? {
        guard let handle = try DirectoryHandle.openIfPresent(path(key, writer)) else { return nil }
        let contents = try FolderContents(of: handle)
        return HeldGeneration(
            writer: writer, files: contents.dataFiles.map { handle.path + "/" + $0 }, bytes: contents.bytes)
    }

    /// The files that are held of an attempt, to be published again.
    func files(_ key: PartitionKey, _ writer: Writer) throws -> LinkedFiles {
        guard let held = try generation(key, writer), !held.files.isEmpty else {
            throw TableError(
                .missing,
                """
                Nothing is held of attempt \(writer.name) in \(folder(key)): it has been decided on, or somebody removed \
                it. Run partition \(key) again.
                """)
        }
        return LinkedFiles(held.files, faults: faults)
    }

    /// Removes what is held of an attempt; false where there is nothing.
    ///
    /// Renamed first: a removal that is interrupted leaves nothing that looks whole.
    func drop(_ key: PartitionKey, _ writer: Writer) throws -> Bool {
        let doomed = path(key, writer) + HeldStagings.removalSuffix
        let missing = try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in
            try FileSystem.rename(path(key, writer), to: doomed)
        }
        guard missing == nil else { return false }
        try faults.reached(.heldDoomed)
        return try removeRemains(doomed)
    }

    /// Removes what a removal has left; false where another process does it as well.
    func removeRemains(_ path: String) throws -> Bool {
        try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in try FileSystem.removeTree(path) } == nil
    }

    /// The partitions of which something is held.
    func keys(_ granularity: Granularity) throws -> Set<PartitionKey> {
        var keys: Set<PartitionKey> = []
        try DirectoryHandle.openIfPresent(root)?.forEachEntry { entry in
            // Any other name is not ours, and none of our business.
            if let key = try? PartitionKey(parsing: entry.name, as: granularity) { keys.insert(key) }
            return true
        }
        return keys
    }

    /// What is held of a partition, or half removed.
    func leftovers(_ key: PartitionKey) throws -> [Leftover] {
        guard let handle = try DirectoryHandle.openIfPresent(folder(key)) else { return [] }
        return try handle.entries().compactMap { entry in
            let isHalfRemoved = entry.name.hasSuffix(HeldStagings.removalSuffix)
            let name = isHalfRemoved ? String(entry.name.dropLast(HeldStagings.removalSuffix.count)) : entry.name
            guard let writer = Writer(name: name) else { return nil }
            let path = handle.path + "/" + entry.name
            var size = TreeSize()
            _ = try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in try size.add(path) }
            return Leftover(
                kind: isHalfRemoved ? .remains : .held, writer: writer, path: path, files: size.files,
                bytes: size.bytes)
        }
    }
}
