internal import CLinux
internal import Glibc

/// The system calls that a table needs, with their errors typed and interrupted calls repeated.
enum FileSystem {
    /// Runs a call that answers -1 on failure, again as long as a signal interrupts it.
    @discardableResult
    static func check(
        _ call: String, _ path: String, _ body: () -> Int32
    ) throws(SystemCallError) -> Int32 {
        while true {
            let result = body()
            if result != -1 {
                #if DEBUG
                    SystemCallTrace.observer?(call, path)
                #endif
                return result
            }
            let error = SystemCallError.last(call, path)
            if error.number != EINTR { throw error }
        }
    }

    /// Runs calls of which some failures are answers: returns such an error, nil where there is none, throws any other.
    static func expecting(
        _ numbers: Int32..., body: () throws(SystemCallError) -> Void
    ) throws(SystemCallError) -> SystemCallError? {
        do {
            try body()
            return nil
        } catch  where numbers.contains(error.number) {
            return error
        }
    }

    /// Makes a folder; its parent must exist.
    static func makeDirectory(_ path: String) throws(SystemCallError) {
        try check("mkdir", path) { mkdir(path, 0o777) }
    }

    /// Makes a folder unless it is there, with the parents that are missing, and syncs the parent of each one made.
    static func ensureDirectory(_ path: String, syncsParents: Bool = true) throws(SystemCallError) {
        do {
            try makeDirectory(path)
        } catch  where error.number == EEXIST {
            return
        } catch  where error.number == ENOENT {
            try ensureDirectory(Path.parent(of: path), syncsParents: syncsParents)
            return try ensureDirectory(path, syncsParents: syncsParents)
        }
        if syncsParents { try syncDirectory(Path.parent(of: path)) }
    }

    /// Removes an empty folder; false where it is not empty or not there.
    @discardableResult
    static func removeEmptyDirectory(_ path: String) throws(SystemCallError) -> Bool {
        do {
            try check("rmdir", path) { rmdir(path) }
            return true
        } catch  where [ENOENT, ENOTEMPTY, EEXIST].contains(error.number) {
            return false
        }
    }

    /// Removes a file; one that is not there is fine.
    static func removeFile(_ path: String) throws(SystemCallError) {
        do {
            try check("unlink", path) { unlink(path) }
        } catch  where error.number == ENOENT {
            return
        }
    }

    /// Removes a folder with everything in it, without following symbolic links.
    static func removeTree(_ path: String) throws(SystemCallError) {
        for entry in try DirectoryHandle(opening: path).entries() { try remove(entry, in: path) }
        try removeEmptyDirectory(path)
    }

    /// Removes something in a folder, whatever it is.
    static func remove(_ entry: DirectoryHandle.Entry, in folder: String) throws(SystemCallError) {
        let path = folder + "/" + entry.name
        if entry.kind == .directory {
            try removeTree(path)
        } else {
            try removeFile(path)
        }
    }

    /// Makes an empty file; one that is there stays as it is.
    static func touch(_ path: String) throws(SystemCallError) {
        let descriptor = try check("open", path) { open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666) }
        close(descriptor)
    }

    /// Writes other contents into a file that is there; one that is not there is not made.
    static func overwrite(_ path: String, with bytes: [UInt8]) throws(SystemCallError) {
        let descriptor = try check("open", path) { open(path, O_WRONLY | O_TRUNC | O_CLOEXEC) }
        defer { close(descriptor) }
        try writeAll(bytes, to: descriptor, path)
    }

    /// Writes bytes to an open file, all of them.
    static func writeAll(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(SystemCallError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                throw SystemCallError.last("write", path)
            }
        }
    }

    /// Renames; an existing file or empty folder of the new name is replaced.
    static func rename(_ from: String, to: String) throws(SystemCallError) {
        try check("rename", from) { Glibc.rename(from, to) }
    }

    /// Renames to a name that must not exist yet.
    static func renameToNew(_ from: String, to: String) throws(SystemCallError) {
        try check("renameat2(RENAME_NOREPLACE)", to) { reprocess_rename_noreplace(from, to) }
    }

    /// Lets two folders trade places in one step that no reader sees half of.
    static func exchange(_ one: String, _ other: String) throws(SystemCallError) {
        try check("renameat2(RENAME_EXCHANGE)", other) { reprocess_rename_exchange(one, other) }
    }

    /// Writes what the kernel holds of a file to the disk.
    static func syncFile(_ path: String) throws(SystemCallError) {
        let descriptor = try check("open", path) { open(path, O_RDONLY | O_CLOEXEC) }
        defer { close(descriptor) }
        try check("fsync", path) { fsync(descriptor) }
    }

    /// Writes a folder's names to the disk.
    static func syncDirectory(_ path: String) throws(SystemCallError) {
        let folder = try DirectoryHandle(opening: path)
        try folder.sync()
    }

    /// The id of the mount on which a path lies; 0 where the kernel does not tell.
    static func mountID(of path: String) throws(SystemCallError) -> UInt64 {
        var id: UInt64 = 0
        try check("statx", path) { reprocess_mount_id(path, &id) }
        return id
    }

    /// What a path is; nil where there is nothing.
    static func status(of path: String, followingLinks: Bool = true) throws(SystemCallError) -> FileStatus? {
        var status = stat()
        do {
            try check("stat", path) { followingLinks ? stat(path, &status) : lstat(path, &status) }
            return FileStatus(status)
        } catch  where error.number == ENOENT {
            return nil
        }
    }

    /// Whether this process, by its effective user, may make and rename entries in a folder.
    static func checkWritableDirectory(_ path: String) throws(SystemCallError) {
        try check("access", path) { faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) }
    }
}
