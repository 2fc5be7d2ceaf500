internal import Glibc
internal import Partitions

extension DeltaTable {
    /// Removes a staging that will not be published.
    ///
    /// An empty file stays, because its name is the fence. What has been committed stays, too.
    public func discard(_ staging: Staging) throws {
        try reporting("discard the staging of partition \(staging.key)") {
            guard staging.directory == layout.entry(staging.key, .staging(staging.writer)) else {
                throw strange(staging)
            }
            guard let folder = try DirectoryHandle.openIfPresent(staging.directory) else { return }
            guard try folder.tryLock() else { throw busy(staging) }
            let isOurs = try takeAway(staging.key, staging.writer)
            let standing = try attemptEntries(of: staging.key)
            try takeAwayGroups(of: staging.writer, standing)
            let isRevoked = isOurs || standing.has(.revoked(staging.writer))
            if try isRevoked && !hasCommitted(staging.writer, staging.key) {
                try removeDataFiles(of: staging.writer, staging.key)
            } else {
                try syncLog(for: staging.writer)
            }
            try end(staging, standing)
        }
    }

    /// Says that an attempt has ended, and removes what it does not need any more.
    func end(_ staging: Staging, _ standing: DeltaStanding) throws {
        begunColumns.forget(staging.writer)
        try markEnded(staging, standing)
        // It may have gone: a higher fence clears the same.
        _ = try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in
            try FileSystem.removeTree(staging.directory)
        }
        // What was committed with others still has its own name, and the mark of the group.
        try FileSystem.removeFile(layout.entry(staging.key, .commit(staging.writer)))
        for group in standing.groups(of: staging.writer) {
            try FileSystem.removeFile(layout.entry(staging.key, .joins(staging.writer, group)))
        }
        try FileSystem.removeFile(layout.entry(staging.key, .revoked(staging.writer)))
    }

    /// Turns the name that says what the partition was into the one that says that the attempt has ended.
    ///
    /// A file that is renamed costs less than one that is made and another that is removed.
    private func markEnded(_ staging: Staging, _ standing: DeltaStanding) throws {
        let ended = layout.entry(staging.key, .ended(staging.writer))
        if let base = standing.base(of: staging.writer) {
            let gone = try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in
                try marks.rename(layout.entry(staging.key, .base(staging.writer, base)), to: ended)
            }
            if gone == nil { return }
        }
        try marks.make(ended)
    }
}
