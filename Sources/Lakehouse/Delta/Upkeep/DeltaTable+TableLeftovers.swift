internal import Glibc

extension DeltaTable {
    /// What nobody needs any more of the table as a whole: checkpoints of dead processes, and a log past its retention.
    public func tableLeftovers() throws -> [TableLeftover] {
        try reporting("look for what is left of \(layout.root)") {
            var found: [TableLeftover] = []
            if let folder = try DirectoryHandle.openIfPresent(layout.checkpoints), try folder.tryLock() {
                var size = TreeSize()
                try size.add(layout.checkpoints)
                if size.files > 0 {
                    found.append(
                        TableLeftover(
                            kind: .abandonedCheckpoint, path: layout.checkpoints, files: size.files, bytes: size.bytes))
                }
            }
            let groups = try abandonedGroups()
            if !groups.isEmpty {
                found.append(
                    TableLeftover(
                        kind: .abandonedGroup, path: layout.groups, files: groups.count,
                        bytes: groups.reduce(0) { $0 + $1.status.size }))
            }
            if let expired = try expiredLog() {
                found.append(
                    TableLeftover(
                        kind: .expiredLog, path: layout.log, files: expired.entries.count,
                        bytes: expired.entries.reduce(0) { $0 + $1.size }))
            }
            return found
        }
    }

    /// Removes such a leftover; false where somebody else has done it, or is at it.
    public func remove(_ leftover: TableLeftover) throws -> Bool {
        try reporting("clean up \(layout.root)") {
            switch leftover.kind {
            case .abandonedCheckpoint: return try removeAbandonedCheckpoint()
            case .abandonedGroup: return try removeAbandonedGroups()
            case .expiredLog: return try removeExpiredLog()
            }
        }
    }

    private func removeAbandonedCheckpoint() throws -> Bool {
        guard let folder = try DirectoryHandle.openIfPresent(layout.checkpoints), try folder.tryLock() else {
            return false
        }
        let entries = try folder.entries()
        for entry in entries { try FileSystem.remove(entry, in: layout.checkpoints) }
        return !entries.isEmpty
    }

    /// The files of groups that were made long ago.
    ///
    /// A group lasts for milliseconds. Where one of these is alive after all, it falls apart without its file, and its
    /// members commit by another.
    private func abandonedGroups() throws -> [(path: String, status: FileStatus)] {
        guard let folder = try DirectoryHandle.openIfPresent(layout.groups) else { return [] }
        let latest = clock() - DeltaTable.longestGroup
        return try folder.entries().compactMap { entry in
            guard entry.kind == .file, let status = try folder.status(of: entry.name),
                status.modifiedNanoseconds / 1_000_000 < latest
            else { return nil }
            return (layout.groups + "/" + entry.name, status)
        }
    }

    /// An hour, in milliseconds.
    private static let longestGroup: Int64 = 3_600_000

    private func removeAbandonedGroups() throws -> Bool {
        let groups = try abandonedGroups()
        for group in groups { try FileSystem.removeFile(group.path) }
        return !groups.isEmpty
    }

    /// What of the log may go; nil where nothing may, or where that is not certain.
    private func expiredLog() throws -> ExpiredLog? {
        let oldest: Int64? = try log.withLatest { replay in
            guard let replay, let metadata = replay.metadata else { return nil }
            // The check of the protocol that whoever removes files must make.
            _ = try checkedColumn(of: replay, metadata)
            // The times of commits are within the entries then, and not those of the files.
            guard metadata.property("delta.enableInCommitTimestamps")?.lowercased() != "true" else { return nil }
            let properties = DeltaProperties(metadata)
            guard properties.removesExpiredLog, let retention = properties.logRetention else { return nil }
            return clock() - retention
        }
        guard let oldest, let folder = try DirectoryHandle.openIfPresent(layout.log) else { return nil }
        var names: [ExpiredLog.Entry] = []
        for entry in try folder.entries() {
            // Checkpoints share sidecars, and other programs know better which of these nobody needs.
            if entry.name == "_sidecars" || entry.name == "_staged_commits" { return nil }
            guard entry.kind == .file, let status = try folder.status(of: entry.name) else { continue }
            names.append(
                ExpiredLog.Entry(
                    name: entry.name, size: status.size, modified: status.modifiedNanoseconds / 1_000_000))
        }
        return ExpiredLog(names, keepingSince: oldest)
    }

    private func removeExpiredLog() throws -> Bool {
        guard let expired = try expiredLog() else { return false }
        // From now on everything depends on this checkpoint, so it is read before anything goes.
        var replay = LogReplay(columnName: layout.column)
        guard try CheckpointReader(folder: layout.log).read(expired.checkpoint, into: &replay), replay.protocol != nil,
            replay.metadata != nil
        else { return false }
        for part in expired.checkpoint { try FileSystem.syncFile(layout.log + "/" + part.name) }
        try FileSystem.syncDirectory(layout.log)
        for entry in expired.entries { try FileSystem.removeFile(layout.log + "/" + entry.name) }
        return true
    }
}
