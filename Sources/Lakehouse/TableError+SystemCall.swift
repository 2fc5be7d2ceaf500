internal import Glibc

/// Runs a body and turns its system calls' errors into sentences.
func reporting<Result>(_ purpose: @autoclosure () -> String, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as SystemCallError {
        throw TableError(error, purpose: purpose())
    }
}

extension TableError {
    /// Describes a failed system call: what was wanted, the path, the reason, and what to do.
    init(_ error: SystemCallError, purpose: String) {
        let (code, advice) = TableError.advice(for: error)
        self.init(code, "Cannot \(purpose): \(error.call) of \(error.path) failed: \(error.reason). \(advice)")
    }

    private static func advice(for error: SystemCallError) -> (Code, String) {
        switch error.number {
        case ENOSPC, EDQUOT:
            (.diskFull, "Free space or raise the quota there, then run the partition again.")
        case EROFS:
            (.notWritable, "The file system is mounted read-only: mount it for writing.")
        case EACCES, EPERM:
            (.notWritable, "\(Permissions.describe(error.path)) Give that user the right to write there.")
        case EXDEV:
            (.refused, "The table and its sibling folder lie on different mounts: put both on one file system.")
        case EINVAL, ENOSYS, EOPNOTSUPP:
            (
                .refused,
                "The file system there cannot do this: put the table on a local file system such as ext4 or XFS."
            )
        case ENOTDIR:
            (.refused, "Something that is not a folder is in the way: move it.")
        case ENOENT:
            (.io, "Something else removed it: find out what cleans up there, then try again.")
        case EIO where error.call == "fsync":
            (.io, "The disk did not confirm the write. Check the disk and the kernel's log before anything else.")
        default:
            (.io, "Look at the path and try again.")
        }
    }
}
