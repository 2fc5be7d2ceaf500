internal import Glibc
internal import Synchronization

/// An open folder.
///
/// It stays the same folder whatever happens to its name.
struct DirectoryHandle: ~Copyable {
    /// A name in a folder.
    struct Entry: Hashable {
        let name: String
        let kind: FileStatus.Kind
    }

    /// The path under which the folder was opened; its name may be another by now.
    let path: String
    private let descriptor: Int32
    private let isLocked = Atomic(false)

    /// Opens a folder.
    init(opening path: String) throws(SystemCallError) {
        let descriptor = try FileSystem.check("open", path) { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        self.path = path
        self.descriptor = descriptor
    }

    /// Opens a folder; nil where there is none of this name.
    static func openIfPresent(_ path: String) throws(SystemCallError) -> DirectoryHandle? {
        do {
            return try DirectoryHandle(opening: path)
        } catch  where error.number == ENOENT {
            return nil
        }
    }

    deinit {
        // A program that is being started may have a copy of the descriptor for a moment, and the lock with it.
        if isLocked.load(ordering: .relaxed) { _ = flock(descriptor, LOCK_UN) }
        close(descriptor)
    }

    /// Writes the folder's names to the disk.
    func sync() throws(SystemCallError) {
        let descriptor = descriptor
        try FileSystem.check("fsync", path) { fsync(descriptor) }
    }

    /// Takes the folder's lock until the handle goes; false where another handle has it.
    func tryLock() throws(SystemCallError) -> Bool {
        let descriptor = descriptor
        do {
            try FileSystem.check("flock", path) { flock(descriptor, LOCK_EX | LOCK_NB) }
            isLocked.store(true, ordering: .relaxed)
            return true
        } catch  where error.number == EWOULDBLOCK {
            return false
        }
    }

    /// The folder itself.
    func status() throws(SystemCallError) -> FileStatus {
        let descriptor = descriptor
        var status = stat()
        try FileSystem.check("fstat", path) { fstat(descriptor, &status) }
        return FileStatus(status)
    }

    /// Something in the folder, links not followed; nil where the name has gone.
    func status(of name: String) throws(SystemCallError) -> FileStatus? {
        let descriptor = descriptor
        var status = stat()
        do {
            try FileSystem.check("fstatat", path + "/" + name) {
                fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW)
            }
            return FileStatus(status)
        } catch  where error.number == ENOENT {
            return nil
        }
    }

    /// The names in the folder, sorted.
    func entries() throws(SystemCallError) -> [Entry] {
        var entries: [Entry] = []
        try forEachEntry { entry in
            entries.append(entry)
            return true
        }
        return entries.sorted { $0.name < $1.name }
    }

    /// Calls a closure for each name, in no order, until it returns false.
    func forEachEntry(_ body: (Entry) -> Bool) throws(SystemCallError) {
        let descriptor = descriptor
        // A descriptor of its own: a stream owns its descriptor and moves its position.
        let own = try FileSystem.check("openat", path) {
            openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        guard let stream = fdopendir(own) else {
            let error = SystemCallError.last("fdopendir", path)
            close(own)
            throw error
        }
        defer { closedir(stream) }
        while let (name, type) = try next(in: stream) {
            if name == "." || name == ".." { continue }
            guard let kind = try kind(of: name, type: type) else { continue }
            if !body(Entry(name: name, kind: kind)) { return }
        }
    }

    private func next(in stream: OpaquePointer) throws(SystemCallError) -> (String, UInt8)? {
        // readdir(3): the end and an error both return null; only an error sets errno.
        errno = 0
        guard let entry = readdir(stream) else {
            if errno == 0 { return nil }
            throw SystemCallError.last("readdir", path)
        }
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return (name, entry.pointee.d_type)
    }

    private func kind(of name: String, type: UInt8) throws(SystemCallError) -> FileStatus.Kind? {
        switch Int(type) {
        case Int(DT_REG): .file
        case Int(DT_DIR): .directory
        case Int(DT_LNK): .link
        // Some file systems do not tell the kind with the name.
        case Int(DT_UNKNOWN): try status(of: name)?.kind
        default: .other
        }
    }
}
