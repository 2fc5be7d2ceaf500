internal import Glibc

/// How a folder goes that is taken for whole as long as it has its name: it is renamed first, so that a removal which is
/// interrupted leaves nothing that looks whole.
enum FolderRemoval {
    /// What its name ends with from then on.
    private static let suffix = ".removing"

    /// The name that a folder had, and whether its removal has begun.
    static func name(of entry: String) -> (name: String, hasBegun: Bool) {
        entry.hasSuffix(suffix) ? (String(entry.dropLast(suffix.count)), true) : (entry, false)
    }

    /// Removes a folder; false where there is none, or another process removes it as well.
    static func remove(_ path: String, afterRename: () throws -> Void = {}) throws -> Bool {
        let doomed = path + suffix
        let missing = try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in
            try FileSystem.rename(path, to: doomed)
        }
        guard missing == nil else { return false }
        try afterRename()
        return try finish(doomed)
    }

    /// Removes what a removal has left; false where another process does it as well.
    static func finish(_ path: String) throws -> Bool {
        try FileSystem.expecting(ENOENT) { () throws(SystemCallError) in try FileSystem.removeTree(path) } == nil
    }
}
