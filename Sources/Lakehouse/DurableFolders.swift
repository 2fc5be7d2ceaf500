internal import Synchronization

/// The folders of a table that this process knows to be on the disk, name included.
final class DurableFolders: Sendable {
    private let known = Mutex<Set<String>>([])

    /// Makes a folder unless it is there, and syncs its parent, once in a process.
    ///
    /// The sync is needed also where the folder is there: whoever made it may not have come to it yet.
    func ensure(_ path: String) throws {
        try known.withLock { known in
            if known.contains(path) { return }
            try FileSystem.ensureDirectory(path)
            try FileSystem.syncDirectory(Path.parent(of: path))
            known.insert(path)
        }
    }
}

/// The attempts for which the disk failed to confirm a write.
///
/// After a failed sync the kernel takes the lost pages for clean, so a second sync would succeed without having written
/// anything (fsync(2), NOTES). Such an attempt can never publish again in this process.
final class FailedSyncs: Sendable {
    private let writers = Mutex<Set<Writer>>([])

    /// Runs syncs on behalf of an attempt and remembers a failure.
    func remembering(_ writer: Writer, _ body: () throws -> Void) throws { try remembering([writer], body) }

    /// Runs syncs on behalf of several attempts and remembers a failure of each.
    func remembering(_ writers: [Writer], _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as SystemCallError where error.call == "fsync" {
            self.writers.withLock { $0.formUnion(writers) }
            throw error
        }
    }

    /// Throws where an earlier sync of the attempt failed.
    func check(_ writer: Writer) throws {
        guard writers.withLock({ $0.contains(writer) }) else { return }
        throw TableError(
            .io,
            """
            An earlier write of attempt \(writer.name) could not be confirmed by the disk, so it is not tried again. \
            Check the disk and the kernel's log, then run the partition anew.
            """)
    }
}
