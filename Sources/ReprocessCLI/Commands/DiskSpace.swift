internal import Foundation
internal import Glibc

/// How much room a table's disk has.
enum DiskSpace {
    /// Less than this is worth a word: a stage keeps a second copy of each partition in work.
    private static let little: Int64 = 1_000_000_000

    /// Examines the file system of a folder, or of the nearest folder above it that is there (statvfs(3)).
    static func examine(_ path: String) -> Finding.Outcome {
        var folder = path
        while folder != "/", !FileManager.default.fileExists(atPath: folder) { folder = Path.parent(of: folder) }
        var facts = statvfs()
        guard statvfs(folder, &facts) == 0 else {
            return .warning("the room in '\(folder)' cannot be told: \(String(cString: strerror(errno)))")
        }
        let free = Int64(clamping: UInt64(facts.f_bavail) * UInt64(facts.f_frsize))
        let text = "\(ByteCountText.describe(free)) free"
        if free == 0 { return .bad("no room is left in '\(folder)': make some, or move the target") }
        return free < little ? .warning(text + "; each partition in work needs room for a second copy") : .good(text)
    }
}
