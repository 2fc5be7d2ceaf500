internal import Glibc
public import Partitions

extension DeltaTable {
    /// Removes a leftover, or brings its publish to an end.
    ///
    /// Whatever the caller believes, no file that is part of the table or that the table still keeps is touched, and the
    /// partition's floor does not sink. An attempt that is taken for dead and lives cannot commit any more once its name
    /// has been taken away, exactly as if a higher fence had done it.
    public func remove(_ leftover: Leftover, of key: PartitionKey) throws -> Bool {
        try reporting("clean up partition \(key)") {
            switch leftover.kind {
            case .staging, .unfinishedPublish: return try settle(key, leftover.writer)
            case .replaced: return try removeGarbage(of: leftover.writer, key)
            case .record: return try removeRecord(of: leftover.writer, key)
            case .held: return try heldStagings.drop(key, leftover.writer)
            case .batches: return try keptBatches.drop(key, leftover.writer)
            case .remains: return try FolderRemoval.finish(leftover.path)
            }
        }
    }

    private func settle(_ key: PartitionKey, _ writer: Writer) throws -> Bool {
        let before = try attemptEntries(of: key)
        guard before.entries.contains(where: { $0.writer == writer && $0 != .ended(writer) }) else { return false }
        let directory = layout.entry(key, .staging(writer))
        // It died before it made its folder, or was brought to an end in part; `discard` ends what has a folder.
        try FileSystem.ensureDirectory(directory, syncsParents: false)
        do {
            try discard(Staging(key: key, writer: writer, directory: directory))
        } catch let error as TableError where error.code == .busy {
            return false
        }
        return try removeRecord(of: writer, key) || true
    }

    /// Removes the name of an attempt that has ended, unless it is the partition's floor.
    private func removeRecord(of writer: Writer, _ key: PartitionKey) throws -> Bool {
        let standing = try standing(of: key)
        let others = standing.entries.map(\.writer).filter { $0 != writer } + Array(standing.visibleWriters)
        guard others.contains(where: { $0.fence > writer.fence }), standing.has(.ended(writer)) else { return false }
        try FileSystem.removeFile(layout.entry(key, .ended(writer)))
        return true
    }

    private func removeGarbage(of writer: Writer, _ key: PartitionKey) throws -> Bool {
        // Looked at again: meanwhile somebody may have brought the files back.
        let inventory = try inventory(key, standing(of: key))
        let garbage = try foundDataFiles(key).filter { $0.writer == writer && inventory.isGarbage($0) }
        for file in garbage { try FileSystem.removeFile(layout.root + "/" + file.path) }
        return !garbage.isEmpty
    }
}
