internal import FaultPoints
internal import Glibc
internal import Partitions

extension HiveTable {
    /// Makes the staging folder the partition; false where a higher fence has taken it away.
    func exchange(_ staging: Staging) throws -> Bool {
        if let old = try DirectoryHandle.openIfPresent(layout.partition(staging.key)) {
            return try replace(old, staging)
        }
        return try create(staging)
    }

    /// Whether the attempt's staging has not been taken away.
    func isStill(_ staging: Staging) throws -> Bool {
        try FileSystem.status(of: staging.directory) != nil
    }

    private func create(_ staging: Staging) throws -> Bool {
        try faults.reached(.aboutToExchange)
        let failure = try FileSystem.expecting(ENOENT, EEXIST) { () throws(SystemCallError) in
            try FileSystem.renameToNew(staging.directory, to: layout.partition(staging.key))
        }
        if let failure {
            if try !isStill(staging) { return false }
            if failure.number == EEXIST { throw changedByOthers(staging, .nothingReplaced) }
            throw failure
        }
        try faults.reached(.exchanged)
        return true
    }

    private func replace(_ old: borrowing DirectoryHandle, _ staging: Staging) throws -> Bool {
        guard let ours = try FileSystem.status(of: staging.directory) else { return false }
        let before = try FolderContents(of: old)
        try faults.reached(.aboutToExchange)
        let failure = try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in
            try FileSystem.exchange(staging.directory, layout.partition(staging.key))
        }
        if failure != nil {
            if try !isStill(staging) { return false }
            throw changedByOthers(staging, .nothingReplaced)
        }
        try faults.reached(.exchanged)
        let cameOut = try FileSystem.status(of: staging.directory)
        let isExpected = cameOut?.isSameNode(as: before.folder) ?? true
        let after = try FolderContents(of: old)
        guard isExpected, after.isUnchanged(since: before) else { throw try takeBack(ours, staging) }
        return true
    }

    /// Undoes an exchange that swapped out what nobody had looked at: files that another program has just written.
    private func takeBack(_ ours: FileStatus, _ staging: Staging) throws -> TableError {
        let partition = layout.partition(staging.key)
        guard try FileSystem.status(of: partition)?.isSameNode(as: ours) == true else {
            return changedByOthers(staging, .replaced)
        }
        let failure = try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in
            try FileSystem.exchange(staging.directory, partition)
        }
        if failure != nil { return changedByOthers(staging, .replaced) }
        try failedSyncs.remembering(staging.writer) {
            try FileSystem.syncDirectory(layout.root)
            try FileSystem.syncDirectory(layout.stagings(staging.key))
        }
        return changedByOthers(staging, .nothingReplaced)
    }
}
