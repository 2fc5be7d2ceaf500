internal import FaultPoints
internal import Glibc
internal import Partitions

extension HiveTable {
    /// Takes away an attempt's staging, and settles what it left.
    ///
    /// The rename is the moment from which the attempt cannot publish: source and new name are entries of one folder, as
    /// is the name that its exchange looks up, and the kernel changes a folder's entries one at a time. Only after it can
    /// the contents be judged.
    func revoke(_ key: PartitionKey, _ lower: Writer) throws {
        try settleRevoked(key, lower)
        if try takeAway(key, lower) {
            try faults.reached(.stagingRevoked)
            try settleRevoked(key, lower)
        }
        try settleRecord(key, lower)
    }

    private func takeAway(_ key: PartitionKey, _ lower: Writer) throws -> Bool {
        try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in
            try FileSystem.renameToNew(layout.entry(key, .staging(lower)), to: layout.entry(key, .revoked(lower)))
        } == nil
    }

    /// Judges a revoked folder: it is what the attempt staged, or what its exchange swapped out.
    ///
    /// An attempt names its files and writes its record before it exchanges. So a record and files that are all of
    /// others mean that the folder holds the replaced generation, which is kept; everything else was never visible. The
    /// record is read first: the attempt may still be naming its files, and write a record that is none of an exchange.
    ///
    /// An empty folder tells nothing: whoever cleared it may have died at it, and the attempt, if it was stopped before
    /// that, may have written its record since. Then what readers see decides about the record.
    private func settleRevoked(_ key: PartitionKey, _ lower: Writer) throws {
        let path = layout.entry(key, .revoked(lower))
        guard let folder = try DirectoryHandle.openIfPresent(path) else { return }
        // A record that the attempt settles during a listing may be missing in it, under both names, but not in the next.
        let record = try record(of: lower, key) ?? record(of: lower, key)
        let contents = try FolderContents(of: folder)
        if let record, !contents.nodes.isEmpty, !contents.writers.contains(lower) {
            try finish(record, key)
            try archive(key, from: path, replacedBy: lower)
        } else {
            // The record goes first: without it the folder is garbage for whoever looks next, should this process die.
            if let record, !contents.nodes.isEmpty { try FileSystem.removeFile(layout.entry(key, .record(record))) }
            try removeGarbage(path)
        }
    }

    /// Settles a record that has no folder any more: of a publish that created the partition, whose exchange leaves none
    /// behind, or of an attempt that wrote it when its staging had been taken away already.
    private func settleRecord(_ key: PartitionKey, _ lower: Writer) throws {
        guard let record = try record(of: lower, key), record.state == .publishing else { return }
        if try visible(key)?.writers.contains(lower) == true {
            try finish(record, key)
        } else {
            try FileSystem.removeFile(layout.entry(key, .record(record)))
        }
    }

    private func removeGarbage(_ path: String) throws {
        // It may have gone: another attempt with a higher fence clears the same folder.
        _ = try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in try FileSystem.removeTree(path) }
    }
}
