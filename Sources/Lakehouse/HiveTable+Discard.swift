internal import FaultPoints
internal import Partitions

extension HiveTable {
    /// Removes a staging that will not be published.
    ///
    /// The empty folder stays, because its name is the fence. What a publish swapped out is never removed here.
    public func discard(_ staging: Staging) throws {
        try reporting("discard the staging of partition \(staging.key)") {
            guard staging.directory == layout.entry(staging.key, .staging(staging.writer)) else {
                throw strange(staging)
            }
            guard let folder = try DirectoryHandle.openIfPresent(staging.directory) else { return }
            guard try folder.tryLock() else { throw busy(staging) }
            let record = try record(of: staging.writer, staging.key)
            let contents = try FolderContents(of: folder)
            if let record, !contents.writers.contains(staging.writer) {
                try finish(record, staging.key)
                return try archive(staging.key, from: staging.directory, replacedBy: staging.writer)
            }
            if let record { try FileSystem.removeFile(layout.entry(staging.key, .record(record))) }
            try faults.reached(.discarding)
            for entry in contents.entries { try FileSystem.remove(entry, in: staging.directory) }
        }
    }
}
