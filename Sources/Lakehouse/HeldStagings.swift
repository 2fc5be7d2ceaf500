internal import FaultPoints
internal import Glibc
internal import Partitions

/// The stagings of a table that wait for somebody's decision: `held/<key>/<attempt>/` in the folder beside the table.
///
/// Their attempts have no name among those that can publish, so nothing that begins, publishes or revokes comes here.
struct HeldStagings: AttemptFolders {
    static let folderName = "held"
    static let leftoverKind = Leftover.Kind.held

    let sibling: String
    let faults: FaultInjector

    func removalBegan() throws { try faults.reached(.heldDoomed) }

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
}
