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
    /// An attempt names its files and writes its record before it exchanges. So a record and no file of the attempt mean
    /// that the folder holds the replaced generation, which is kept; everything else was never visible.
    private func settleRevoked(_ key: PartitionKey, _ lower: Writer) throws {
        let path = layout.entry(key, .revoked(lower))
        guard let folder = try DirectoryHandle.openIfPresent(path) else { return }
        let contents = try FolderContents(of: folder)
        let record = try record(of: lower, key)
        if let record, !contents.writers.contains(lower) {
            try finish(record, key)
            try archive(key, from: path, replacedBy: lower)
        } else {
            // The record goes first: without it the folder is garbage for whoever looks next, should this process die.
            if let record { try FileSystem.removeFile(layout.entry(key, .record(record))) }
            try removeGarbage(path)
        }
    }

    /// Brings a publish to its end that created the partition: its exchange leaves no folder behind.
    private func settleRecord(_ key: PartitionKey, _ lower: Writer) throws {
        guard let record = try record(of: lower, key), try visible(key)?.soleWriter == lower else { return }
        try finish(record, key)
    }

    private func removeGarbage(_ path: String) throws {
        // It may have gone: another attempt with a higher fence clears the same folder.
        _ = try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in try FileSystem.removeTree(path) }
    }
}
