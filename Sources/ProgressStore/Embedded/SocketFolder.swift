internal import Foundation

/// The private folder that holds a server's socket.
///
/// A socket's path may have 107 bytes (unix(7)), so it cannot be below a project's folder, which may be anywhere. It is
/// not below `XDG_RUNTIME_DIR` either: that folder goes when the user logs out, and runs go on.
enum SocketFolder {
    /// Makes the folder for a server whose files are in `home`, or finds the one of an earlier start.
    ///
    /// Anybody may make a folder of that name in `/tmp` first. One that is not the server's own is not used: a random
    /// name takes its place, which the others read from the server's `postmaster.pid`.
    static func make(for home: String, user: ServerUser, parent: String = "/tmp") throws(LedgerError) -> String {
        var identity = stat()
        guard stat(home, &identity) == 0 else { throw ClusterFolder.unusable(home) }
        let hash = stableHash("\(home)/\(identity.st_dev)/\(identity.st_ino)")
        let name = "\(parent)/reprocess-\(user.uid)-\(hash)"
        if mkdir(name, 0o700) == 0 || isPrivate(name, of: user) {
            clear(name)
            return try give(name, to: user)
        }
        var template = Array("\(parent)/reprocess-\(user.uid)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw LedgerError(
                .cluster, "No folder for the ledger's socket can be made in \(parent): \(systemMessage()).")
        }
        return try give(String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self), to: user)
    }

    /// Takes away what a killed server has left; the folder of one that lives is never made again.
    static func clear(_ folder: String) {
        for name in [".s.PGSQL.5432", ".s.PGSQL.5432.lock"] { unlink("\(folder)/\(name)") }
    }

    private static func give(_ folder: String, to user: ServerUser) throws(LedgerError) -> String {
        guard !user.needsSwitch || lchown(folder, user.uid, user.gid) == 0 else {
            throw LedgerError(.cluster, "\(folder) cannot be given to user \(user.name): \(systemMessage()).")
        }
        return folder
    }

    private static func isPrivate(_ folder: String, of user: ServerUser) -> Bool {
        var found = stat()
        guard lstat(folder, &found) == 0 else { return false }
        let isOwned = found.st_uid == user.uid || found.st_uid == geteuid()
        return found.st_mode & S_IFMT == S_IFDIR && isOwned && found.st_mode & 0o077 == 0
    }

    /// FNV-1a, 64 bits: the same in every process, unlike Swift's own hashes.
    static func stableHash(_ text: String) -> String {
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(hash, radix: 36)
    }
}
