internal import FaultPoints
internal import Glibc
internal import Partitions

extension DeltaTable {
    /// Takes away an attempt's log entry, and clears what it left.
    ///
    /// The rename is the moment from which the attempt cannot commit: its own rename, into the log, looks the same name up
    /// in the same folder, and the kernel changes a folder's entries one at a time.
    func revoke(_ key: PartitionKey, _ lower: Writer) throws {
        if try takeAway(key, lower) { try faults.reached(.stagingRevoked) }
        // Read anew: the attempt may have committed, or others may have cleared it, since it was first seen.
        let standing = try attemptEntries(of: key)
        try takeAwayGroups(of: lower, standing)
        if try standing.has(.revoked(lower)) && !hasCommitted(lower, key) {
            try removeDataFiles(of: lower, key)
        } else if !standing.has(.ended(lower)) {
            // It has committed, and nobody has said that this is durable.
            try syncLog(for: lower)
        }
        try removeRemains(of: lower, key, standing)
    }

    /// Renames the file that would become the log entry; false where it has gone: committed, or taken away before.
    func takeAway(_ key: PartitionKey, _ writer: Writer) throws -> Bool {
        try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in
            try FileSystem.rename(layout.entry(key, .commit(writer)), to: layout.entry(key, .revoked(writer)))
        } == nil
    }

    /// Takes away every file that would commit an attempt together with others.
    ///
    /// Only after the attempt's own name was taken away: whoever puts it into a group makes the mark first and looks for
    /// that name afterwards, so either the mark is seen here, or it is seen there that the name has gone.
    func takeAwayGroups(of writer: Writer, _ standing: DeltaStanding) throws {
        for group in standing.groups(of: writer) { try FileSystem.removeFile(layout.group(group)) }
    }

    /// Whether the log may know the data files of an attempt that can commit no more.
    ///
    /// The names alone do not say it: a group commits its members without moving their own files.
    func hasCommitted(_ writer: Writer, _ key: PartitionKey) throws -> Bool {
        guard let table = try look(at: key).table else { return false }
        if let fence = table.committedFence, fence >= writer.fence { return true }
        return table.partition.contains {
            PublishedFileName(Path.name(of: DeltaPath.canonical($0.path)))?.writer == writer
        }
    }

    /// Removes the data files of an attempt that can never commit them.
    func removeDataFiles(of writer: Writer, _ key: PartitionKey) throws {
        for file in try dataFiles(of: writer, key) { try FileSystem.removeFile(layout.root + "/" + file) }
    }

    /// The files that an attempt has moved into the table's folder, by their paths below it.
    func dataFiles(of writer: Writer, _ key: PartitionKey) throws -> [String] {
        var found: [String] = []
        var open = [layout.dataFolder(key)]
        while let folder = open.popLast() {
            guard let handle = try DirectoryHandle.openIfPresent(layout.root + "/" + folder) else { continue }
            for entry in try handle.entries() {
                let path = folder + "/" + entry.name
                if entry.kind == .directory {
                    open.append(path)
                } else if PublishedFileName(entry.name)?.writer == writer {
                    found.append(path)
                }
            }
        }
        return found.sorted()
    }

    /// Brings every name in the log to the disk.
    func syncLog(for writer: Writer) throws { try syncLog(for: [writer]) }

    /// Brings every name in the log to the disk, on behalf of all that were committed by it.
    func syncLog(for writers: [Writer]) throws {
        try failedSyncs.remembering(writers) {
            // Where there is no log, nobody has committed.
            _ = try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in
                try FileSystem.syncDirectory(layout.log)
            }
        }
    }

    /// Removes the names of an attempt that is over.
    func removeRemains(of lower: Writer, _ key: PartitionKey, _ standing: DeltaStanding) throws {
        // It may have gone: another attempt with a higher fence clears the same.
        _ = try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in
            try FileSystem.removeTree(layout.entry(key, .staging(lower)))
        }
        if let base = standing.base(of: lower) { try FileSystem.removeFile(layout.entry(key, .base(lower, base))) }
        for group in standing.groups(of: lower) { try FileSystem.removeFile(layout.entry(key, .joins(lower, group))) }
        try FileSystem.removeFile(layout.entry(key, .ended(lower)))
        // Last: until then it says that the attempt's data files are garbage.
        try FileSystem.removeFile(layout.entry(key, .revoked(lower)))
    }
}
