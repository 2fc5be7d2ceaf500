internal import Foundation
internal import Glibc
internal import Synchronization

/// The folder into which an engine of this process puts what does not fit into memory.
///
/// Its lock is what tells the folder of a living process from one that a dead process left: the kernel gives it back
/// however the process ends. Process numbers would not do, since they come back and differ from container to container.
final class SpillFolder: Sendable {
    /// Only folders of this name are ever taken for garbage, because only their owners hold the lock.
    static let prefix = "reprocess-spill-"

    let path: String
    private let descriptor: Int32

    /// The folders of this process that are there.
    private static let present = Mutex<Set<String>>([])
    /// A process may end while something still holds its engine, whose folder nobody would remove then.
    private static let removal: Void = {
        atexit {
            for path in SpillFolder.present.withLock({ $0 }) { rmdir(path) }
        }
    }()

    /// Makes a folder and locks it; nil where that cannot be done, and an engine must do without.
    init?(in parent: String) {
        // Another process may clean up between the two steps; then there is a new name.
        for _ in 0..<8 {
            let candidate = "\(parent)/\(SpillFolder.prefix)\(UUID().uuidString.lowercased())"
            guard mkdir(candidate, 0o700) == 0 else { return nil }
            if let descriptor = SpillFolder.lock(candidate) {
                path = candidate
                self.descriptor = descriptor
                SpillFolder.removal
                _ = SpillFolder.present.withLock { $0.insert(candidate) }
                return
            }
        }
        return nil
    }

    deinit {
        // DuckDB has removed its files. Where something else is in the way, cleaning finds it.
        rmdir(path)
        close(descriptor)
        _ = SpillFolder.present.withLock { $0.remove(path) }
    }

    /// Opens a folder and takes its lock; nil where another process has it, or removed the folder meanwhile.
    static func lock(_ path: String) -> Int32? {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        var opened = stat()
        var named = stat()
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &opened) == 0, lstat(path, &named) == 0,
            opened.st_ino == named.st_ino, opened.st_dev == named.st_dev
        else {
            close(descriptor)
            return nil
        }
        return descriptor
    }
}
