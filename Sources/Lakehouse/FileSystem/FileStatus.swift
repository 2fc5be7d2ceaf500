internal import Glibc

/// What a path is, and which version of it.
struct FileStatus: Hashable {
    /// The kinds that matter here.
    enum Kind: Hashable { case file, directory, link, other }

    let kind: Kind
    let device: UInt
    let inode: UInt
    let size: Int64
    let modifiedNanoseconds: Int64
    let owner: UInt32
    let mode: UInt32

    init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .link
            default: .other
            }
        device = UInt(status.st_dev)
        inode = UInt(status.st_ino)
        size = Int64(status.st_size)
        modifiedNanoseconds = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        owner = status.st_uid
        mode = status.st_mode & 0o7777
    }

    /// Whether both are the same file or folder, whatever it is called.
    func isSameNode(as other: FileStatus) -> Bool {
        device == other.device && inode == other.inode
    }
}
