internal import Glibc
internal import Synchronization

/// Makes files of which the name says everything; most become one more name of a file that this process made before.
///
/// A name costs an entry in its folder. A file of its own costs an inode as well, and ext4 without a journal looks for one
/// among all that were removed within the last minute, which takes a quarter of a millisecond after a thousand of them.
final class EmptyFiles: Sendable {
    /// A name of an empty file that was there when it was last heard of.
    private let known = Mutex<String?>(nil)

    /// Makes an empty file, unless there is one of that name.
    func make(_ path: String) throws(SystemCallError) {
        if try linked(path) { return }
        try FileSystem.touch(path)
        note(path)
    }

    /// Gives an empty file another name, also where that one is there.
    func rename(_ path: String, to name: String) throws(SystemCallError) {
        try FileSystem.rename(path, to: name)
        // Where both are names of one file, a rename leaves both (POSIX, "rename").
        try FileSystem.removeFile(path)
        note(name)
    }

    /// Takes note of a name that an empty file has now.
    func note(_ path: String) { known.withLock { $0 = path } }

    /// Gives the known file the name; false where that cannot be done.
    private func linked(_ path: String) throws(SystemCallError) -> Bool {
        guard let source = known.withLock({ $0 }) else { return false }
        // The known name has gone, the file has as many names as it can, or the file system has one name for each file. What
        // else is wrong with the new name, making a file will find out.
        let refusal = try FileSystem.expecting(
            EEXIST, ENOENT, EMLINK, EPERM, EACCES, EXDEV, EOPNOTSUPP, ENOSYS
        ) { () throws(SystemCallError) in try FileSystem.link(source, as: path) }
        return refusal == nil || refusal?.number == EEXIST
    }
}
